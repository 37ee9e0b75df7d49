"""What a run asks of its models beyond chat, checked before any work starts."""

from __future__ import annotations

from swebench_runs.config import RunConfig
from swebench_runs.errors import UsageError
from swebench_runs.one_task.players import scaffold
from verifiers.judges import WORTHLESS, left_out


def check_capabilities(config: RunConfig) -> list[str]:
    """Return what goes without, a line each; UsageError where the run cannot go without it.

    A scaffold says what it needs, a judge too, and a model's profile what its endpoint offers. A judge that ``auto``
    means is left out; one that is asked for by name is asked.
    """
    for name in config.pool_of("edit").names:
        profile = config.profile_of(name)
        for used in config.mix.pool.names if config.mix else (profile.scaffold,):
            if lacks := profile.lacks(scaffold(used, name).needs):
                raise UsageError(
                    f"the scaffold {used} needs {' and '.join(lacks)}, which {name} is not known to offer: "
                    "choose another with --scaffold NAME, or another model"
                )
    judge = config.pool_of("judge").first
    lines = [
        f"{judge} does not judge the patches ({name}: {why}). Tests and the run-off decide alone; "
        "-c judge=on asks it all the same, -c roles.judge=MODEL asks another."
        for name, why in left_out(config.judge, config.profile_of(judge)).items()
        if why != WORTHLESS  # what comes with Runoff was measured so: no news
    ]
    lines += [
        f"{name}: nobody says whether it calls functions, so it works with {config.profile_of(name).scaffold}; if it "
        f"does, say --scaffold tools (`runoff doctor -m {name}` asks it; docs/models.md has profiles)"
        for name in config.pool_of("edit").names
        if not config.mix and not {"tools", "scaffold"} & config.profile_of(name).model_fields_set
    ]
    if config.roles.locate and config.locate == "none":
        lines.append(f"{config.roles.locate} is not asked where to look: -c locate=symbols or locate=relevance asks it")
    return lines
