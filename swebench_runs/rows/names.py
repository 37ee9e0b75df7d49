"""The names that users have for data sets, and the ids of these on the Hugging Face hub."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass

from swebench_runs.errors import UsageError

DATASETS: dict[str, tuple[str, ...]] = {
    "lite": ("SWE-bench/SWE-bench_Lite", "princeton-nlp/SWE-bench_Lite"),
    "verified": ("SWE-bench/SWE-bench_Verified", "princeton-nlp/SWE-bench_Verified"),
    "verified-mini": ("MariusHobbhahn/swe-bench-verified-mini",),
    "full": ("SWE-bench/SWE-bench", "princeton-nlp/SWE-bench"),
    "multilingual": ("SWE-bench/SWE-bench_Multilingual",),
    "multimodal": ("SWE-bench/SWE-bench_Multimodal", "princeton-nlp/SWE-bench_Multimodal"),
    "smith": ("SWE-bench/SWE-smith",),
    "rebench": ("nebius/SWE-rebench",),
    "live": ("SWE-bench-Live/SWE-bench-Live",),
    "gym": ("SWE-Gym/SWE-Gym",),
    "gym-lite": ("SWE-Gym/SWE-Gym-Lite",),
}
"""Short name -> ids: the one it stands for, and older ones of the same rows."""

_ALSO = {"mini": "verified-mini", "swe-bench-m": "multimodal", "swesmith": "smith"}
"""What else peers call them (mini-swe-agent, SWE-agent, sb-cli)."""

_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*", re.ASCII)
_FILE = re.compile(r"[./~].*|.*\.(jsonl?|gz|parquet)", re.IGNORECASE | re.DOTALL)
"""What was meant as a path, whether or not there is such a file."""


@dataclass(frozen=True)
class Dataset:
    """A data set on the hub, as it was asked for."""

    name: str
    """Its short name, else its id."""
    id: str
    revision: str | None = None
    """A commit, branch or tag; None: the newest."""


def is_short(text: str) -> bool:
    """Tell whether this is a data set's name without an owner, with or without ``@revision``."""
    return "/" not in text and _known(text.partition("@")[0]) is not None


def dataset(text: str) -> Dataset:
    """Return the data set that ``name``, ``owner/name`` or either with ``@revision`` means.

    Case counts for nothing in known names, and ``_`` is ``-``. UsageError for anything else.
    """
    name, at, revision = text.partition("@")
    if at and (".." in revision or not re.fullmatch(r"[A-Za-z0-9][\w./-]*", revision, re.ASCII)):
        raise UsageError(f"--subset {text}: write a commit, branch or tag after the @")
    if (known := _known(name)) is not None:
        return Dataset(*known, revision or None)
    if _FILE.fullmatch(name):
        raise UsageError(f"--subset {text}: there is no such file or folder")
    if _ID.fullmatch(name):
        return Dataset(name, name, revision or None)
    close = difflib.get_close_matches(_plain(name), DATASETS, n=1)
    hint = (
        f"did you mean {close[0]}?" if close else f"use starter, {', '.join(DATASETS)}, owner/name, or a file of rows"
    )
    raise UsageError(f"no subset {text!r}: {hint}")


def _known(name: str) -> tuple[str, str] | None:
    """Return the short name and the id that a known name means."""
    plain = _plain(name)
    plain = _ALSO.get(plain, plain)
    for short, ids in DATASETS.items():
        if plain in (short, _plain(ids[0].rpartition("/")[2])):
            return short, ids[0]
        for known in ids:
            if plain == _plain(known):
                return short, known
    return None


def _plain(name: str) -> str:
    return re.sub(r"^swe-?bench", "swe-bench", name.casefold().replace("_", "-"))
