"""Looks, while a command runs, at what no hard limit covers: its disk, an ordinary user's memory, the host itself."""
