"""The models of a run, connected for the time of it: an embedded one gets its server, each is asked where it is."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager

from agent.models.connect import connect
from agent.models.contract import Model
from agent.models.local.catalog import is_embedded
from environments.sandboxes.lease import CpuLease, Lease, NoLease
from swebench_runs.config import RunConfig
from swebench_runs.many_tasks.models.model_prices import require_prices


@contextmanager
def connected(config: RunConfig, stop: threading.Event) -> Iterator[tuple[Mapping[str, Model], Lease]]:
    """Yield the run's models by name, the editing ones first, and the lease under which embedded ones and the tests
    share this machine's cores."""
    require_prices(config)
    models: dict[str, Model] = {}
    lease: Lease = CpuLease() if any(is_embedded(name) for name in config.models) else NoLease()
    with ExitStack() as stack:
        for name in config.models:
            model = stack.enter_context(
                connect(
                    name,
                    profile=config.profile_of(name),
                    endpoints=config.endpoints(name),
                    lease=lease if is_embedded(name) else NoLease(),
                    cancel=stop,
                )
            )
            models[name] = model
        yield models, lease
