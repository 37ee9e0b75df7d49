"""Unified diffs: make, apply, cut and join, normalise, compare.

patch = make_patch({"a.py": b"x = 1\\n"}, {"a.py": b"x = 2\\n"})
before, after = apply_patch(patch, read_base)     # path -> bytes
"""

from agent.patch.apply import apply_patch
from agent.patch.blocks import Block
from agent.patch.change import Change, ChangedFile, read_change, render
from agent.patch.diff import make_patch
from agent.patch.fingerprint import change_fingerprint, syntax_fingerprint
from agent.patch.git_form import appliable
from agent.patch.normalise import normalise, split_source_and_tests
from agent.patch.paths import is_cache_path, is_scratch_name, is_test_path, path_problem
from agent.patch.remarks import remarks
from agent.patch.sections import PatchError, Section, joined, sections

__all__ = [
    "Block",
    "Change",
    "ChangedFile",
    "PatchError",
    "Section",
    "appliable",
    "apply_patch",
    "change_fingerprint",
    "is_cache_path",
    "is_scratch_name",
    "is_test_path",
    "joined",
    "make_patch",
    "normalise",
    "path_problem",
    "read_change",
    "remarks",
    "render",
    "sections",
    "split_source_and_tests",
    "syntax_fingerprint",
]
