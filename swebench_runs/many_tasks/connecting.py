"""The models of a run, connected for the time of it: an embedded one gets its server, each is asked where it is."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager

from agent.models.connect import connect
from agent.models.contract import Model
from agent.models.litellm_client.litellm_model import LiteLLMModel
from agent.models.local.catalog import CATALOG
from environments.sandboxes.lease import CpuLease, Lease, NoLease
from swebench_runs.config import RunConfig
from swebench_runs.errors import UsageError


@contextmanager
def connected(config: RunConfig, stop: threading.Event) -> Iterator[tuple[Mapping[str, Model], Lease]]:
    """Yield the run's models by name, the editing ones first, and the lease under which embedded ones and the tests
    share this machine's cores."""
    models: dict[str, Model] = {}
    lease: Lease = CpuLease() if any(name in CATALOG for name in config.models) else NoLease()
    with ExitStack() as stack:
        for name in config.models:
            model = stack.enter_context(
                connect(
                    name,
                    profile=config.profile_of(name),
                    endpoints=config.endpoints(name),
                    lease=lease if name in CATALOG else NoLease(),
                    cancel=stop,
                )
            )
            _require_price(config, model)
            models[name] = model
        yield models, lease


def _require_price(config: RunConfig, model: LiteLLMModel) -> None:
    limits = config.limits
    limited = any(budget.cost is not None for budget in (limits.trajectory, limits.task, limits.run))
    if limited and model.price is None:
        raise UsageError(
            f"a money limit is set but nobody knows what {model.name} costs: give -c price.policy=zero, or "
            "-c price.policy=table with price.input_per_million and price.output_per_million"
        )
