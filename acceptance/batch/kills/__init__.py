"""Runs that are killed and resumed, and what may be left over of them."""
