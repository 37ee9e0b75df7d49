"""Sandboxes: the contract, bubblewrap and Docker behind it, and what they leave."""
