"""The cores of a simulated node, shared out evenly among all that runs on them at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import simpy

_DONE = 1e-9


@dataclass
class _Job:
    left: float
    own: bool


class SharedCores:
    """So many cores. Whatever runs has one core at most; all that is ``own`` has one together.

    That is what CPython's lock makes of a process of many threads. Where more runs than there are cores, each has an
    equal share.
    """

    def __init__(self, env: simpy.Environment, count: int) -> None:
        self._env = env
        self._count = count
        self._jobs: dict[simpy.Event, _Job] = {}
        self._since = 0.0
        self._plan = 0

    def run(self, seconds: float, *, own: bool = False) -> simpy.Event:
        """Return an event that comes once so many seconds of a core were had."""
        self._advance()
        done = self._env.event()
        self._jobs[done] = _Job(seconds, own)
        self._look_ahead()
        return done

    def _rates(self) -> tuple[float, float]:
        """Return the seconds of a core in a second that a job has, and that one of the ``own`` has."""
        own = sum(job.own for job in self._jobs.values())
        rate = min(1.0, self._count / (len(self._jobs) - own + bool(own)))
        return rate, rate / max(own, 1)

    def _advance(self) -> None:
        """Take what was had since the last change off what is left."""
        passed, self._since = self._env.now - self._since, self._env.now
        if self._jobs and passed:
            rate, own_rate = self._rates()
            for job in self._jobs.values():
                job.left -= passed * (own_rate if job.own else rate)

    def _look_ahead(self) -> None:
        """Wake at the next end, unless something changes before."""
        self._plan += 1
        if self._jobs:
            rate, own_rate = self._rates()
            soonest = min(job.left / (own_rate if job.own else rate) for job in self._jobs.values())
            wake = self._env.timeout(max(soonest, 0.0), self._plan)
            assert wake.callbacks is not None
            wake.callbacks.append(self._wake)

    def _wake(self, event: Any) -> None:
        if event.value != self._plan:
            return  # something changed meanwhile, and another was planned
        self._advance()
        for done in [one for one, job in self._jobs.items() if job.left <= _DONE]:
            del self._jobs[done]
            done.succeed()
        self._look_ahead()
