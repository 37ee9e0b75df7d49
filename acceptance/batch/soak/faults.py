"""The faults of a soak: each makes one for real, for a while, and says what was seen that should not be."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from acceptance.batch.soak import ground
from acceptance.batch.soak.sittings import Driver, Endpoint

ENDS = 120.0
"""Seconds in which a driver must end that was asked to."""


@dataclass(frozen=True)
class Scene:
    """What faults strike."""

    driver: Driver
    endpoint: Endpoint
    chance: random.Random

    def pause(self, least: float, most: float) -> None:
        """Let a drawn time pass."""
        time.sleep(self.chance.uniform(least, most))


class NotStruck(Exception):
    """What it was to strike was not there."""


Fault = Callable[[Scene], str]
"""Strikes, waits, heals; returns what was wrong with how it was met: empty, where nothing was."""


def driver_killed(scene: Scene) -> str:
    """Kill -9 the command."""
    scene.driver.send(signal.SIGKILL)
    return "" if scene.driver.ended(ENDS) == -signal.SIGKILL else "it did not die"


def interrupted(scene: Scene) -> str:
    """Press Ctrl-C."""
    return _asked_to_end(scene, signal.SIGINT)


def terminated(scene: Scene) -> str:
    """Send what a batch system sends."""
    return _asked_to_end(scene, signal.SIGTERM)


def _asked_to_end(scene: Scene, number: signal.Signals) -> str:
    before = scene.driver.log.stat().st_size
    scene.driver.send(number)
    code = scene.driver.ended(ENDS)
    if code is None:
        return f"it did not end in {ENDS:.0f} s"
    said = scene.driver.said(before)
    if code == 130 and "Everything is saved" in said and "Traceback" not in said:
        return ""
    return f"exit code {code}: {' '.join(said.split())[-200:]}"


def sandbox_killed(scene: Scene) -> str:
    """Kill -9 a sandbox from outside: the bwrap that holds it together."""
    deadline = time.monotonic() + ENDS / 4
    while scene.driver.alive and time.monotonic() < deadline:
        if found := _bwraps(scene.driver.pids[-1]):
            with suppress(ProcessLookupError):
                os.kill(scene.chance.choice(found), signal.SIGKILL)
                return ""
        time.sleep(0.02)
    raise NotStruck


def server_killed(scene: Scene) -> str:
    """Kill -9 the model's server; it comes back."""
    scene.endpoint.kill()
    scene.pause(1, 6)
    scene.endpoint.start()
    return ""


def server_paused(scene: Scene) -> str:
    """Stop the model's engine: it holds its connections and says nothing; now and then past the calls' time."""
    assert scene.endpoint.process
    with _stopped(scene.endpoint.process.pid):
        scene.pause(3, 12)
    return ""


def driver_paused(scene: Scene) -> str:
    """Stop the command, as a machine that is suspended does."""
    with _stopped(scene.driver.pids[-1]):
        scene.pause(2, 6)
    return ""


def throttled(scene: Scene) -> str:
    """Answer 429."""
    return _trouble(scene, "429")


def errors(scene: Scene) -> str:
    """Answer 500 or 503."""
    return _trouble(scene, scene.chance.choice(["500", "503"]))


def cut(scene: Scene) -> str:
    """Reset every connection."""
    return _trouble(scene, "reset")


def half_answers(scene: Scene) -> str:
    """Send half of each answer: billed, and of no use."""
    return _trouble(scene, "half")


def _trouble(scene: Scene, kind: str) -> str:
    scene.endpoint.trouble(kind)
    scene.pause(1, 4)
    scene.endpoint.trouble("")
    return ""


def records_full(scene: Scene) -> str:
    """Fill the disk of the run's folder."""
    with ground.filled(scene.driver.ground.records):
        scene.pause(1, 4)
    return ""


def sandboxes_full(scene: Scene) -> str:
    """Fill the disk of sandboxes and temporary files."""
    with ground.filled(scene.driver.ground.sandboxes):
        scene.pause(1, 4)
    return ""


def read_only(scene: Scene) -> str:
    """Make the run's folder read-only for a moment."""
    with ground.read_only(scene.driver.ground.run):
        scene.pause(1, 4)
    return ""


def clock_jump(scene: Scene) -> str:
    """Set the driver's clock wrong by hours or days, and right again."""
    place = scene.driver.ground
    if not place.clock.exists():
        return "not made: there is no cc to build the clock by"
    place.set_clock(round(3600 * scene.chance.choice([48, -3, 9 * 24, -40 * 24])))
    scene.pause(2, 5)
    place.set_clock(0)
    return ""


def second_driver(scene: Scene) -> str:
    """Give the command a second time while the first is at work."""
    before, first = scene.driver.log.stat().st_size, scene.driver.pids[-1]
    second = scene.driver.launch()
    try:
        code = second.wait(timeout=120)
    except subprocess.TimeoutExpired:
        second.kill()
        second.wait()
        return "the second did not end"
    if not scene.driver.alive or scene.driver.pids[-1] != first:
        return ""  # the first had ended by itself: there was no second
    said = scene.driver.said(before)
    if code == 2 and "is being run by process" in said and "Traceback" not in said:
        return ""
    return f"exit code {code}: {' '.join(said.split())[-200:]}"


GENTLE: tuple[Fault, ...] = (
    *(sandbox_killed, server_killed, server_paused, driver_paused, throttled, errors, cut, half_answers),
    *(records_full, sandboxes_full, read_only, clock_jump, second_driver),
)
"""Faults that the command lives through."""
ENDING: tuple[Fault, ...] = (driver_killed, interrupted, terminated)
"""Faults that end it."""


def drawn(seed: str, *, gentle: bool = False) -> Iterator[Fault]:
    """Draw faults without end, each kind once before any comes again; kills of the command twice."""
    chance = random.Random(seed)
    kinds = GENTLE if gentle else (*GENTLE, *ENDING, driver_killed)
    while True:
        yield from chance.sample(kinds, len(kinds))


@contextmanager
def _stopped(pid: int) -> Iterator[None]:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)


def _bwraps(above: int) -> list[int]:
    """Return the bwraps that a process has started."""
    found = []
    for process in Path("/proc").iterdir():
        if process.name.isdecimal():
            with suppress(OSError):
                name, _, rest = (process / "stat").read_text().partition("(")[2].rpartition(")")
                if name == "bwrap" and int(rest.split()[1]) == above:
                    found.append(int(process.name))
    return found
