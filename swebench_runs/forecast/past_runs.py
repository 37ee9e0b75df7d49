"""What tasks have taken in past runs that were asked in the same way."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from environments.errors import Foreseen
from swebench_runs.after_run.spent import spent_on
from swebench_runs.config import RunConfig
from swebench_runs.figures.metrics.spending import Spent, of_run
from swebench_runs.run_folder.store import Run

MOST_RUNS = 50
"""Neighbouring folders that are read, the latest first."""

SHAPE = (
    *("model", "roles", "scaffold", "trajectories", "tests", "turns", "test_scaffold", "test_turns", "runoff_turns"),
    *("context_tokens", "answer_tokens", "reasoning_effort", "judge", "profile"),
    *("locate", "locate_files", "locate_rankings"),
)
"""What makes tasks of two runs cost alike: their tasks differ, how they are asked does not."""


@dataclass(frozen=True)
class Past:
    """The decided tasks of past runs, and where they are."""

    tasks: tuple[Spent, ...]
    runs: tuple[str, ...]


def alike(config: RunConfig, neighbours: Path) -> Past:
    """Return what the decided tasks of runs below ``neighbours`` took that were asked as ``config`` asks."""
    tasks: list[Spent] = []
    names: list[str] = []
    headers = sorted(neighbours.glob("*/run.yaml"), key=lambda path: path.stat().st_mtime, reverse=True)
    for header in headers[:MOST_RUNS]:
        try:
            run = Run.load(header.parent)
            if any(getattr(run.config, key) != getattr(config, key) for key in SHAPE):
                continue
            found = [of_run(spent_on(run.task(name))) for name in run.instances if run.decided(name)]
        except Foreseen:
            continue  # another version's, or damaged: it says nothing, and is not this command's to mend
        if counted := [one for one in found if one.calls]:
            tasks += counted
            names.append(header.parent.name)
    return Past(tuple(tasks), tuple(names))
