"""What a run tells while it goes on: log lines, figures for Prometheus, OpenTelemetry traces and metrics.

    with telling(run_id, log=path, metrics="9464", otlp="http://collector:4318") as watchers:
        run_tasks(..., also=watchers)

Nothing of a model, a repository or a user is in a figure or a span: names, numbers and kinds of errors alone.
"""

from __future__ import annotations

from swebench_runs.telemetry.telling import telling

__all__ = ["telling"]
