"""Where a soak happens: small file systems of its own for the run and for sandboxes, the tasks, a shifted clock."""

from __future__ import annotations

import json
import os
import shutil
import struct
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from acceptance.batch.soak.endpoint import MODEL
from swebench_runs.splits.starter_draw import stored

PACKAGE = "roman"
"""Whose two starter tasks are copied: a suite of a second."""
RECORDS, SANDBOXES = 2 << 30, 4 << 30
"""Bytes of the two file systems; sparse."""
CLOCK = Path(__file__).with_name("shifted_clock.c")
"""What sets the clock of one process wrong; it says why it is not libfaketime."""


@dataclass(frozen=True)
class Ground:
    """The places of a soak, below one folder."""

    folder: Path
    tasks: int
    each: int
    """Trajectories of a task."""
    workers: int

    @property
    def records(self) -> Path:
        """Where the file system of the run's folder is mounted."""
        return self.folder / "r"

    @property
    def run(self) -> Path:
        """The run's folder."""
        return self.records / "run"

    @property
    def sandboxes(self) -> Path:
        """Where the file system of sandboxes is mounted; a short path, for the mounts below it."""
        return self.folder / "s"

    @property
    def state(self) -> Path:
        """``RUNOFF_STATE``."""
        return self.sandboxes / "state"

    @property
    def temporary(self) -> Path:
        """``TMPDIR``."""
        return self.sandboxes / "tmp"

    @property
    def shift(self) -> Path:
        """Says by how much the driver's clock is wrong; see ``set_clock``."""
        return self.folder / "shift"

    @property
    def clock(self) -> Path:
        """The library that sets it wrong."""
        return self.folder / "shifted_clock.so"

    def set_clock(self, seconds: int) -> None:
        """Set the driver's clock wrong by so many seconds; in place, since the driver has it mapped."""
        descriptor = os.open(self.shift, os.O_WRONLY | os.O_CREAT, 0o644)
        try:
            os.write(descriptor, struct.pack("=q", seconds))
        finally:
            os.close(descriptor)

    @property
    def environment(self) -> dict[str, str]:
        """Return the driver's variables."""
        return {
            **os.environ,
            **{"RUNOFF_STATE": str(self.state), "TMPDIR": str(self.temporary), "OPENAI_API_KEY": "none"},
            **({"LD_PRELOAD": str(self.clock), "SHIFTED_BY": str(self.shift)} if self.clock.exists() else {}),
        }

    def command(self, api_base: str) -> list[str]:
        """Return the arguments of ``runoff``."""
        settings = {
            **{"trajectories": self.each, "tests": 0, "runoff_turns": 0, "judge": "off", "early_stop": "false"},
            **{"scaffold": "tools", "workers": self.workers, "price.policy": "zero", "turns": 8},
            **{"sandbox.memory": "300MB", "sandbox.disk": "200MB", "call_seconds": 8, "retry_seconds": 90},
        }
        words = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
        places = ("--subset", str(self.folder / "tasks.json"), "-o", str(self.run), "--api-base", api_base)
        return ["run", *places, "-m", f"openai/{MODEL}", "-c", str(self.folder / "profile.yaml"), *words, "--no-grade"]

    def make(self) -> None:
        """Write the tasks and the model's profile."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.set_clock(0)
        if shutil.which("cc"):
            subprocess.run(["cc", "-O1", "-shared", "-fPIC", "-o", str(self.clock), str(CLOCK)], check=True)
        (self.folder / "trouble").write_text("")
        (self.folder / "profile.yaml").write_text(
            f"profile: {{match: ['*{MODEL}*'], tools: true, context_tokens: 100000}}\n"
        )
        report = stored().reports[PACKAGE]
        copies = tuple(
            recipe.model_copy(
                update={
                    "instance_id": f"{recipe.instance_id}-{number:04}",
                    "statement": f"{recipe.statement}\n\nReport {number}.",
                }
            )
            for number, recipe in (
                (number, report.recipes[number % len(report.recipes)]) for number in range(self.tasks)
            )
        )
        (self.folder / "tasks.json").write_text(report.model_copy(update={"recipes": copies}).model_dump_json())

    @contextmanager
    def mounted(self) -> Iterator[None]:
        """Mount the file systems for the block."""
        with ExitStack() as held:
            for place, size in ((self.records, RECORDS), (self.sandboxes, SANDBOXES)):
                held.enter_context(_file_system(place, size))
            for place in (self.state, self.temporary):
                place.mkdir(mode=0o700, exist_ok=True)
            yield


@contextmanager
def _file_system(place: Path, size: int) -> Iterator[None]:
    image = place.with_suffix(".img")
    place.mkdir(exist_ok=True)
    while place.is_mount():  # an earlier go was killed
        subprocess.run(["umount", str(place)], check=True)
    if not image.exists():
        with image.open("wb") as file:
            file.truncate(size)
        subprocess.run(["mkfs.ext4", "-q", "-m", "0", str(image)], check=True)
    subprocess.run(["mount", "-o", "loop", str(image), str(place)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", str(place)], check=True)


@contextmanager
def filled(place: Path) -> Iterator[None]:
    """Leave no byte of a file system free for the block."""
    ballast = place / "ballast"
    size = os.statvfs(place)
    try:
        descriptor = os.open(ballast, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        try:
            with suppress(OSError):  # others took some meanwhile: the rest is filled block by block
                os.posix_fallocate(descriptor, 0, size.f_bfree * size.f_frsize)
            with suppress(OSError):
                while True:
                    os.write(descriptor, b"\0" * size.f_frsize)
        finally:
            os.close(descriptor)
        yield
    finally:
        ballast.unlink()


@contextmanager
def read_only(place: Path) -> Iterator[None]:
    """Have a folder be read-only for the block, to whoever opens something in it meanwhile."""
    subprocess.run(["mount", "--bind", str(place), str(place)], check=True)
    try:
        subprocess.run(["mount", "-o", "remount,bind,ro", str(place)], check=True)
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


def lines_of(path: Path) -> list[dict[str, Any]]:
    """Return the values of a file of JSON lines; a torn last line is left out."""
    found = []
    for line in path.read_text().splitlines() if path.exists() else ():
        with suppress(ValueError):
            found.append(json.loads(line))
    return found
