"""A commit's files read straight out of git's objects: no tree is written."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable

from git import Git

from environments.errors import RepositoryError

_AS_BYTES = {"stdout_as_string": False, "strip_newline_in_stdout": False}
_REGULAR = (b"100644", b"100755", b"100664")


def read_contents(git: Git, commit: str, *, at_most: int, wanted: Callable[[str], bool]) -> dict[str, bytes]:
    """Return path -> bytes of a commit's regular files that are ``wanted`` and no larger than ``at_most``.

    Links and submodules are none. Raises GitCommandError, and RepositoryError where an object is missing.
    """
    listing: bytes = git.ls_tree("-r", "-z", "--long", "--full-tree", commit, stdout_as_string=False)
    chosen: dict[str, bytes] = {}
    for line in listing.split(b"\0")[:-1]:
        about, _, name = line.partition(b"\t")
        mode, _, object_id, size = about.split()
        path = os.fsdecode(name)
        if mode in _REGULAR and size.isdigit() and int(size) <= at_most and wanted(path):
            chosen[path] = object_id
    return dict(zip(chosen, _blobs(git, list(chosen.values())), strict=True))


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
