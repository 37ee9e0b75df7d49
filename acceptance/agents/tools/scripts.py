"""What the scripted model does in a trajectory: it looks, tries, errs, mends, checks and hands in."""

from __future__ import annotations

from collections.abc import Sequence

from acceptance.agents.tools.known_fixes import KnownFix
from acceptance.agents.tools.scripted_endpoint import Calls

_MIND = "mkdir -p /tmp/mine && echo 'print(6 * 7)' > /tmp/mine/try.py && python /tmp/mine/try.py"
_RANDOM = "cat /proc/sys/kernel/random/uuid"


def resolving(fix: KnownFix) -> Sequence[Calls]:
    """Every tool at least once, two calls in one answer, and what goes wrong in between, then the fix."""
    bash = "bash"
    edit = {"path": fix.path, "old_str": fix.old, "new_str": fix.new}
    return [
        [(bash, {"command": "pwd; git log --oneline | cat; git status --short; python --version; ls"})],
        [("edit", {"command": "view", "path": fix.path, "view_range": [1, 30]}), (bash, {"command": _MIND})],
        [(bash, {"command": "echo waiting; cat - ; sleep 1000", "timeout": 1})],
        [("edit", {"command": "replace", **edit, "old_str": f"{fix.old}# never there\n"})],
        [("edit", {"command": "create", "path": "scratch_try.py", "file_text": "import this\n"})],
        [("edit", {"command": "replace", **edit}), (bash, {"command": "git diff --stat; rm -f scratch_try.py"})],
        [(bash, {"command": f"pytest -q --no-header {fix.tests} 2>&1 | tail -3", "timeout": 300})],
        [("check", {})],
        [("submit", {})],
        [("submit", {})],
    ]


def with_chance(fix: KnownFix) -> Sequence[Calls]:
    """The same, with a command in the third answer whose output is never the same again."""
    steps = list(resolving(fix))
    return [*steps[:2], [("bash", {"command": _RANDOM})], *steps[3:]]


CHANCE_AT = 3
"""The answer, counted from 1, after which that command stands."""
