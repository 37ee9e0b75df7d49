"""Choosing among anyone's predictions (`runoff select`), and fitting what chooses."""
