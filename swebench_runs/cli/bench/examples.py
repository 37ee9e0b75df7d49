"""``runoff bench examples``: what becomes of the code in real issues."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from swebench_runs.run_folder.outputs import output_file


def examples(
    rows: Annotated[
        Path, typer.Argument(metavar="FILE", help="SWE-bench rows: a JSONL file, or one compressed by gzip.")
    ],
    json: Annotated[
        Path | None, typer.Option(metavar="FILE", callback=output_file, help="Write the figures here.")
    ] = None,
) -> None:
    """Count what becomes of the code examples of real issues."""
    from json import dumps

    from swebench_runs.bench.examples import measure_examples
    from swebench_runs.rows.datasets import read_rows
    from swebench_runs.run_folder.outputs import write_output

    figures = measure_examples(read_rows(rows, "problem_statement"))
    if json:
        write_output(json, dumps(figures, indent=1) + "\n")
    issues, scripts = figures["issues"], figures["scripts"]
    typer.echo(
        f"{issues['with_code']} of {figures['n']} issues hold code; {issues['converted']} convert, "
        f"{issues['converted_strong']} with the right outcome known; {scripts['all']} scripts, {scripts['by_form']}"
    )
