"""Figures of a run: metrics and reports."""
