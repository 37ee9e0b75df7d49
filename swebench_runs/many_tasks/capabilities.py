"""What a run asks of its model beyond chat, checked before any work starts."""

from __future__ import annotations

from agent.scaffolds import SCAFFOLDS
from swebench_runs.config import RunConfig
from swebench_runs.errors import UsageError
from verifiers.judges import LEFT_OUT, left_out


def check_capabilities(config: RunConfig) -> list[str]:
    """Return what goes without, a line each; UsageError where the run cannot go without it.

    A scaffold says what it needs, a judge too, and a model's profile what its endpoint offers. A judge that ``auto``
    means is left out; one that is asked for by name is asked.
    """
    profile = config.profile_of(config.model)
    if lacks := profile.lacks(SCAFFOLDS[config.scaffold].needs):
        raise UsageError(
            f"the scaffold {config.scaffold} needs {' and '.join(lacks)}, which {config.model} is not known to offer: "
            "choose another with -c scaffold=NAME, or another model"
        )
    names = left_out(config.judge, profile)
    return [f"judge {name} is left out: {LEFT_OUT}" for name in names]
