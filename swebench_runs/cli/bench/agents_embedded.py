"""``runoff bench agents --embedded``: Runoff and mini-swe-agent with the embedded model, equal written tokens."""

from __future__ import annotations

from pathlib import Path

import typer


def compare(tasks: int, written: int, seed: int, most: int, output: Path, json: Path | None) -> None:
    """Make the outcomes that are not there yet, and tell what all say."""
    from json import dumps

    from swebench_runs import splits
    from swebench_runs.bench.embedded_agents.figures import figures
    from swebench_runs.bench.embedded_agents.measure import TEMPERATURE, WAYS, Bench, drawn, read, work
    from swebench_runs.bench.sandboxes.mini_environment import VERSION
    from swebench_runs.cli.terminal import terminal
    from swebench_runs.run_folder.computer import computer, versions
    from swebench_runs.run_folder.outputs import write_output

    split = splits.load("starter", "test")
    split.check_host()
    chosen = drawn(split.tasks(), tasks, seed)
    bench = Bench(split, output, seed, written, terminal())
    left = work(bench, chosen, most=most, tell=typer.echo)
    found = figures(read(output, chosen), WAYS, seed=seed)
    told = {
        "model": "local",
        "written_tokens": written,
        "seed": seed,
        "tasks_drawn": len(chosen),
        "mini_temperature": TEMPERATURE,
        "mini_swe_agent": VERSION,
        **found,
        "machine": computer(),
        "versions": versions(),
    }
    if json:
        write_output(json, dumps(told, indent=1) + "\n")
    for way, one in found["ways"].items():
        typer.echo(f"{way}: {one['resolved']} of {found['n']} resolved, {one['patched']} with a patch")
    if left:
        typer.echo(f"{left} outcomes are still to be made: the same command goes on")
