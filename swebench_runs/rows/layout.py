"""Which files of a folder or of a data set on the hub hold which split, by their names alone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from swebench_runs.errors import UsageError

_FILE = re.compile(
    r"(?P<folder>data/|)(?P<split>\w+(\.\w+)*?)(-(?P<number>\d{5})-of-(?P<parts>\d{5})(-[0-9a-f]+)?)?"
    r"\.(?P<kind>parquet|jsonl\.gz|jsonl)",
    re.ASCII,
)
_KINDS = ("parquet", "jsonl.gz", "jsonl")
"""Best first: a split that is there twice is read once."""


def split_files(names: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return split -> its files, in order: ``SPLIT.parquet``, or parts of it, at the top or under ``data/``.

    JSONL files count where a split has no parquet file.
    """
    found: dict[str, dict[tuple[int, bool], list[str]]] = {}
    for name in sorted(names):
        if match := _FILE.fullmatch(name):
            form = (_KINDS.index(match["kind"]), match["folder"] == "")
            found.setdefault(match["split"], {}).setdefault(form, []).append(name)
    return {split: tuple(forms[min(forms)]) for split, forms in sorted(found.items())}


def is_whole(files: Sequence[str]) -> bool:
    """Tell whether these files of one split are all of it: every part that their names count, once."""
    matches = [match for name in files if (match := _FILE.fullmatch(name))]
    parts = {int(match["parts"] or 1) for match in matches}
    numbers = sorted(int(match["number"] or 0) for match in matches)
    return len(parts) == 1 and numbers == list(range(max(parts)))


def files_of(split: str, names: Iterable[str], *, of: str) -> tuple[str, ...]:
    """Return the files of a split. UsageError, naming the splits there are, without it or a part of it.

    ``of``: what the names are of, for the message.
    """
    splits = split_files(names)
    if not splits:
        raise UsageError(f"{of} has no file that is named after a split, as data/test-00000-of-00001.parquet is")
    if split not in splits:
        raise no_split(split, splits, of=of)
    if not is_whole(splits[split]):
        raise UsageError(f"{of} lacks parts of the split {split}, or has some twice: {', '.join(splits[split][:5])}")
    return splits[split]


def no_split(split: str, there: Iterable[str], *, of: str) -> UsageError:
    """Return the error for a split that is not there, which names those that are."""
    names = " or ".join(sorted(there))
    return UsageError(f"{of} has no split {split!r}: " + (f"use --split {names}" if names else "it has none"))
