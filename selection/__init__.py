"""Reads the ballot: clustering, rules, the run-off, stopping."""
