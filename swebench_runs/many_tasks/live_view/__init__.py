"""What a run looks like while it runs."""
