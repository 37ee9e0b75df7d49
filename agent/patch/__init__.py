"""Unified diffs: make, apply, split, normalise, compare."""

from agent.patch.diff import make_patch
from agent.patch.paths import is_test_path, path_problem

__all__ = ["is_test_path", "make_patch", "path_problem"]
