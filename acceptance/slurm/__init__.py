"""Debian's SLURM in a folder of its own, two nodes of it, and the scripts of docs/cluster on them; see ``measure``."""
