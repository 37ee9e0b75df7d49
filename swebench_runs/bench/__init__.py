"""Measurements of Runoff itself."""
