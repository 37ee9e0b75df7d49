"""``runoff fix``: one issue in a local checkout or a repository elsewhere."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from environments.text import inert, one_line
from swebench_runs.cli import options
from swebench_runs.run_folder.outputs import output_file

if TYPE_CHECKING:
    from rich.console import Console

    from swebench_runs.checkouts.fixing import Fix
    from swebench_runs.config import RunConfig
    from swebench_runs.one_task.so_far import SoFar


def fix(
    path: Annotated[str, typer.Argument(help="A checkout's folder, or a repository's URL.", show_default=False)],
    issue: Annotated[str, typer.Option(help="A file, - for standard input, or a GitHub issue's URL.")],
    model: options.Model = None,
    profile: options.Profile = None,
    api_base: options.ApiBase = None,
    config: options.Config = [],  # noqa: B006 - typer makes a new list for each call
    scaffold: options.Scaffold = None,
    trajectories: options.Trajectories = None,
    tests: options.Tests = None,
    turns: options.Turns = None,
    workers: options.Workers = None,
    sandbox: options.Sandbox = None,
    dockerfile: Annotated[
        str | None, typer.Option(help="The checkout's own, relative to its top: build its image, which runs it.")
    ] = None,
    force: Annotated[
        bool | None, typer.Option("--force", help="Go on though nothing can be imported or no test can run.")
    ] = None,
    seed: options.Seed = None,
    abstain: options.Abstain = None,
    apply: Annotated[
        bool, typer.Option("--apply", help="Apply a patch that Runoff stands by to the checkout.")
    ] = False,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", callback=output_file, help="Write the patch here.")
    ] = None,
    redo_existing: Annotated[bool, typer.Option("--redo-existing", help="Forget an earlier try.")] = False,
    dry_run: options.DryRun = False,
    yes: options.Yes = False,
) -> int:
    """Resolve one issue: prints a patch for the checkout as it is now, or says why there is none."""
    from swebench_runs.checkouts.checkout import is_url, require_folder
    from swebench_runs.checkouts.issue import read_issue
    from swebench_runs.config import load
    from swebench_runs.errors import UsageError

    if apply and is_url(path):
        raise UsageError("--apply needs a local checkout: give its folder instead of a URL")
    if not is_url(path):
        require_folder(Path(path))
    named = {
        **{"model": model, "workers": workers, "sandbox": sandbox, "seed": seed, "abstain": abstain, "force": force},
        **{"dockerfile": dockerfile, "trajectories": trajectories, "tests": tests, "turns": turns},
        **{"profile": profile, "api_base": api_base, "scaffold": scaffold},
    }
    loaded = load(config, {"subset": "fix", **options.given(named)})
    statement = read_issue(issue)
    if dry_run:
        from swebench_runs.checkouts.fix_records import fix_records
        from swebench_runs.cli.spending import tell_forecast

        return tell_forecast(loaded, 1, fix_records(), len(statement))
    return _fix(path, statement, loaded, output, apply=apply, redo=redo_existing, yes=yes)


def _fix(
    path: str, statement: str, config: RunConfig, output: Path | None, *, apply: bool, redo: bool, yes: bool
) -> int:
    """Resolve the issue and hand over what came of it; the exit code."""
    from swebench_runs.checkouts.fixing import fix as resolve_issue
    from swebench_runs.cli.spending import agree
    from swebench_runs.cli.terminal import terminal
    from swebench_runs.errors import Exit

    console = terminal(stderr=True)
    agree(config, console, yes=yes)
    fixed = resolve_issue(path, statement, config, console, redo=redo, output=output)
    if fixed.decision is None:
        why = f"Not done: {fixed.unfinished}." if fixed.unfinished else "Interrupted."
        console.print(f"{why} Everything is saved: the same command resumes.", markup=False, highlight=False)
        if fixed.best and not config.abstain:
            console.print(_of_the_best(fixed.best), markup=False, highlight=False)
            _hand_over(fixed, console, output, apply=apply)
        return Exit.FAILED_TASKS if fixed.unfinished else Exit.INTERRUPTED
    _tell(fixed, console)
    if not (config.abstain and fixed.withheld):
        _hand_over(fixed, console, output, apply=apply)
    return Exit.DONE


def _of_the_best(best: SoFar) -> str:
    seen = "a test that failed before passes with it" if best.verified else "no test speaks for it"
    return f"The best patch so far, of {', '.join(best.trajectories)}: {seen}; nothing was voted on yet."


def _tell(fixed: Fix, console: Console) -> None:
    """Tell the task's story on standard error, so that standard output is the patch alone."""
    from swebench_runs.after_run.graded_tasks import graded_task
    from swebench_runs.figures.report.story import tell
    from swebench_runs.run_folder.store import Run

    run = Run.load(fixed.folder)
    for heading, text in tell(graded_task(run, run.instances[0], None)).lines:
        named = "Abstained" if heading == "Answer" and fixed.withheld else heading
        console.print(f"{named}: {one_line(text)}", markup=False, highlight=False)
    console.print(f"The whole record: {fixed.folder}", markup=False, highlight=False)


def _hand_over(fixed: Fix, console: Console, output: Path | None, *, apply: bool) -> None:
    from swebench_runs.checkouts import checkout
    from swebench_runs.run_folder.outputs import write_output

    patch = fixed.patch
    if not patch:
        return
    if output:
        write_output(output, patch.encode("utf-8", "surrogateescape"))
        console.print(f"The patch: {output}", markup=False, highlight=False)
    else:
        # To the byte where a program reads it; where a person does, the repository's text must not steer the terminal.
        said = inert(patch) if sys.stdout.isatty() else patch.encode("utf-8", "surrogateescape")
        typer.echo(said, nl=not patch.endswith("\n"))
    if apply and fixed.withheld:
        console.print("Not applied: Runoff would not stand by it. Read it, then apply it with `git apply`.")
    elif apply:
        checkout.apply(fixed.root, patch)
        console.print(f"Applied to {fixed.root}.", markup=False, highlight=False)
