"""What a task stands on: its base sandbox, and whether anything can be run there at all."""
