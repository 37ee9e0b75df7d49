"""Apply a diff to files in memory, by git itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from agent.patch.paths import path_problem
from agent.patch.sections import PatchError, paths
from environments.host_git import GitRefusal, run_git
from environments.sandboxes.leftovers import temporary

_TIMEOUT = 60


def apply_patch(
    patch: str, read_base: Callable[[str], bytes]
) -> tuple[Mapping[str, bytes | None], Mapping[str, bytes | None]]:
    """Return (before, after) of the files that a diff touches; None where one does not exist.

    ``read_base`` returns a file of the base tree and raises FileNotFoundError where there is none. Raises
    PatchError when the diff cannot be read, leads out of the tree, or does not apply exactly.
    """
    names = sorted(set(paths(patch)))
    for name in names:
        problem = path_problem(name)
        if problem is not None:
            raise PatchError(f"{name!r}: {problem}")
    before = {name: _read(name, read_base) for name in names}
    with temporary("apply-") as root:
        for name, raw in before.items():
            if raw is not None:
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                (root / name).write_bytes(raw)
        _git_apply(patch, root)
        after = {name: _written(root / name) for name in names}
    return before, after


def _git_apply(patch: str, root: Path) -> None:
    given = (patch if patch.endswith("\n") else patch + "\n").encode("utf-8", "surrogateescape")
    outside = {"GIT_CEILING_DIRECTORIES": str(root.parent)}
    try:
        run_git(root, "apply", "--whitespace=nowarn", "-", variables=outside, stdin=given, timeout=_TIMEOUT)
    except GitRefusal as error:
        raise PatchError("does not apply: " + error.said.replace("\n", "; ")[:400]) from error


def _read(name: str, read_base: Callable[[str], bytes]) -> bytes | None:
    try:
        return read_base(name)
    except FileNotFoundError:
        return None


def _written(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() and not path.is_symlink() else None
