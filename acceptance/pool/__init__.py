"""The stored pool of trajectories, and every figure made of it."""
