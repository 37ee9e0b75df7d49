"""Copies of a base tree: patched once and forked from then on, or worked in; what lies in them and what is read."""
