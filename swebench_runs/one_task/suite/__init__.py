"""A suite that is too long: which of its tests come first, and when the rest is run."""
