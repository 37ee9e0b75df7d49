"""``runoff grade``: run the hidden tests on a run's patches, or on anyone's predictions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from environments.text import amount, one_line
from swebench_runs.cli import options
from swebench_runs.run_folder.outputs import output_folder

SHOWN = 40
"""Lines on tasks that are not resolved: the rest stands in the official files."""


def grade(
    paths: Annotated[
        list[Path],
        typer.Argument(
            metavar="RUN_OR_PREDICTIONS",
            help="A run's folder; or files and folders of predictions, in any form, with --subset.",
            show_default=False,
        ),
    ],
    everything: Annotated[
        bool,
        typer.Option("--all", help="Of a run, or of what `select` chose: every candidate, not the chosen alone."),
    ] = False,
    subset: Annotated[
        str | None, typer.Option(metavar="NAME", help="Of predictions: the split that they are for.")
    ] = None,
    split: options.Split = None,
    config: options.Config = [],  # noqa: B006 - typer makes a new list for each call
    repos: options.Repos = None,
    base_image: options.BaseImage = None,
    image_template: options.ImageTemplate = None,
    pull: options.Pull = None,
    sandbox: options.Sandbox = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--output",
            metavar="FOLDER",
            callback=output_folder,
            help="Of predictions: folder of their grades.  [default: graded/NAME]",
        ),
    ] = None,
) -> int:
    """Grade a run, or anyone's predictions. What is graded already is not graded again."""
    from swebench_runs import splits
    from swebench_runs.after_run.graded_tasks import CHECKOUT
    from swebench_runs.cli.report import grade_and_report
    from swebench_runs.cli.terminal import terminal
    from swebench_runs.errors import UsageError
    from swebench_runs.run_folder.store import Run

    if subset is None:
        if not paths[0].exists():
            raise UsageError(f"{paths[0]} does not exist: give a run's folder, or predictions with --subset")
        if len(paths) != 1 or not (paths[0] / "run.yaml").is_file():
            raise UsageError(f"{paths[0]} is no run's folder: say with --subset which tasks the predictions are for")
        stored = Run.load(paths[0])
        if stored.config.subset == CHECKOUT:
            raise UsageError(f"{paths[0]} is about a checkout: no hidden test can grade it; `runoff report` reads it")
        found = splits.split_of(stored)
        found.check_host()
        return grade_and_report(stored, terminal(), found, everything=everything)
    named = {
        **{"subset": subset, "split": split, "repos": str(repos) if repos else None, "base_image": base_image},
        **{"image_template": image_template, "pull": pull, "sandbox": sandbox},
    }
    place = output or Path("graded") / (paths[0].stem or "predictions")
    return _predictions(paths, config, named, place, everything=everything)


def _predictions(
    paths: Sequence[Path], sources: Sequence[str], named: Mapping[str, Any], output: Path, *, everything: bool
) -> int:
    from swebench_runs import splits
    from swebench_runs.choosing.grade_predictions import grade_predictions
    from swebench_runs.cli.terminal import terminal
    from swebench_runs.config import load

    config = load(sources, options.given(named))
    split = splits.load(config.subset, config.split, splits.RowOptions.of(config))
    split.check_host()
    console = terminal()
    graded = grade_predictions(paths, split, config, output, console, everything=everything)
    lines = [f"{name}: {right} of {amount(total, 'task')} resolved" for name, (right, total) in graded.resolved.items()]
    lines += [*graded.lost[:SHOWN], *([f"... and {len(graded.lost) - SHOWN} more"] if graded.lost[SHOWN:] else [])]
    lines += [
        f"{name}: further attempts at the same tasks, graded, too: {more}; the first at each counts"
        for name, more in graded.further.items()
    ]
    lines += [f"{name} was not graded: {reason}" for name, reason in graded.result.failed.items()]
    lines += [f"not read: {one}" for one in graded.unread]
    if graded.unknown:
        some = ", ".join(graded.unknown[:5]) + f" and {len(graded.unknown) - 5} more" * (len(graded.unknown) > 5)
        lines.append(f"{split.name} has no task {some}: not graded")
    lines += [f"As the official harness: {path}" for path in graded.summaries]
    if graded.result.interrupted:
        lines.append("Interrupted. What is graded is saved: the same command goes on.")
    for line in lines:
        console.print(one_line(line), markup=False, highlight=False, soft_wrap=True)
    return graded.result.exit_code
