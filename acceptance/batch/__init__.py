"""Runs of many tasks: killed and resumed, under load, on several nodes."""
