"""What was asked for of telemetry, begun and ended around a run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from environments.observed import listening
from swebench_runs.errors import EnvironmentMissing, UsageError
from swebench_runs.one_task.progress import Progress
from swebench_runs.telemetry.log_lines import logged_to

if TYPE_CHECKING:
    from opentelemetry.sdk.metrics.export import MetricReader

_LOOPBACK = "127.0.0.1"


@contextmanager
def telling(
    run_id: str, *, log: Path | None = None, metrics: str | None = None, otlp: str | None = None
) -> Iterator[list[Progress]]:
    """Give a run's further watchers for the time of a block; nothing is begun where nothing is asked for.

    Args:
        run_id: the run's name in log lines and spans.
        log: the file that JSON lines are appended to.
        metrics: ``[HOST:]PORT`` where Prometheus may read; the host is this machine alone unless given.
        otlp: the address of a collector that takes OpenTelemetry over HTTP.

    Raises UsageError, in one line, for an address that cannot be used, and EnvironmentMissing without the extra.
    """
    with ExitStack() as stack:
        watchers: list[Progress] = []
        if log is not None:
            watchers.append(stack.enter_context(logged_to(log, run_id)))
        if metrics is not None or otlp is not None:
            if find_spec("opentelemetry") is None or find_spec("opentelemetry.sdk") is None:
                raise EnvironmentMissing("--metrics and --otlp need: pip install 'runoff[telemetry]'")
            watchers.append(stack.enter_context(_measured(run_id, metrics, otlp)))
        yield watchers


@contextmanager
def _measured(run_id: str, metrics: str | None, otlp: str | None) -> Iterator[Progress]:
    from opentelemetry.sdk.metrics import MeterProvider
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider

    from swebench_runs.telemetry.figures import MeasuredProgress
    from swebench_runs.telemetry.spans import Spans

    about = Resource.create({"service.name": "runoff", "runoff.run": run_id})
    readers: list[MetricReader] = []
    tracers = TracerProvider(resource=about, shutdown_on_exit=False)
    with ExitStack() as stack:
        if metrics is not None:
            readers.append(stack.enter_context(_served(*_address(metrics))))
        if otlp is not None:
            readers.append(_sent(tracers, otlp))
        meters = MeterProvider(readers, resource=about, shutdown_on_exit=False)
        meter = meters.get_meter("runoff")
        try:
            with listening(Spans(tracers.get_tracer("runoff"), meter)):
                yield MeasuredProgress(meter)
        finally:  # what is not sent yet is sent
            tracers.shutdown()
            meters.shutdown()


@contextmanager
def _served(host: str, port: int) -> Iterator[MetricReader]:
    """Serve figures at ``/metrics``."""
    from opentelemetry.exporter.prometheus import PrometheusMetricReader
    from prometheus_client import start_http_server

    try:
        server, thread = start_http_server(port, addr=host)
    except (OSError, OverflowError) as error:
        raise UsageError(f"--metrics: {host}:{port} cannot be listened at ({error}): name another port") from None
    try:
        yield PrometheusMetricReader(disable_target_info=True)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _sent(tracers: object, address: str) -> MetricReader:
    """Send spans to a collector; returns what sends it figures."""
    from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    if not address.startswith(("http://", "https://")):
        raise UsageError(f"--otlp: {address!r} is no http address, such as http://localhost:4318")
    assert isinstance(tracers, TracerProvider)
    base = address.rstrip("/")
    tracers.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=f"{base}/v1/traces")))
    return PeriodicExportingMetricReader(OTLPMetricExporter(endpoint=f"{base}/v1/metrics"))


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not port.isdecimal() or not 0 < int(port) < 65536:
        raise UsageError(f"--metrics: {text!r} is no [HOST:]PORT, such as 9464 or 0.0.0.0:9464")
    return host or _LOOPBACK, int(port)
