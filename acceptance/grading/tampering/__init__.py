"""Patches that do not fix anything and try to be graded as resolved all the same: none may be."""
