"""The keys of a run's models, looked for before any sandbox is made."""

from __future__ import annotations

from agent.models.key_check import refused_key
from agent.models.keys import missing_key
from swebench_runs.config import RunConfig
from swebench_runs.errors import UsageError


def check_keys(config: RunConfig) -> None:
    """Raise UsageError, in one line, where a model's vendor wants a key and there is none, or one that it refuses."""
    for name in config.models:
        if missing := missing_key(name, config.profile_of(name).model_kwargs):
            raise UsageError(missing)
    for name in config.models:
        if refused := refused_key(name, config.endpoints(name).api_bases, config.profile_of(name).model_kwargs):
            raise UsageError(refused)
