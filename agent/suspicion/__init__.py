"""A static look at a change: what no repair needs, and what forges the word of a test."""

from agent.suspicion.look import suspicions

__all__ = ["suspicions"]
