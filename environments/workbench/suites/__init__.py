"""Runs of a repository's own tests: pytest's or its own runner's, whole or as far as they came."""
