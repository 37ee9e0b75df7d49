"""``runoff fix``: one issue in a local checkout or a repository elsewhere."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from environments.text import inert
from swebench_runs.cli import options
from swebench_runs.run_folder.outputs import output_file

if TYPE_CHECKING:
    from rich.console import Console

    from swebench_runs.checkouts.fixing import Fix
    from swebench_runs.checkouts.handing_over.wishes import Wishes
    from swebench_runs.config import RunConfig
    from swebench_runs.one_task.so_far import SoFar
    from swebench_runs.run_folder.store import Run


Place = Annotated[
    str,
    typer.Argument(metavar="PATH_OR_URL", help="A checkout's folder, or a repository's URL.", show_default=False),
]
Issue = Annotated[
    str | None,
    typer.Option(
        metavar="FILE_OR_URL", help="A file, - for standard input, or a GitHub issue's URL.", show_default=False
    ),
]
FailingTest = Annotated[
    list[str],
    typer.Option(
        metavar="ID", help="tests/test_x.py::test_y, which fails now (repeatable); by itself it is the issue."
    ),
]
Dockerfile = Annotated[
    str | None,
    typer.Option(metavar="FILE", help="The checkout's own, relative to its top: build its image, which runs it."),
]
Force = Annotated[
    bool | None,
    typer.Option("--force", help="Go on though no test can run, or what the issue shows does not fail."),
]
SuiteBudget = Annotated[
    float | None,
    typer.Option(
        metavar="SECONDS",
        help="Seconds for the rest of a suite that is too long: run on the finalists.  [default: 0]",
    ),
]
Apply = Annotated[bool, typer.Option("--apply", help="Apply a patch that Runoff stands by to the checkout.")]
Branch = Annotated[
    str,
    typer.Option(
        metavar="NAME", help="Commit such a patch to this new branch; work tree and index stay.", show_default=False
    ),
]
WithTest = Annotated[
    bool, typer.Option("--with-test", help="Hand over the test that shows the issue, as a file of the suite.")
]
Output = Annotated[
    Path | None, typer.Option("-o", "--output", metavar="FILE", callback=output_file, help="Write the patch here.")
]


def fix(
    path: Place,
    issue: Issue = None,
    failing_test: FailingTest = [],  # noqa: B006 - as config
    model: options.Model = None,
    profile: options.Profile = None,
    api_base: options.ApiBase = None,
    config: options.Config = [],  # noqa: B006 - typer makes a new list for each call
    scaffold: options.Scaffold = None,
    trajectories: options.Trajectories = None,
    tests: options.Tests = None,
    turns: options.Turns = None,
    cost_limit: options.CostLimit = None,
    workers: options.Workers = None,
    sandbox: options.Sandbox = None,
    dockerfile: Dockerfile = None,
    force: Force = None,
    suite_budget: SuiteBudget = None,
    seed: options.Seed = None,
    abstain: options.Abstain = None,
    apply: Apply = False,
    branch: Branch = "",
    with_test: WithTest = False,
    output: Output = None,
    redo_existing: Annotated[bool, typer.Option("--redo-existing", help="Forget an earlier try.")] = False,
    dry_run: options.DryRun = False,
    yes: options.Yes = False,
) -> int:
    """Resolve one issue in a checkout, or say why not. Prints a patch for the checkout as it is now."""
    from swebench_runs.checkouts.handing_over.wishes import Wishes
    from swebench_runs.checkouts.issue import read_issue
    from swebench_runs.config import RunConfig, load
    from swebench_runs.errors import UsageError

    wishes = Wishes(output=output, apply=apply, branch=branch, with_test=with_test)
    wishes.check(path)
    named = {
        **{"model": model, "workers": workers, "sandbox": sandbox, "seed": seed, "abstain": abstain, "force": force},
        **{"dockerfile": dockerfile, "trajectories": trajectories, "tests": tests, "turns": turns},
        **{"profile": profile, "api_base": api_base, "scaffold": scaffold, "suite_budget": suite_budget},
        "cost_limit": cost_limit,
    }
    if not issue and not failing_test:
        raise UsageError("say what is wrong: --issue FILE, or --failing-test tests/test_x.py::test_y")
    loaded = load(config, {"subset": "fix", **options.given(named)})
    if failing_test and tests is None and loaded.tests == RunConfig().tests:
        loaded = loaded.model_copy(update={"tests": 0})  # the user's own test is the test; --tests N writes more
    statement = read_issue(issue) if issue else ""
    if dry_run:
        from swebench_runs.checkouts.fix_records import fix_records
        from swebench_runs.cli.spending import tell_forecast

        return tell_forecast(loaded, 1, fix_records(), len(statement))
    return _fix(path, statement, failing_test, loaded, wishes, redo=redo_existing, yes=yes)


def _fix(
    path: str, statement: str, failing: list[str], config: RunConfig, wishes: Wishes, *, redo: bool, yes: bool
) -> int:
    """Resolve the issue and hand over what came of it; the exit code."""
    from swebench_runs.checkouts.fixing import fix as resolve_issue
    from swebench_runs.cli.spending import agree
    from swebench_runs.cli.terminal import terminal

    console = terminal(stderr=True)
    agree(config, console, yes=yes)
    fixed = resolve_issue(
        *(path, statement, config, console),
        failing=failing,
        with_test=wishes.with_test,
        redo=redo,
        output=wishes.output,
    )
    if fixed.decision is None:
        why = f"Not done: {fixed.unfinished}." if fixed.unfinished else "Interrupted."
        _say(console, f"{why} Everything is saved: the same command resumes.")
        if fixed.best and not config.abstain:
            _say(console, _of_the_best(fixed.best))
            _hand_over(fixed, console, wishes, "")
        return fixed.exit_code
    message = _tell(fixed, console)
    if not (config.abstain and fixed.withheld):
        _hand_over(fixed, console, wishes, message)
    return fixed.exit_code


def _of_the_best(best: SoFar) -> str:
    seen = "a test that failed before passes with it" if best.verified else "no test speaks for it"
    return f"The best patch so far, of {', '.join(best.trajectories)}: {seen}; nothing was voted on yet."


def _tell(fixed: Fix, console: Console) -> str:
    """Tell why on standard error, so that standard output is the patch alone; return it as a commit's message."""
    from swebench_runs.after_run.graded_tasks import graded_task
    from swebench_runs.checkouts.handing_over.explanation import explained, message
    from swebench_runs.run_folder.store import Run

    run = Run.load(fixed.folder)
    task = graded_task(run, run.instances[0], None)
    lines = explained(task, withheld=fixed.withheld, test=fixed.test.said if fixed.test else "", suite=_suite(run))
    for line in [*lines, f"The whole record: {fixed.folder}"]:
        _say(console, line)
    return message(lines, task.statement)


