"""Runs it: splits, the pipeline of one task, batch, run store, grading, reports, the command line."""

__version__ = "0.1.0"
