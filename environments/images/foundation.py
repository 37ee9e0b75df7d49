"""What the layers stand on: a Debian and a CPython, of a registry where one answers, else made on this machine."""

from __future__ import annotations

import logging
import subprocess
import threading
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path

from environments.host_programs import NEUTRAL_FOLDER, find_program, host_environment
from environments.images.build_recipe import suite
from environments.images.building import find_built
from environments.images.engine_build import ImageBuildError
from environments.images.places import locked, log_path
from environments.images.pulling import PullError, Retries, pull
from environments.sandboxes.docker import Engine

_DEBIAN = "runoff/debian:bookworm"
_CPYTHON = "runoff/cpython:{python}"
"""What ``docker/bootstrap.sh`` makes, of Debian's packages and of pyenv's CPython on this machine."""
_BOOTSTRAP_SECONDS = 1800.0

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Foundation:
    """What base and python layers are built from."""

    base_image: str
    python_image: str


class Foundations:
    """Finds the foundation of each CPython once. Safe under many threads."""

    def __init__(self, engine: Engine, folder: Path, *, base_image: str | None = None, bootstrap: bool = False) -> None:
        """``base_image``: a Debian to stand on, instead of the usual one; ``bootstrap``: ask no registry."""
        self._engine = engine
        self._folder = folder
        self._base_image = base_image
        self._bootstrap = bootstrap
        self._known: dict[str, Foundation] = {}
        self._unreachable = ""
        self._lock = threading.Lock()
        self.notes: list[str] = []
        """Where something else than a registry's images was taken, and why: for the record."""

    def of(self, python: str) -> Foundation:
        """Return the foundation of a CPython (``major.minor``); its images are on the engine afterwards.

        Raises:
            ImageBuildError: no registry has them, and they cannot be made here; the line says what to do.
            SandboxError: the engine failed.
        """
        with self._lock:
            if python not in self._known:
                self._known[python] = self._found(python)
            return self._known[python]

    def _found(self, python: str) -> Foundation:
        debian, cpython = f"debian:{suite(python)}-slim", f"python:{python}-slim-{suite(python)}"
        made_debian, made_cpython = _DEBIAN, _CPYTHON.format(python=python)
        if self._base_image:
            if not self._have(self._base_image):
                raise ImageBuildError(f"there is no image {self._base_image}: pull it, or leave --base-image out")
            debian = made_debian = self._base_image
        made_here = all(find_built(self._engine, image) for image in (made_debian, made_cpython))
        pulled = all(find_built(self._engine, image) for image in (debian, cpython))
        if not self._bootstrap and (pulled or not made_here) and self._have(debian) and self._have(cpython):
            return Foundation(debian, cpython)
        why = "as asked" if self._bootstrap else self._unreachable or "they are here from before"
        self._note(f"CPython {python} stands on {made_debian} and {made_cpython}, made on this machine ({why})")
        if not self._base_image:
            self._made(made_debian, [])
        self._made(made_cpython, ["--python", python])
        return Foundation(made_debian, made_cpython)

    def _note(self, note: str) -> None:
        logger.warning("%s", note)
        self.notes.append(note)

    def _have(self, image: str) -> bool:
        """Say whether the engine has an image, pulling it if need be."""
        try:
            pull(self._engine, image, Retries(attempts=1))
        except PullError as error:
            self._unreachable = str(error)
            return False
        return True

    def _made(self, image: str, options: list[str]) -> None:
        """Make an image by ``bootstrap.sh`` unless it is there."""
        with locked(self._folder, image):
            if find_built(self._engine, image):
                return
            log = log_path(self._folder, image)
            log.parent.mkdir(parents=True, exist_ok=True)
            logger.info("making %s by docker/bootstrap.sh (log: %s)", image, log)
            with (
                as_file(files("environments.images") / "dockerfiles" / "bootstrap.sh") as script,
                log.open("w") as said,
            ):
                command = [find_program("bash") or "/bin/bash", str(script), *options, image]
                environment = {**host_environment(), "DOCKER_HOST": self._engine.host}
                try:
                    done = subprocess.run(
                        command,
                        env=environment,
                        cwd=NEUTRAL_FOLDER,
                        stdin=subprocess.DEVNULL,
                        stdout=said,
                        stderr=subprocess.STDOUT,
                        timeout=_BOOTSTRAP_SECONDS,
                    )
                except (OSError, subprocess.TimeoutExpired) as error:
                    raise ImageBuildError(f"{image} cannot be made: {error} (log: {log})") from error
            if done.returncode:
                lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines() or ["no reason given"]
                raise ImageBuildError(f"{image} cannot be made: {lines[-1]} (log: {log}). {self._advice()}")

    def _advice(self) -> str:
        return f"A registry would do, too: {self._unreachable}" if self._unreachable else ""
