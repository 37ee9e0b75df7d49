"""Answers issues on GitHub (not built yet: nothing here is called)."""
