"""Images of tasks: the names of published ones, and what ours are built from."""
