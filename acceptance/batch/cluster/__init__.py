"""Runs on several nodes: Ray on loopback, and SLURM."""
