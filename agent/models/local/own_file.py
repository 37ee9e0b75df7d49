"""A model file that somebody names: their own on this disk, or one of the Hugging Face hub; its hash is recorded."""

from __future__ import annotations

import errno
import hashlib
import json
import logging
import os
import shutil
from pathlib import Path

import filelock
import httpx
from rich.progress import Progress

from agent.models.contract import ModelError
from agent.models.local.catalog import LocalModel, models_folder
from agent.models.local.download import NotReachable, from_hub, hub_address
from agent.models.local.gguf import read_head

log = logging.getLogger(__name__)

SPARE = 1 << 30
"""Bytes that a download leaves free on the disk."""


def bring(model: LocalModel, progress: Progress) -> Path:
    """Return the path of a model file that its head shows to be one, fetched from the hub where it is of the hub."""
    path = model.path
    if not model.repo:
        if not path.is_file():
            raise ModelError(f"there is no model file {path}: name a GGUF file that is there")
    elif not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        with filelock.FileLock(path.with_suffix(".lock")):
            if not path.is_file():
                _download(model, progress)
    read_head(path)
    return path


def file_hash(model: LocalModel) -> str:
    """Return the SHA-256 of a model's file, computed once for each state of it."""
    if model.sha256:
        return model.sha256
    path = model.path
    stat = path.stat()
    place = str(path.resolve())
    state = [place, stat.st_size, stat.st_mtime_ns]
    known = models_folder() / "hashes" / f"{hashlib.sha256(os.fsencode(place)).hexdigest()[:24]}.json"
    try:
        was, sha256 = json.loads(known.read_text())
        if was == state and isinstance(sha256, str):
            return sha256
    except (OSError, ValueError, TypeError):
        pass  # not hashed before
    sha256 = _sha256(path)
    log.info("the model %s is %s with SHA-256 %s", model.name, path, sha256)
    known.parent.mkdir(parents=True, exist_ok=True)
    known.write_text(json.dumps([state, sha256]))
    return sha256


def _download(model: LocalModel, progress: Progress) -> None:
    """Fetch a file of the hub; what the hub says of its hash and size must hold."""
    partial = model.path.with_suffix(".hub.partial")
    try:
        size, sha256 = _told(model)
        have = partial.stat().st_size if partial.exists() else 0
        if size and shutil.disk_usage(partial.parent).free < size - have + SPARE:
            raise ModelError(f"not enough disk at {partial.parent}: {model.file} needs {size / 1e9:.1f} GB")
        with progress:
            task = progress.add_task(model.title, total=size or None)
            from_hub(model, partial, lambda done: progress.update(task, completed=done))
    except NotReachable as error:
        raise ModelError(
            f"the Hugging Face hub gave no {model.repo}/{model.file} ({error}); is the name right, is there a network? "
            "What was got is kept for the next try"
        ) from error
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EFBIG, errno.EDQUOT)
        raise ModelError(f"cannot write {partial.parent}: {'the disk is full' if full else error}") from error
    if sha256 and (found := _sha256(partial)) != sha256:
        partial.unlink()
        raise ModelError(f"{model.file} has not the SHA-256 that the hub says ({found}); it was thrown away, try again")
    partial.replace(model.path)


def _told(model: LocalModel) -> tuple[int, str]:
    """Return the size and the SHA-256 that the hub says of a file; 0 and empty where it does not."""
    try:
        answer = httpx.head(hub_address(model), follow_redirects=False, timeout=20.0)
    except httpx.HTTPError as error:
        raise NotReachable(str(error) or type(error).__name__) from error
    if answer.status_code >= httpx.codes.BAD_REQUEST:
        raise NotReachable(f"status {answer.status_code}")
    size = answer.headers.get("x-linked-size", "")
    etag = answer.headers.get("x-linked-etag", "").strip('"')
    is_hash = len(etag) == 64 and all(letter in "0123456789abcdef" for letter in etag)
    return int(size) if size.isdecimal() else 0, etag if is_hash else ""


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
