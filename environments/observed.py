"""The parts of a run's work by name: which log lines belong to, and which a tracer sees where one listens.

    with part("trajectory", "edit-0"):      # a span below its task's; log lines name it
        ...

A part is known to the threads that are given its context (``contextvars.copy_context().run``). Without a tracer a part
costs a microsecond.
"""

from __future__ import annotations

import contextvars
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Protocol

Values = Mapping[str, str | int | float | bool]


class Tracer(Protocol):
    """Sees parts begin and end; it never raises."""

    def part(self, kind: str, name: str, values: Values) -> AbstractContextManager[Any]:
        """Give a part's time as a block."""
        ...


_parts: contextvars.ContextVar[Mapping[str, str]] = contextvars.ContextVar("parts", default={})  # noqa: B039
_listening: list[Tracer] = []


@contextmanager
def part(kind: str, name: str, **values: str | int | float | bool) -> Iterator[None]:
    """Name what the block does.

    Args:
        kind: run, task, trajectory, call or command.
        name: which one.
        values: what more a tracer is told of it; never a text of a model, a repository or a user.
    """
    known = _parts.set({**_parts.get(), kind: name})
    try:
        if _listening:
            with _listening[-1].part(kind, name, values):
                yield
        else:
            yield
    finally:
        _parts.reset(known)


def parts() -> Mapping[str, str]:
    """Return the names of the parts that this thread is at, by kind."""
    return _parts.get()


@contextmanager
def listening(tracer: Tracer) -> Iterator[None]:
    """Have a tracer see the parts of this process that begin while the block lasts."""
    _listening.append(tracer)
    try:
        yield
    finally:
        _listening.remove(tracer)
