"""A long run with a fault every few seconds: nothing lost, doubled or leaked; see ``__main__``."""
