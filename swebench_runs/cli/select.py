"""``runoff select``: the selection half alone, over anyone's predictions or trajectories."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from swebench_runs.cli import options
from swebench_runs.run_folder.outputs import output_folder

Candidates = Annotated[
    list[Path],
    typer.Argument(
        metavar="CANDIDATES",
        help="Files or folders of predictions or trajectories, in any form; .gz too.",
        show_default=False,
    ),
]
Subset = Annotated[
    str | None,
    typer.Option(
        metavar="NAME", help="The tasks asked for: starter, lite, verified, ..., or a file of SWE-bench rows."
    ),
]
Statements = Annotated[
    list[Path], typer.Option(metavar="FILE", help="SWE-bench rows with the issues' texts; repeatable.")
]
Rule = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="The rule that orders a task's candidates.  [default: consensus; with --execute gates-then-consensus]",
    ),
]
Verifier = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="A consensus verifier of `runoff verifier fit`, instead of the packaged one."),
]
MinConfidence = Annotated[
    float | None,
    typer.Option(
        metavar="PROBABILITY",
        min=0,
        max=1,
        help="Abstain below this P(right); below 0.5 wrong is likelier than right.  [default: 0.5]",
    ),
]
Output = Annotated[
    Path,
    typer.Option(
        "-o", "--output", metavar="FOLDER", callback=output_folder, help="Folder for preds.json and selection.json."
    ),
]
Execute = Annotated[
    bool, typer.Option("--execute", help="Run tests on the candidates; the options below are for this.")
]
Asked = Annotated[
    list[str] | None,
    typer.Option("-m", "--model", metavar="NAME", help="Writes tests, judges and holds the run-off.  [default: none]"),
]
Checkout = Annotated[
    str | None,
    typer.Option(metavar="FOLDER", help="A folder that the candidates are for, instead of --subset; with --issue."),
]
Issue = Annotated[
    str | None, typer.Option(metavar="FILE_OR_URL", help="Of --checkout: a file, - or a GitHub issue's URL.")
]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Only say what would be built, run and paid; nothing is started.")
]


def select(
    candidates: Candidates,
    subset: Subset = None,
    statements: Statements = [],  # noqa: B006 - typer makes a new list for each call
    rule: Rule = None,
    verifier: Verifier = None,
    min_confidence: MinConfidence = None,
    abstain: Annotated[bool, typer.Option("--abstain", help="Withhold the patches of abstentions.")] = False,
    output: Output = Path("selection"),
    execute: Execute = False,
    model: Asked = None,
    checkout: Checkout = None,
    issue: Issue = None,
    split: options.Split = None,
    instance: options.Instance = None,
    config: options.Config = [],  # noqa: B006 - as statements
    api_base: options.ApiBase = None,
    tests: options.Tests = None,
    cost_limit: options.CostLimit = None,
    workers: options.Workers = None,
    sandbox: options.Sandbox = None,
    repos: options.Repos = None,
    base_image: options.BaseImage = None,
    image_template: options.ImageTemplate = None,
    pull: options.Pull = None,
    seed: options.Seed = None,
    redo_existing: options.RedoExisting = False,
    dry_run: DryRun = False,
    yes: options.Yes = False,
) -> int:
    """Choose one patch per task among anyone's candidates. Grades that their files hold are not looked at."""
    named = {
        **{"model": model, "split": split, "instances": instance or None, "api_base": api_base, "tests": tests},
        **{"workers": workers, "sandbox": sandbox, "repos": str(repos) if repos else None, "base_image": base_image},
        **{"image_template": image_template, "pull": pull, "seed": seed},
    }
    given = options.given(named)
    if execute:
        _refuse({"--statements": statements, "--verifier": verifier, "--min-confidence": min_confidence}, execute=True)
        given |= options.given({"subset": subset, "rule": rule, "abstain": abstain or None, "cost_limit": cost_limit})
        place = (checkout, issue) if checkout or issue else None
        if dry_run:
            return _foretell(candidates, config, given, place, output)
        return _execute(candidates, config, given, place, output, redo=redo_existing, yes=yes)
    elsewhere = {
        **{"--checkout": checkout, "--issue": issue, "-c": config, "--redo-existing": redo_existing, "--yes": yes},
        **{"--dry-run": dry_run, "--cost-limit": cost_limit},
    }
    _refuse({**{f"--{name.replace('_', '-')}": value for name, value in given.items()}, **elsewhere}, execute=False)
    return _choose(candidates, subset, statements, rule, verifier, min_confidence, abstain=abstain, output=output)


