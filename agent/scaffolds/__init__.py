"""How a trajectory works: one file or folder each."""
