"""Choosing among real, graded patches by running them: the draw, the runs, and every rule replayed over them."""