def _refuse(options: Mapping[str, Any], *, execute: bool) -> None:
    from swebench_runs.errors import UsageError

    if found := [name for name, value in options.items() if value not in (None, False, [])]:
        advice = "leave it out with --execute" if execute else "it is for --execute: add that, or leave it out"
        raise UsageError(f"{found[0]}: {advice}")


def _choose(
    candidates: list[Path],
    subset: str | None,
    statements: list[Path],
    rule: str | None,
    verifier: Path | None,
    min_confidence: float | None,
    *,
    abstain: bool,
    output: Path,
) -> int:
    """Choose by the patches alone."""
    from selection.rules import SELECT_RULE
    from swebench_runs.choosing.account import write
    from swebench_runs.choosing.select import select as choose
    from swebench_runs.choosing.terminal import show
    from swebench_runs.cli.terminal import terminal

    least = 0.5 if min_confidence is None else min_confidence
    selection = choose(
        candidates,
        subset=subset,
        statements=statements,
        rule=rule or SELECT_RULE,
        verifier=verifier,
        min_confidence=least,
    )
    predictions, account = write(selection, output, min_confidence=least, abstain=abstain)
    console = terminal()
    show(selection, console)
    console.print(f"Predictions: {predictions}\nWhy: {account}", markup=False, highlight=False, soft_wrap=True)
    return 0


def _execute(
    candidates: list[Path],
    sources: list[str],
    given: Mapping[str, Any],
    place: tuple[str | None, str | None] | None,
    output: Path,
    *,
    redo: bool,
    yes: bool,
) -> int:
    """Choose by running things."""
    from functools import partial

    from swebench_runs.choosing.executed_checkout import choose_in_checkout
    from swebench_runs.choosing.executing import choose_in_split
    from swebench_runs.cli.spending import agree
    from swebench_runs.cli.terminal import terminal
    from swebench_runs.config import load
    from swebench_runs.errors import UsageError

    console = terminal()
    config = load(sources, given)
    allow = partial(agree, console=console, yes=yes, begun=output / "tasks")
    if place is None:
        if "subset" not in given:
            raise UsageError("--execute needs the tasks' environments: say --subset, or --checkout with --issue")
        return choose_in_split(candidates, config, output, console, allow=allow, redo=redo)
    folder, issue = place
    if "subset" in given or not folder or not issue:
        raise UsageError("a checkout is one task: give --checkout FOLDER and --issue FILE, and no --subset")
    return choose_in_checkout(candidates, folder, issue, config, output, console, allow=allow, redo=redo)


def _foretell(
    candidates: list[Path],
    sources: list[str],
    given: Mapping[str, Any],
    place: tuple[str | None, str | None] | None,
    output: Path,
) -> int:
    """Say what choosing by running things would take."""
    from swebench_runs.choosing.dry_run import images_there, planned
    from swebench_runs.cli.spending import tell_forecast
    from swebench_runs.cli.terminal import terminal
    from swebench_runs.config import load
    from swebench_runs.errors import UsageError

    if place is not None or "subset" not in given:
        raise UsageError("--dry-run is for the tasks of a --subset: a checkout's environment is known once it is read")
    plan = planned(candidates, load(sources, given), images_there)
    console = terminal()
    for line in plan.lines:
        console.print(line, markup=False, highlight=False, soft_wrap=True)
    return tell_forecast(plan.config, plan.tasks, output.parent, plan.issue) if plan.config.models else 0
