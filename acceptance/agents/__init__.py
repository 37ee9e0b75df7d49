"""Trajectories: with tools, beside mini-swe-agent, on rows of Lite; forms in which the embedded model samples."""
