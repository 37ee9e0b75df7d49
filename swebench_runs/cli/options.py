"""Options that several verbs share."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

Config = Annotated[
    list[str],
    typer.Option(
        "-c",
        "--config",
        metavar="SETTING",
        help="A file, a built-in name (demo, strong, ...) or a.b.c=value; repeatable.",
    ),
]
Model = Annotated[
    list[str] | None,
    typer.Option(
        "-m",
        "--model",
        metavar="NAME",
        help="Any litellm model string, or `local` (the embedded model). Several, each maybe with =WEIGHT, are "
        "a pool: trajectories are drawn from it.  [default: local]",
    ),
]
Scaffold = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="How trajectories edit: a name, or a mix as `tools=6,edit-and-test=2`; else as the model's profile says.",
    ),
]
Profile = Annotated[
    Path | None,
    typer.Option("--profile", metavar="FILE", help="A file of model profiles, tried before the packaged ones."),
]
ApiBase = Annotated[
    list[str] | None,
    typer.Option(
        "--api-base", metavar="URL", help="Where the model is served; repeatable, or with commas: its replicas."
    ),
]
Trajectories = Annotated[
    int | None, typer.Option(metavar="N", help="Editing trajectories per task, or as the mix says.  [default: 4]")
]
Tests = Annotated[int | None, typer.Option(metavar="N", help="Test trajectories per task.  [default: 2]")]
Turns = Annotated[
    int | None,
    typer.Option(metavar="N", help="Model calls of one editing trajectory.  [default: the scaffold's, 4 or 250]"),
]
CostLimit = Annotated[
    float | None,
    typer.Option(
        "-l",
        "--cost-limit",
        min=0,
        metavar="DOLLARS",
        help="US dollars that one task may cost at most.  [default: none]",
    ),
]
Workers = Annotated[
    int | None, typer.Option("-w", "--workers", metavar="N", help="Live trajectories, over all tasks.  [default: 4]")
]
Cluster = Annotated[
    str | None,
    typer.Option(
        metavar="ADDRESS",
        help="Work on a Ray cluster's nodes, -w on each: auto, ray://HOST:PORT or HOST:PORT; docs/cluster.md.",
    ),
]
SharedFolder = Annotated[
    bool | None,
    typer.Option(
        "--shared/--no-shared",
        help="Whether nodes must see the run's folder, or send their records.  [default: as each finds it]",
    ),
]
Sandbox = Annotated[str | None, typer.Option(metavar="KIND", help="auto, docker or bubblewrap.  [default: auto]")]
Repos = Annotated[
    Path | None, typer.Option(metavar="FOLDER", help="A folder of repositories; else what a task needs is cloned.")
]
BaseImage = Annotated[str | None, typer.Option(metavar="IMAGE", help="The Debian below the images that are built.")]
ImageTemplate = Annotated[
    str | None,
    typer.Option(metavar="TEMPLATE", help="Names of published images: swebench, epoch, ..., or text with {id}."),
]
Pull = Annotated[
    bool | None, typer.Option("--pull/--no-pull", help="Take published images instead of building.  [default: no-pull]")
]
Split = Annotated[str | None, typer.Option(metavar="NAME", help="Which part of the subset.  [default: test]")]
Instance = Annotated[
    list[str] | None, typer.Option("-i", "--instance", metavar="ID", help="Only this one; repeatable.")
]
RedoExisting = Annotated[bool, typer.Option("--redo-existing", help="Set what is there aside; begin anew.")]
Seed = Annotated[int | None, typer.Option(metavar="N", help="Seed of everything that is drawn.  [default: 0]")]
Abstain = Annotated[
    bool | None,
    typer.Option("--abstain/--no-abstain", help="Withhold what Runoff would not stand by.  [default: no-abstain]"),
]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Only say what it would cost, at most and probably; nothing is started.")
]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask before a run on paid models that has no limit.")]
RunFolder = Annotated[Path, typer.Argument(metavar="RUN", help="A run's folder.", show_default=False)]


def given(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options that were given, under the dotted keys of the configuration, whose the rest is to say.

    ``cost_limit``: of 0 there is none, as with the peers whose option it is.
    """
    found = {name: value for name, value in options.items() if value not in (None, [])}
    if cost := found.pop("cost_limit", None):
        found["limits.task.cost"] = cost
    if isinstance(path := found.get("profile"), Path):
        from swebench_runs.config.own_profiles import profiles_in

        found["profile"] = profiles_in(path)
    return found
