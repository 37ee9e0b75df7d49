"""The parts of a run as OpenTelemetry spans, and how long they take as figures by kind."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from opentelemetry.metrics import Meter
from opentelemetry.trace import Status, StatusCode, Tracer

from environments.observed import Values

_SECONDS = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0, 3600.0, 14400.0)


class Spans:
    """A tracer of ``environments.observed``."""

    def __init__(self, tracer: Tracer, meter: Meter) -> None:
        """Spans go to ``tracer``, their seconds to a histogram of ``meter``."""
        self._tracer = tracer
        self._seconds = meter.create_histogram(
            "runoff_part_seconds",
            description="Seconds of runs, tasks, trajectories, calls and commands.",
            explicit_bucket_boundaries_advisory=_SECONDS,
        )

    @contextmanager
    def part(self, kind: str, name: str, values: Values) -> Iterator[None]:
        """Make a span below the thread's own; of what ends it, its class alone is told: messages quote others."""
        began, failed = time.monotonic(), False
        told = {"runoff.name": name, **{f"runoff.{key}": value for key, value in values.items()}}
        with self._tracer.start_as_current_span(
            f"runoff.{kind}", attributes=told, record_exception=False, set_status_on_exception=False
        ) as span:
            try:
                yield
            except BaseException as error:
                failed = True
                span.set_status(Status(StatusCode.ERROR, type(error).__name__))
                raise
            finally:
                self._seconds.record(time.monotonic() - began, {"kind": kind, "failed": failed})
