"""Evidence of a bug as a user would meet it: one call of the public API, what came back, what was expected."""

from environments.synthesis.evidence.finding import Answer, Example, find_example

__all__ = ["Answer", "Example", "find_example"]
