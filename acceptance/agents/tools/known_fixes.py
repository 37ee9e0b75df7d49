"""The fixes that the scripted model knows: of starter tasks, and of one row of SWE-bench whose tree is a pinned sdist.

Only the scripted model is given them, from outside the run that is measured: it drives the path, it proves no skill.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from acceptance.record import ROOT
from acceptance.rows.sdist_rows import FLASK as FLASK_RELEASE
from acceptance.rows.sdist_rows import lay_rows, tree_of
from agent.patch import apply_patch
from environments.synthesis.sdists import unpack
from swebench_runs.splits.loading import starter
from swebench_runs.splits.starter_draw import stored

FLASK = ROOT / "tests" / "data" / "flask_5014.json"


@dataclass(frozen=True)
class KnownFix:
    """One task's fix, as an edit of one file."""

    instance_id: str
    statement: str
    """The issue's text, by which a request is known to be about it."""
    path: str
    old: str
    """Text that is in the file once."""
    new: str
    tests: str
    """What pytest is given to look whether it works."""


def starter_fixes(count: int) -> list[KnownFix]:
    """Return the fixes of the first starter tasks whose package's tests are quick."""
    recipes = {recipe.instance_id: recipe for report in stored().reports.values() for recipe in report.recipes}
    split = starter()
    found = []
    chosen = sorted(split.tasks(), key=lambda task: (len(recipes[task.instance_id].pass_to_pass), task.instance_id))
    with tempfile.TemporaryDirectory(prefix="runoff-fixes-") as name:
        for task in chosen[:count]:
            recipe, folder = recipes[task.instance_id], Path(name) / task.instance_id
            folder.mkdir()
            unpack(recipe.package.sdist(), folder / "sdist")
            split.lay_tree(task, folder / "layer")
            file = recipe.mutation.file
            right, wrong = (folder / "sdist" / file).read_text(), (folder / "layer/testbed" / file).read_text()
            old, new = replacement(wrong, right)
            found.append(KnownFix(task.instance_id, task.problem_statement, file, old, new, ""))
    return found


@dataclass(frozen=True)
class KnownRow:
    """A row that can be run here, and its fix."""

    fix: KnownFix
    rows: Path
    """A file of this row alone."""
    repos: Path
    """A folder of repositories: its own."""


def flask_row(folder: Path) -> KnownRow:
    """Make the row's repository below ``folder``."""
    row = json.loads(FLASK.read_text())[0]
    rows = lay_rows([(row, FLASK_RELEASE)], folder)
    tree = tree_of(FLASK_RELEASE, folder)
    before, after = apply_patch(row["patch"], lambda path: (tree / path).read_bytes())
    (path,) = before
    old, new = replacement((before[path] or b"").decode(), (after[path] or b"").decode())
    fix = KnownFix(row["instance_id"], row["problem_statement"], path, old, new, "tests/test_blueprints.py")
    return KnownRow(fix, rows, folder / "repos")


def replacement(before: str, after: str) -> tuple[str, str]:
    """Return the part of a text that differs in another, in whole lines, grown until it is in the first one once."""
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    start = _common(old, new)
    end = _common(old[start:][::-1], new[start:][::-1])
    stop = len(old) - end
    while before.count("".join(old[start:stop])) != 1:
        start, stop = max(0, start - 1), min(len(old), stop + 1)
    return "".join(old[start:stop]), "".join(new[start : len(new) - (len(old) - stop)])


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    pairs = enumerate(zip(one, other, strict=False))
    return next((number for number, (a, b) in pairs if a != b), min(len(one), len(other)))
