"""Commands that every task's sandbox has, whatever its environment has put on the path."""

from __future__ import annotations

import logging

from environments.sandboxes.contract import Sandbox

FOLDER = "/tmp/runoff/bin"
"""Where they lie inside the sandbox, first on the path: a `pytest` elsewhere on it may be another Python's."""

CHECK = "runoff-check"
"""The command that the harness answers when it is all that a shell is asked for."""

_SCRIPTS = {
    "pytest": 'exec python -m pytest "$@"',
    CHECK: f'echo "{CHECK}: the harness answers it, and sees it only as a whole command: call it alone." >&2; exit 2',
}
_LAY = f"""
mkdir -p {FOLDER} && cd {FOLDER} || exit 1
while [ $# -gt 0 ]; do printf '#!/bin/sh\\n%s\\n' "$2" > "$1" && chmod 755 "$1" || exit 1; shift 2; done
"""
_log = logging.getLogger(__name__)


def lay_commands(sandbox: Sandbox) -> None:
    """Put the commands into a sandbox; one in which that cannot be done is without them, and that is logged."""
    words = [word for script in _SCRIPTS.items() for word in script]
    result = sandbox.run(["/bin/sh", "-c", _LAY, "sh", *words], cwd="/")
    if result.exit_code != 0:
        _log.warning("a sandbox is without the commands %s: %s", ", ".join(_SCRIPTS), result.text.strip()[-300:])
