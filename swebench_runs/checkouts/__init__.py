"""Somebody's own repository and issue (`runoff fix`)."""
