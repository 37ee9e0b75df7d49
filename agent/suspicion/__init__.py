"""A static look at a change: what no repair needs, and what forges the word of a test."""

from agent.suspicion.look import suspicions, suspicions_of

__all__ = ["suspicions", "suspicions_of"]
