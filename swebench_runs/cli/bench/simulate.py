"""``runoff bench simulate``: how long many tasks would take on other machines, from the records of a small run."""

from __future__ import annotations

from typing import Annotated

import typer

from swebench_runs.cli import options


def simulate(
    run: options.RunFolder,
    tasks: Annotated[int, typer.Option(metavar="N", min=1, help="Tasks of the run that is simulated.")] = 500,
    trajectories: Annotated[int, typer.Option(metavar="N", min=1, help="Of each task.")] = 16,
    nodes: Annotated[int, typer.Option(metavar="N", min=1, help="Machines.")] = 50,
    workers: Annotated[
        int, typer.Option("-w", "--workers", metavar="N", min=1, help="Live trajectories of each machine.")
    ] = 16,
    cores: Annotated[int, typer.Option(metavar="N", min=1, help="Of each machine.")] = 16,
    replicas: Annotated[int, typer.Option(metavar="N", min=1, help="Of the model.")] = 8,
    calls: Annotated[int, typer.Option(metavar="N", min=1, help="That one replica answers at once.")] = 64,
    draws: Annotated[int, typer.Option(metavar="N", min=1, help="Simulations, by seed.")] = 5,
) -> None:
    """Predict how long a run would take elsewhere. From the records of a small one; docs/cluster.md says how well."""
    from environments.text import amount
    from swebench_runs.bench.simulate import Shape, predict, recorded_work
    from swebench_runs.cli.terminal import terminal
    from swebench_runs.many_tasks.live_view.live import clock
    from swebench_runs.run_folder.store import Run

    work = recorded_work(Run.load(run))
    shape = Shape(tasks, trajectories, nodes, workers, cores, replicas, calls)
    found = sorted((predict(work, shape, seed=seed) for seed in range(draws)), key=lambda one: one.seconds)
    middle = found[len(found) // 2]
    lines = (
        f"{amount(tasks, 'task')} of {trajectories} trajectories on {amount(nodes, 'node')} and "
        f"{amount(replicas, 'replica')}, from {amount(len(work), 'recorded task')}:",
        f"{clock(middle.seconds)} ({clock(found[0].seconds)} to {clock(found[-1].seconds)} over "
        f"{amount(draws, 'draw')}), {tasks * 3600 / max(middle.seconds, 1e-9):.1f} tasks an hour",
        f"cores busy {middle.cores_busy:.0%}, Runoff's own process on each node {middle.own_busy:.0%}, replicas "
        f"{middle.replicas_busy:.0%}: more {middle.bound_by} would help most; in {middle.last_tenth:.0%} of the time "
        "under a tenth of the tasks is left",
    )
    for line in lines:
        terminal().print(line, markup=False, highlight=False)
