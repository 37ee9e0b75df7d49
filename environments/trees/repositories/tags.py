"""A repository's tags, read without git, and the version that a tag stands for."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from packaging.version import InvalidVersion, Version

from environments.errors import RepositoryError

_PACKED = re.compile(rb"([0-9a-f]{40}) refs/tags/(.+)")
_LOOSE = re.compile(rb"([0-9a-f]{40})\s*")
_UNNAMEABLE = re.compile(r"[\x00-\x20\x7f]|\.lock$")
_VERSION = re.compile(r"(?:.*?[-_/])??[vV]?(\d.*)", re.DOTALL)


def read_tags(repository: Path) -> dict[str, str]:
    """Return tag -> id of the object that it names, of a git folder.

    Raises:
        RepositoryError: the repository keeps its references in a form that is not read.
    """
    if (repository / "reftable").is_dir():
        raise RepositoryError(
            f"{repository} keeps its tags in a reftable, which is not read: git refs migrate --ref-format=files"
        )
    found = {**dict(_packed(repository / "packed-refs")), **dict(_loose(repository / "refs" / "tags"))}
    return {name: target for name, target in found.items() if not _UNNAMEABLE.search(name)}


def version_of(tag: str) -> str | None:
    """Return the version that a tag names, as packaging writes it; None where it names none.

    ``v1.2``, ``1.2``, ``pkg-1.2`` and ``release/1.2`` are all 1.2.
    """
    found = _VERSION.fullmatch(tag)
    try:
        return str(Version(found[1])) if found else None
    except InvalidVersion:
        return None


def _packed(listing: Path) -> Iterator[tuple[str, str]]:
    if listing.is_file() and not listing.is_symlink():
        for line in listing.read_bytes().split(b"\n"):
            if found := _PACKED.fullmatch(line):
                yield os.fsdecode(found[2]), found[1].decode()


def _loose(top: Path) -> Iterator[tuple[str, str]]:
    for folder, _, names in os.walk(top):
        for path in (Path(folder) / name for name in names):
            if path.is_file() and not path.is_symlink():
                with path.open("rb") as file:
                    found = _LOOSE.fullmatch(file.read(64))
                if found:
                    yield str(path.relative_to(top)), found[1].decode()
