"""Scaffolds: how one trajectory works, each under a name.

    SCAFFOLDS["edit-and-test"].run(session, plan, index=0)     # a Trajectory

A new scaffold is a file with a ``Scaffold`` and one entry of the table; ``-c scaffold=NAME`` edits by it.
"""

from __future__ import annotations

from agent.scaffolds.edit_and_test import EditAndTest
from agent.scaffolds.sampling import DrawnTests, ManySamples
from agent.scaffolds.scaffold import Plan, Scaffold
from agent.scaffolds.test_writing import TestWriting
from agent.scaffolds.tools import Tools, ToolsTest

SCAFFOLDS: dict[str, Scaffold] = {
    "edit-and-test": EditAndTest(),
    "tools": Tools(),
    "sampling": ManySamples(),
    "test-writing": TestWriting(),
    "sampled-tests": DrawnTests(),
    "tools-test": ToolsTest(),
}
"""Every scaffold by the name that configuration uses."""


def scaffolds_of(kind: str) -> tuple[str, ...]:
    """Return the names of the scaffolds that make patches (``edit``), or tests (``test``)."""
    return tuple(name for name, scaffold in SCAFFOLDS.items() if scaffold.kind == kind)


__all__ = ["SCAFFOLDS", "Plan", "Scaffold", "scaffolds_of"]
