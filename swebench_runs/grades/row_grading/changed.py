"""What a patch changed in a tree, ignored files included, and how to put it back: asked of the tree, not of the patch.

Patches are applied by several tools in turn, which read hunks that others refuse: the tree alone tells what was done.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Sequence
from pathlib import PurePosixPath

from environments.sandboxes.contract import Sandbox, SandboxError

_GIT = "git -c safe.directory='*'"


def changed_paths(sandbox: Sandbox, marker: str) -> tuple[str, ...]:
    """Return paths, sorted: the commit's own that differ from it, and others written since ``marker`` was made.

    ``marker``: a file in a folder of its own, outside the tree.
    """
    differ = _names(sandbox, f"{_GIT} diff --name-only --no-renames -z HEAD", marker)
    others = _names(sandbox, f"{_GIT} ls-files -z --others", marker)
    newer = f"find . -path ./.git -prune -o ! -type d -newer {shlex.quote(marker)} -printf '%P\\0'"
    return tuple(sorted(differ | (others & _names(sandbox, newer, marker))))


def changed_git(sandbox: Sandbox, marker: str) -> str:
    """Return what a patch changed of git's own settings, in one line; empty where it kept off.

    git refuses such a patch, but the harness goes on to try ``patch``, which takes it: a hook then runs as soon as the
    evaluation script puts test files back. Asked without git, which would obey the settings. ``marker``: a file made
    just before the patch was applied.
    """
    places = ".git/config .git/hooks .git/info"
    result = sandbox.run(f"find {places} -newer {shlex.quote(marker)} 2>/dev/null")
    return ", ".join(result.text.split())[:300]


def _names(sandbox: Sandbox, command: str, marker: str) -> set[str]:
    # Through a file, since a command's output is capped.
    listing = f"{PurePosixPath(marker).parent}/listing"
    result = sandbox.run(f"{command} > {shlex.quote(listing)}")
    if result.exit_code != 0:
        raise SandboxError(f"what the patch changed cannot be listed: {result.text.strip()[:200]}")
    return {os.fsdecode(name) for name in sandbox.read(listing).split(b"\0") if name}


def put_back(sandbox: Sandbox, base: Sandbox, paths: Sequence[str]) -> None:
    """Make paths what they are in ``base``, whose tree has not been changed."""
    for path in paths:
        sandbox.run(["rm", "-rf", "--", path])
        if sandbox.run(f"{_GIT} checkout -q HEAD -- {shlex.quote(f':(literal){path}')}").exit_code == 0:
            continue
        try:
            content = base.read(path)
        except FileNotFoundError:
            continue
        sandbox.write(path, content)
