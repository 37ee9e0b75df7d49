"""``runoff bench``: measurements of Runoff itself, a file a verb."""

from __future__ import annotations

import typer

from swebench_runs.cli.bench.agents import agents
from swebench_runs.cli.bench.context import context
from swebench_runs.cli.bench.examples import examples
from swebench_runs.cli.bench.matrix import matrix
from swebench_runs.cli.bench.model import model
from swebench_runs.cli.bench.sandbox import sandbox
from swebench_runs.cli.bench.selection import selection
from swebench_runs.cli.bench.simulate import simulate
from swebench_runs.cli.bench.singles import singles

app = typer.Typer(help="Measure Runoff itself.", no_args_is_help=True)

for verb in (singles, selection, agents, context, model, sandbox, matrix, examples, simulate):
    app.command()(verb)
