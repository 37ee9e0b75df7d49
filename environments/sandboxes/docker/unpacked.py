"""An image unpacked once to a root file system that bubblewrap forks copy-on-write, and its variables."""

from __future__ import annotations

import fcntl
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock
from platformdirs import user_cache_path

from environments.host_programs import NEUTRAL_FOLDER, find_program, host_environment
from environments.sandboxes.contract import Limits, SandboxError
from environments.sandboxes.docker.container import Container, Settings
from environments.sandboxes.docker.engine import Engine, engine_errors
from environments.sandboxes.removal import remove_tree

KEPT = 4
"""Unpacked images that stay although nobody uses them; each takes the disk of all its layers."""

_NOT_FILES = ("dev", "proc", "sys")
"""Folders of which an image holds nothing that counts."""
_TAR = ("-x", "--no-same-owner", "--delay-directory-restore", "--warning=none")
_PLACES = ("dev", "proc", "tmp", "run", "testbed", "runoff")
"""Folders that must be there for what is mounted on them."""


@dataclass(frozen=True)
class RootFileSystem:
    """A layer for ``BubblewrapSandbox.create([path], environment=environment)``."""

    path: Path
    environment: Mapping[str, str]
    """The image's own variables."""


@contextmanager
def unpacked(engine: Engine, image: str, cache: Path | None = None) -> Iterator[RootFileSystem]:
    """Give an image's files in a folder for the block, unpacking them where they are not there: about 7 s for a GB.

    Named by the image's id, whole or not there, and never written to again. Every file belongs to the user who runs
    Runoff, as bubblewrap's layers must; devices are left out. The last ``KEPT`` stay for the next time.

    Raises:
        SandboxError: the engine lacks the image, or its files cannot be unpacked.
    """
    shelf = (cache or user_cache_path("runoff")) / "rootfs"
    with engine_errors(f"look for the image {image}"):
        found = engine.api.inspect_image(image)
    folder = shelf / str(found["Id"]).removeprefix("sha256:")[:16]
    shelf.mkdir(parents=True, exist_ok=True)
    with _in_use(folder):
        with FileLock(shelf / f".{folder.name}.lock"):
            if not folder.is_dir():
                _unpack(engine, str(found["Id"]), folder)
        _use_file(folder).touch()
        settings = found["Config"].get("Env") or ()
        yield RootFileSystem(folder, {name: value for name, _, value in (line.partition("=") for line in settings)})
    _evict(shelf)


@contextmanager
def _in_use(folder: Path) -> Iterator[None]:
    """Keep a folder from being evicted, by this or another process."""
    with _use_file(folder).open("a") as mark:
        fcntl.flock(mark, fcntl.LOCK_SH)
        yield


def _use_file(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}.use")


def _evict(shelf: Path) -> None:
    """Remove the folders beyond ``KEPT`` that were not used for the longest time, but for those in use."""
    marks = [mark for mark in shelf.glob(".*.use") if _folder_of(mark).is_dir()]
    for mark in sorted(marks, key=lambda mark: mark.stat().st_mtime, reverse=True)[KEPT:]:
        with mark.open("a") as held:
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            remove_tree(_folder_of(mark))


def _folder_of(mark: Path) -> Path:
    return mark.with_name(mark.name.removeprefix(".").removesuffix(".use"))


def _unpack(engine: Engine, image: str, folder: Path) -> None:
    container = Container(engine, image, Settings(Limits(), "unpacking"))
    staged = folder.with_name(f".unpacking-{folder.name}")
    remove_tree(staged)  # what a killed Runoff left
    staged.mkdir()
    try:
        with engine_errors(f"export the image {image}"):
            _feed_tar(engine.api.export(container.id), staged)
        for name in _PLACES:
            if not (staged / name).is_symlink():
                (staged / name).mkdir(exist_ok=True)
        _remove_empty(staged / "sys")  # nothing is mounted there, and nobody may take it for the kernel's
        staged.chmod(0o755)
        staged.rename(folder)
    except BaseException:
        remove_tree(staged)
        raise
    finally:
        container.remove()


def _remove_empty(folder: Path) -> None:
    if folder.is_dir() and not folder.is_symlink():
        folder.rmdir()


def _feed_tar(chunks: Iterable[bytes], folder: Path) -> None:
    """Unpack by GNU tar, which lets no name and no link of an archive lead out of the folder."""
    leave_out = [f"--exclude={name}/*" for name in _NOT_FILES]
    program = find_program("tar")
    if program is None:
        raise SandboxError("unpacking an image needs the program tar: install it")
    command = [program, *_TAR, *leave_out, "-C", str(folder.absolute()), "-f", "-"]
    tar = subprocess.Popen(
        command, env=host_environment(), cwd=NEUTRAL_FOLDER, stdin=subprocess.PIPE, stderr=subprocess.PIPE
    )
    with tar:
        assert tar.stdin is not None
        assert tar.stderr is not None
        try:
            for chunk in chunks:
                tar.stdin.write(chunk)
            tar.stdin.close()
        except BrokenPipeError:
            pass  # tar gave up: it says why
        complaint = tar.stderr.read().decode(errors="replace").strip()
    if tar.returncode:
        raise SandboxError(
            f"an image could not be unpacked to {folder.parent}: {complaint.splitlines()[-1:] or 'no reason'}"
        )
