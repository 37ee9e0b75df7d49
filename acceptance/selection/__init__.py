"""Choosing among real, graded patches."""
