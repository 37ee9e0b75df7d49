"""Looks, from outside of the process that is watched, at how many test processes run below it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from acceptance.batch.load.looking import Looking
from acceptance.batch.load.script import MARK

TAIL = 0.1
"""Of the time in which tests ran, the last part, in which there are too few left to keep every core busy."""


@dataclass
class Watch(Looking):
    """Counts over and over until the block ends."""

    PAUSE: ClassVar[float] = 0.25
    """A look reads of every process, and must not itself keep a core busy."""
    above: int
    """The process below which is counted: others may test on this machine too."""
    marks: tuple[bytes, ...] = (MARK.encode(),)
    """What stands in the command line of a process that runs tests, and in no other's."""
    counts: list[tuple[float, int]] = field(default_factory=list)
    """When, and how many test processes there were."""

    def __post_init__(self) -> None:
        super().__init__()

    @property
    def most(self) -> int:
        """The most test processes at a look."""
        return max((count for _, count in self.counts), default=0)

    def busy(self, cores: int) -> float:
        """Return the share of the cores that tests had, from the first test on, without the tail."""
        seen = [when for when, count in self.counts if count]
        if not seen:
            return 0.0
        end = seen[-1] - TAIL * (seen[-1] - seen[0])
        looks = [count for when, count in self.counts if seen[0] <= when <= end]
        return sum(min(count, cores) for count in looks) / cores / len(looks)

    def look(self) -> None:
        """Count once."""
        self.counts.append((time.monotonic(), running_tests(self.above, self.marks)))


def running_tests(above: int, marks: Sequence[bytes]) -> int:
    """Return how many Python processes below one run a test now."""
    parents: dict[int, int] = {}
    testing = []
    for process in Path("/proc").iterdir():
        if not process.name.isdecimal():
            continue
        try:
            words = (process / "cmdline").read_bytes().split(b"\0")
            parents[int(process.name)] = int((process / "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue  # it has ended meanwhile
        if words[0].rpartition(b"/")[2].startswith(b"python") and any(mark in word for mark in marks for word in words):
            testing.append(int(process.name))
    return sum(_below(number, above, parents) for number in testing)


def _below(process: int, ancestor: int, parents: dict[int, int]) -> bool:
    while process in parents and process != ancestor:
        process = parents[process]
    return process == ancestor
