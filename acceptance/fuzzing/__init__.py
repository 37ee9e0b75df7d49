"""Hostile inputs for the readers of what strangers wrote: each must refuse in its own words, in bounds."""
