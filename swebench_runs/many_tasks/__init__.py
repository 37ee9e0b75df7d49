"""A run over many tasks: at once, watched, interrupted."""
