"""Where a trajectory's CPU time goes: litellm, the rest of the model's layer, commands, and all else: the agent's own.

Only the standard library is used here: the very same code meters mini-swe-agent, in a process of its own.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

T = TypeVar("T")

PARTS = ("own", "layer", "litellm", "command")
"""``own``: outside the model and the commands; ``layer``: the model's layer without litellm; children's time is not in
any of them."""


@dataclass
class Meter:
    """Meters one trajectory, which must be the only thing that its process does."""

    _spent: dict[str, float] = field(default_factory=lambda: dict.fromkeys(PARTS, 0.0))
    _marks: list[dict[str, float]] = field(default_factory=list)
    _inside: list[str] = field(default_factory=list)
    _last: float = field(default_factory=time.process_time)

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """The block's CPU time belongs to a part; what is inside another is the inner one's."""
        self._turn()
        if name == "layer":
            self._marks.append(dict(self._spent))  # a step begins with its call of the model
        self._inside.append(name)
        try:
            yield
        finally:
            self._turn()
            self._inside.pop()

    def wrapped(self, part: str, act: Callable[..., T]) -> Callable[..., T]:
        """Return a function whose every call belongs to a part."""

        def metered(*positional: Any, **named: Any) -> T:
            with self.part(part):
                return act(*positional, **named)

        return metered

    def steps(self) -> dict[str, list[float]]:
        """Return part -> milliseconds of each step but the last one, which has no end."""
        pairs = list(zip(self._marks, self._marks[1:], strict=False))
        return {part: [(after[part] - before[part]) * 1000 for before, after in pairs] for part in PARTS}

    def _turn(self) -> None:
        now = time.process_time()
        self._spent[self._inside[-1] if self._inside else "own"] += now - self._last
        self._last = now