def _suite(run: Run) -> str:
    """Say what ran of a suite that was too long; empty where it ran whole."""
    from swebench_runs.one_task.suite.rest_of_suite import FILE, RestOfSuite

    rest = run.task(run.instances[0]).read(FILE, RestOfSuite)
    return rest.said if rest else ""


def _hand_over(fixed: Fix, console: Console, wishes: Wishes, message: str) -> None:
    from swebench_runs.run_folder.outputs import write_output

    patch = fixed.patch
    if not patch:
        return
    if wishes.output:
        write_output(wishes.output, patch.encode("utf-8", "surrogateescape"))
        _say(console, f"The patch: {wishes.output}")
    else:
        # To the byte where a program reads it; where a person does, the repository's text must not steer the terminal.
        said = inert(patch) if sys.stdout.isatty() else patch.encode("utf-8", "surrogateescape")
        typer.echo(said, nl=not patch.endswith("\n"))
    if fixed.withheld and (wishes.apply or wishes.branch):
        done = "Not applied" if wishes.apply else "Not committed"
        _say(console, f"{done}: Runoff would not stand by it. Read it, then apply it with `git apply`.")
        return
    for line in wishes.carry_out(fixed.root, patch, message):
        _say(console, line)


def _say(console: Console, line: str) -> None:
    console.print(line, markup=False, highlight=False, soft_wrap=True)
