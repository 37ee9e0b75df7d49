"""``runoff select``: the selection half alone, over anyone's predictions or trajectories."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from swebench_runs.run_folder.outputs import output_folder


def select(
    candidates: Annotated[
        list[Path],
        typer.Argument(
            help="Files or folders of predictions or trajectories, in any form; .gz too.", show_default=False
        ),
    ],
    subset: Annotated[
        str | None, typer.Option(help="The tasks asked for: lite, verified, starter, or a file of SWE-bench rows.")
    ] = None,
    statements: Annotated[list[Path], typer.Option(help="SWE-bench rows with the issues' texts; repeatable.")] = [],  # noqa: B006 - typer makes a new list for each call
    rule: Annotated[str, typer.Option(help="The rule that orders a task's candidates.")] = "consensus",
    verifier: Annotated[
        Path | None, typer.Option(help="A consensus verifier of `runoff verifier fit`, instead of the packaged one.")
    ] = None,
    min_confidence: Annotated[
        float, typer.Option(min=0, max=1, help="Abstain below this P(right); below 0.5 wrong is likelier than right.")
    ] = 0.5,
    abstain: Annotated[bool, typer.Option("--abstain", help="Withhold the patches of abstentions.")] = False,
    output: Annotated[
        Path, typer.Option("-o", "--output", callback=output_folder, help="Folder for preds.json and selection.json.")
    ] = Path("selection"),
) -> None:
    """Choose one patch per task among anyone's candidates. Grades that their files hold are not looked at."""
    from swebench_runs.choosing.account import write
    from swebench_runs.choosing.select import select as choose
    from swebench_runs.choosing.terminal import show
    from swebench_runs.cli.terminal import terminal

    selection = choose(
        candidates,
        subset=subset,
        statements=statements,
        rule=rule,
        verifier=verifier,
        min_confidence=min_confidence,
    )
    predictions, account = write(selection, output, min_confidence=min_confidence, abstain=abstain)
    console = terminal()
    show(selection, console)
    console.print(f"Predictions: {predictions}\nWhy: {account}", markup=False, highlight=False, soft_wrap=True)
