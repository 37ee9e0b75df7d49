"""The files of one split of a data set on the Hugging Face hub, at one commit, in the cache that every tool shares.

HF_HUB_OFFLINE, HF_ENDPOINT, HF_HOME and HF_TOKEN are honoured by huggingface_hub itself, as it reads them: when it is
first imported.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from swebench_runs.errors import RunoffError, UsageError
from swebench_runs.rows.layout import files_of, is_whole, split_files

NEWEST = "main"
TIMEOUT = 10.0
"""Seconds to wait for the hub's first answer."""
OFFLINE = ("HF_HUB_OFFLINE", "HF_DATASETS_OFFLINE")
"""Environment variables by which users forbid calls to the hub."""

_COMMIT = re.compile(r"[0-9a-f]{40}")


class HubUnreachable(Exception):
    """The hub did not answer, and the cache has not got it. One clear line."""


@dataclass(frozen=True)
class Snapshot:
    """The files of a split on this machine."""

    commit: str
    files: tuple[Path, ...]
    note: str = ""
    """Why it may not be the newest commit; empty: it is, or it was asked for."""


def fetch(dataset: str, split: str, revision: str | None = None) -> Snapshot:
    """Return the files of a split, downloaded where the cache lacks them.

    A commit that the cache has costs no call to the hub. Where the hub cannot be reached, what the cache last knew
    of the branch or tag is taken, with a note. Raises UsageError for a data set, revision or split that is not there,
    and HubUnreachable.
    """
    if find_spec("huggingface_hub") is None:
        raise HubUnreachable("huggingface_hub is not installed: pip install 'runoff[swebench]'")
    pinned = revision is not None and _COMMIT.fullmatch(revision) is not None
    if pinned and revision and (files := _cached(dataset, split, revision)):
        return Snapshot(revision, files)
    try:
        return _download(dataset, split, revision or NEWEST)
    except HubUnreachable as error:
        commit = None if pinned else _last_known(dataset, revision or NEWEST)
        files = _cached(dataset, split, commit) if commit else ()
        if not commit or not files:
            raise
        return Snapshot(commit, files, f"{error}; the cached commit {commit[:12]} may not be the newest")


def _download(dataset: str, split: str, revision: str) -> Snapshot:
    if any(os.environ.get(name, "").upper() in ("1", "ON", "YES", "TRUE") for name in OFFLINE):
        raise HubUnreachable(f"Hugging Face is not asked: {' or '.join(OFFLINE)} is set")
    with _told_in_one_line(dataset, revision):
        from huggingface_hub import HfApi, hf_hub_download

        told = HfApi(library_name="runoff").dataset_info(dataset, revision=revision, timeout=TIMEOUT)
        names = files_of(split, (file.rfilename for file in told.siblings or ()), of=dataset)
        paths = [Path(hf_hub_download(dataset, name, repo_type="dataset", revision=revision)) for name in names]
    commits = {path.parents[name.count("/")].name for name, path in zip(names, paths, strict=True)}
    if told.sha is None or commits != {told.sha}:
        raise RunoffError(f"{dataset} changed while it was being downloaded: run the command again")
    return Snapshot(told.sha, tuple(paths))


@contextmanager
def _told_in_one_line(dataset: str, revision: str) -> Iterator[None]:
    """Turn what huggingface_hub raises into UsageError (it is not there) or HubUnreachable (nobody can tell)."""
    from huggingface_hub import errors

    transport: type[Exception] = getattr(errors, "HTTPError", OSError)  # requests', httpx' or httpx2's, by its version
    try:
        yield
    except errors.GatedRepoError:
        raise UsageError(f"{dataset} is gated: ask for access on Hugging Face and set HF_TOKEN") from None
    except errors.RepositoryNotFoundError:
        raise UsageError(f"Hugging Face has no data set {dataset} (if it is private: set HF_TOKEN)") from None
    except errors.RevisionNotFoundError:
        raise UsageError(f"{dataset} has no revision {revision}") from None
    except (json.JSONDecodeError, KeyError, TypeError) as error:
        raise HubUnreachable(f"what answers is not Hugging Face ({_line(error)}): check HF_ENDPOINT") from error
    except (OSError, ValueError, transport) as error:
        raise HubUnreachable(f"Hugging Face cannot be reached: {_line(error)}") from error


def _cached(dataset: str, split: str, commit: str) -> tuple[Path, ...]:
    """Return the files of a split that the cache has of a commit; none unless it has all."""
    folder = _home(dataset) / "snapshots" / commit
    names = [path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()]
    files = split_files(names).get(split, ())
    return tuple(folder / name for name in files) if is_whole(files) else ()


def _last_known(dataset: str, revision: str) -> str | None:
    """Return the commit that a branch or tag was when the hub was last asked."""
    try:
        commit = (_home(dataset) / "refs" / revision).read_text().strip()
    except OSError:
        return None
    return commit if _COMMIT.fullmatch(commit) else None


def _home(dataset: str) -> Path:
    """Return the data set's folder in the cache: ``refs/``, ``snapshots/COMMIT/``, ``blobs/``."""
    from huggingface_hub import constants

    return Path(constants.HF_HUB_CACHE).expanduser().resolve() / f"datasets--{dataset.replace('/', '--')}"


def _line(error: BaseException) -> str:
    lines = str(error).split("\n") or [""]
    return next((line.strip() for line in lines if line.strip()), type(error).__name__)[:200]
