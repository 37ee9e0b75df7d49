"""What is timed of a sandbox, many at once: create, round trip, fork, remove.

Only the standard library is used here: the very same code times mini-swe-agent's environment, in a process of its own
(``sandbox_mini``).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from itertools import chain
from typing import Any, Protocol

Times = dict[str, list[float]]
"""Phase -> milliseconds, one entry for each time it was done."""

PHASES = ("create", "first_command", "create_and_first_command", "round_trip", "fork", "fork_and_command", "remove")


class Subject(Protocol):
    """A sandbox of some kind."""

    def command(self) -> None:
        """Run ``true`` as a line of bash and wait for its end; raises when it fails."""
        ...

    def fork(self) -> Subject | None:
        """Return a copy with the same files; None where this kind has no forks."""
        ...

    def remove(self) -> None:
        """End it, and wait until nothing of it runs. Idempotent."""
        ...


def time_together(create: Callable[[], Subject], count: int, trips: int) -> Times:
    """Take ``count`` sandboxes through every phase, all of them in the same one at a time, a thread for each.

    ``fork`` is the copy alone, ``fork_and_command`` the copy with the first command in it, and ``remove`` the end of
    forks and sandboxes alike. ``trips``: round trips of each.
    """
    times: Times = {phase: [] for phase in PHASES}
    with ThreadPoolExecutor(count) as pool, ExitStack() as opened:

        def kept() -> tuple[Subject, float, float]:
            made, took = _timed(create)
            opened.callback(made.remove)
            return made, took, _timed(made.command)[1]

        started = [future.result() for future in [pool.submit(kept) for _ in range(count)]]
        subjects = [subject for subject, _, _ in started]
        times["create"] = [create for _, create, _ in started]
        times["first_command"] = [first for _, _, first in started]
        times["create_and_first_command"] = [create + first for _, create, first in started]
        times["round_trip"] = list(chain(*pool.map(lambda subject: _trips(subject, trips), subjects)))

        def forked(subject: Subject) -> tuple[Subject, float, float] | None:
            copy, took = _timed(subject.fork)
            if copy is None:
                return None
            opened.callback(copy.remove)
            return copy, took, took + _timed(copy.command)[1]

        forks = [done for done in pool.map(forked, subjects) if done]
        times["fork"] = [alone for _, alone, _ in forks]
        times["fork_and_command"] = [both for _, _, both in forks]
        for group in ([fork for fork, _, _ in forks], subjects):
            times["remove"] += pool.map(lambda subject: _timed(subject.remove)[1], group)
    return times


def together(rounds: Sequence[Times]) -> Times:
    """Put the times of several rounds into one."""
    return {phase: list(_of(rounds, phase)) for phase in PHASES}


def _of(rounds: Sequence[Times], phase: str) -> Iterator[float]:
    return (milliseconds for times in rounds for milliseconds in times[phase])


def _trips(subject: Subject, trips: int) -> list[float]:
    return [_timed(subject.command)[1] for _ in range(trips)]


def _timed(act: Callable[[], Any]) -> tuple[Any, float]:
    began = time.perf_counter()
    answer = act()
    return answer, (time.perf_counter() - began) * 1000
