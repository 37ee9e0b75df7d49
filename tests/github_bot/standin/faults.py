"""What goes wrong on purpose: each fault waits for a request that it fits and is used up by it."""

import os
import re
import signal
from dataclasses import dataclass


@dataclass
class Fault:
    """One thing that goes wrong.

    ``502``, ``403`` (secondary limit), ``429``: answered so, nothing done. ``lost``: done, and then answered 502.
    ``cut``: the connection ends without an answer, nothing done. ``kill-before``, ``kill-after``: the process ``pid``
    is killed (-9) before the request is done, or when it was done and is not answered.
    """

    kind: str
    request: str
    """A pattern of ``METHOD path``."""
    skip: int = 0
    """How many that fit are let through first."""
    times: int = 1
    pid: int = 0

    def fits(self, method: str, path: str) -> bool:
        return bool(re.search(self.request, f"{method} {path}"))

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)


class Faults:
    """Those that wait."""

    def __init__(self) -> None:
        self.waiting: list[Fault] = []

    def add(self, kind: str, request: str, **more: int) -> None:
        self.waiting.append(Fault(kind, request, **more))

    def take(self, method: str, path: str) -> Fault | None:
        """Return what goes wrong with a request."""
        for fault in self.waiting:
            if fault.fits(method, path):
                if fault.skip:
                    fault.skip -= 1
                    continue
                fault.times -= 1
                if not fault.times:
                    self.waiting.remove(fault)
                return fault
        return None
