"""Where a repository's objects lie, checked before they are lent: nothing may lead to another one's."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from environments.errors import RepositoryError

_MAX_LIST = 1 << 20


def own_objects(repository: Path, home: Path) -> Path:
    """Return the folder of a repository's objects.

    Raises:
        RepositoryError: a link or an ``alternates`` file leads out of the repository and out of ``home``: it could
            show another repository's objects as its own.
    """
    top = (repository / "objects").resolve()
    homes = (repository.resolve(), home.resolve())
    waiting, seen = [top], set[Path]()
    while waiting:
        objects = waiting.pop()
        if not any(objects.is_relative_to(place) for place in homes) or b"\n" in os.fsencode(objects):
            raise RepositoryError(
                f"{repository} takes objects from {objects}, outside of {home}: make it whole there with"
                " git repack -a -d && rm objects/info/alternates"
            )
        if objects not in seen:
            seen.add(objects)
            _assert_no_link(objects)
            waiting += _alternates(objects)
    return top


def _assert_no_link(objects: Path) -> None:
    for folder in (objects, objects / "pack", objects / "info"):
        for path in (folder, *folder.glob("*")):
            if path.is_symlink():
                raise RepositoryError(f"{path} is a link, which a repository's objects must not be: clone it anew")


def _alternates(objects: Path) -> Iterator[Path]:
    listing = objects / "info" / "alternates"
    if not listing.is_file():
        return
    for line in listing.read_bytes().split(b"\n"):
        if line.startswith(b'"'):
            raise RepositoryError(f"{listing} holds a quoted name: write it plainly")
        if line and not line.startswith(b"#"):
            yield (objects / os.fsdecode(line)).resolve()
