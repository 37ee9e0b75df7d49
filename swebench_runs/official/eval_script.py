"""The script that runs a row's hidden tests, marked so that anybody's reader finds what they did.

As the official one (swebench 4.1.0 and 5.0.2), but for what a patch could use: nothing is printed before the start
mark that a patch wrote (the official script shows the whole diff there), names from the row are quoted, and a test file
that the patch made before the row's tests came is removed.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from agent.patch import sections
from swebench_runs.official import marks

_NO_TESTS = (".json", ".png", "csv", ".txt", ".md", ".jpg", ".jpeg", ".pkl", ".yml", ".yaml", ".toml")
"""Endings of files that a test patch may touch and no runner can be given (the official list, dotless ``csv`` too)."""
_HEADER = re.compile(r"diff --git a/.* b/(.*)")


@dataclass(frozen=True)
class TestFiles:
    """The files of a row's test patch."""

    __test__ = False

    existing: tuple[str, ...]
    """In the tree already: put back as they were before the tests are applied."""
    new: tuple[str, ...]
    """Not there yet: whatever a patch put there is removed."""


def touched_files(test_patch: str) -> TestFiles:
    """Return what a test patch changes. Raises PatchError when it is none."""
    parts = sections(test_patch)
    before = tuple(part.before for part in parts if part.before is not None)
    new = tuple(part.after for part in parts if part.after is not None and part.after not in before)
    return TestFiles(existing=before, new=new)


def directives(test_patch: str, *, dotted: bool = False) -> list[str]:
    """Return what the runner is told to run: the files that the test patch touches.

    ``dotted``: as Django's runner wants them, modules below ``tests``.
    """
    paths = [path for path in _HEADER.findall(test_patch) if not path.endswith(_NO_TESTS)]
    if not dotted:
        return paths
    return [path.removesuffix(".py").removeprefix("tests/").replace("/", ".") for path in paths]


def eval_script(
    *,
    test_patch: str,
    test_patch_path: str,
    command: str,
    arguments: Sequence[str],
    setup: Sequence[str] = (),
    worktree: str = "/testbed",
) -> str:
    """Return the script.

    Args:
        test_patch: the row's, to know its files; it is applied from ``test_patch_path``, a file outside the tree.
        command: the test command, a line of shell from our own table.
        arguments: what it is given, from ``directives``; quoted here.
        setup: lines of shell from our own table that come first (an environment to activate).

    Raises:
        PatchError: the test patch is none.
    """
    files = touched_files(test_patch)
    back = [f"git checkout -q HEAD -- {_quoted(files.existing)}"] if files.existing else []
    away = [f"rm -rf -- {_quoted(files.new)}"] if files.new else []
    lines = [
        "#!/bin/bash",
        "set -uo pipefail",
        *setup,
        f"cd {shlex.quote(worktree)} || exit 97",
        *back,
        *away,
        f"git apply --whitespace=nowarn {shlex.quote(test_patch_path)} || {{ {_echo(marks.TESTS_ERRORED)}; exit 98; }}",
        _echo(marks.START),
        " ".join([command, *map(shlex.quote, arguments)]),
        "code=$?",
        _echo(marks.END),
        f'echo "{marks.EXIT_CODE}: $code"',
        *back,
        *away,
        'exit "$code"',
    ]
    return "\n".join(lines) + "\n"


def _echo(mark: str) -> str:
    return f"echo {shlex.quote(mark)}"


def _quoted(names: Sequence[str]) -> str:
    return " ".join(map(shlex.quote, names))
