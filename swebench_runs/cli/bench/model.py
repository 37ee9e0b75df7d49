"""``runoff bench model``: how fast the embedded model answers, by how it is served."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from swebench_runs.run_folder.outputs import output_file


def model(
    name: Annotated[
        str, typer.Option("-m", "--model", metavar="NAME", help="The embedded model that is timed.")
    ] = "local",
    setting: Annotated[
        list[str] | None,
        typer.Option("--setting", metavar="NAME", help="A setting to time beside base; repeatable.  [default: all]"),
    ] = None,
    rounds: Annotated[int, typer.Option(metavar="N", min=1, help="Rounds, each with every setting once.")] = 2,
    json: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", callback=output_file, help="Write the figures here; what it holds is not made again."
        ),
    ] = None,
) -> None:
    """Time the embedded model by its settings. A function rewritten, lines filled in, four answers at once."""
    from json import dumps, loads

    from rich.console import Console

    from swebench_runs.bench.local_model.measure import measure
    from swebench_runs.bench.local_model.settings import CHANGES
    from swebench_runs.bench.local_model.table import table
    from swebench_runs.errors import UsageError
    from swebench_runs.run_folder.outputs import write_output

    if unknown := [one for one in setting or () if one not in CHANGES]:
        raise UsageError(f"there is no setting {unknown[0]!r}; there are: {', '.join(CHANGES)}")
    rows = loads(json.read_text())["rows"] if json and json.is_file() else []
    figures = measure(
        name,
        setting or list(CHANGES),
        rounds=rounds,
        rows=rows,
        keep=lambda figures: write_output(json, dumps(figures, indent=1) + "\n") if json else None,
    )
    Console(width=150).print(table(figures))
