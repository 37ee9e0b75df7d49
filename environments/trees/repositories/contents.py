"""A commit's files read straight out of git's objects: no tree is written. And how much a commit holds.

A commit of a dozen objects can hold billions of files (trees in which one tree stands many times), or files of any size
in a few kilobytes: so git is first asked for a list, within ``run_git``'s bounds, before it makes anything of a commit.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from git import Git

from environments.errors import RepositoryError
from environments.host_git import run_git

_AS_BYTES = {"stdout_as_string": False, "strip_newline_in_stdout": False}
MOST_FILES = 400_000
MOST_BYTES = 4 << 30
"""Of one commit; the largest repositories of the benchmarks hold some 30,000 files in some hundred MB."""
_SECONDS = 300.0
_REGULAR = (b"100644", b"100755", b"100664")


def read_contents(git: Git, commit: str, *, at_most: int, wanted: Callable[[str], bool]) -> dict[str, bytes]:
    """Return path -> bytes of a commit's regular files that are ``wanted`` and no larger than ``at_most``.

    Links and submodules are none. Raises GitCommandError, and RepositoryError where an object is
    missing or the commit has no measure.
    """
    chosen: dict[str, bytes] = {}
    for mode, object_id, size, name in _listed(git, commit):
        path = os.fsdecode(name)
        if mode in _REGULAR and size.isdigit() and int(size) <= at_most and wanted(path):
            chosen[path] = object_id
    return dict(zip(chosen, _blobs(git, list(chosen.values())), strict=True))


def assert_holds_few(git: Git, commit: str) -> None:
    """Raise RepositoryError for a commit that holds more than any source tree; see the module."""
    files = size = 0
    for _, _, one, _ in _listed(git, commit):
        files += 1
        size += int(one) if one.isdigit() else 0
    if files > MOST_FILES or size > MOST_BYTES:
        raise RepositoryError(f"{commit} holds {files:,} files of {size >> 20:,} MiB: that is no source tree")


def _listed(git: Git, commit: str) -> Iterator[tuple[bytes, bytes, bytes, bytes]]:
    """Give mode, id, size and name of each entry that a commit holds. RepositoryError where they have no measure."""
    settings = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "core.commitGraph", "GIT_CONFIG_VALUE_0": "false"}
    folder = Path(git.working_dir or "/")
    asked = ("ls-tree", "-r", "-z", "--long", "--full-tree", commit)
    listing = run_git(folder, *asked, variables={"GIT_DIR": str(folder), **settings}, timeout=_SECONDS)
    for line in listing.split(b"\0")[:-1]:
        about, _, name = line.partition(b"\t")
        mode, _, object_id, size = about.split()
        yield mode, object_id, size, name


def _blobs(git: Git, ids: list[bytes]) -> list[bytes]:
    """Return objects in the order asked for, by one git."""
    with tempfile.TemporaryFile() as asked:
        asked.write(b"".join(one + b"\n" for one in ids))
        asked.seek(0)
        answer: bytes = git.cat_file(
            "--batch", "--buffer", istream=asked, stdout_as_string=False, strip_newline_in_stdout=False
        )
    found, place = [], 0
    for one in ids:
        end = answer.find(b"\n", place)
        head = answer[place:end].split()
        if end < 0 or len(head) != 3 or head[0] != one or head[1] != b"blob":
            raise RepositoryError(f"git does not have the object {one.decode()}: fetch the repository again")
        size = int(head[2])
        found.append(answer[end + 1 : end + 1 + size])
        place = end + 1 + size + 1
    return found
