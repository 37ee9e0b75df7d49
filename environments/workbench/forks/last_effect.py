"""When a command last changed a file: what is behind it need not be waited for when the command is run again."""

from __future__ import annotations

from environments.sandboxes.contract import WORKTREE, Sandbox

_FOLDERS = (WORKTREE, "/tmp", "/var/tmp")
_NEWEST = f"""
find {" ".join(_FOLDERS)} -newerct "@$1" -printf '%C@\\n' 2>/dev/null | sort -n | tail -n 1
test "${{PIPESTATUS[0]}}" = 0 || echo unknown
"""


def last_effect(sandbox: Sandbox, began: float) -> float | None:
    """Return how many seconds after ``began`` (a time of this host) a file of the tree or a temporary one was changed.

    0.0: nothing was; None: it cannot be told here, for the sandbox's `find` is another one or some folder is locked.
    """
    result = sandbox.run(["bash", "-c", _NEWEST, "bash", f"{began:.6f}"], cwd="/", timeout=60)
    said = result.text.split()
    if result.exit_code != 0 or "unknown" in said:
        return None
    try:
        return max(0.001, float(said[0]) - began) if said else 0.0
    except ValueError:
        return None
