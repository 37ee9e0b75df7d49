"""Evidence of a bug as a user would meet it: one call of the public API, what came back, what was expected."""
