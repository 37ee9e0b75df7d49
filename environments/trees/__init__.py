"""A task's tree: where it comes from, as one commit, and how patches are laid on it."""
