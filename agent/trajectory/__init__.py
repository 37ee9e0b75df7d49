"""One trajectory: its effects on record and budgeted, and why it ended."""
