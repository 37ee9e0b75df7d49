"""What a turn at a core takes beyond its test, in seconds of the processor: ``make acceptance-load-cost``.

Each thing that the load's trajectories do is done a few times with a test that burns nothing. Processor time says the
same on a busy machine, but for caches that others spoil; the looks at a running sandbox grow with how long it takes.
"""

from __future__ import annotations

import itertools
import resource
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

from acceptance.batch.load.runoff_side import SPEC
from acceptance.batch.load.script import files
from acceptance.record import Record, recording
from environments.sandboxes.contract import Sandbox
from environments.sandboxes.lease import NoLease
from environments.task import Task
from environments.workbench.workbench import Workbench
from swebench_runs.one_task.ground.base_sandbox import lay, open_base

COMMANDS, SUITES = 6, 3
"""How often each is done."""
_COMMANDS = ("cat m.py", "sed -i 's/return 1/return 2/' m.py && git diff --stat", "python3 burn_a_core.py")


def taken(act: Callable[[], object], count: int, base: Sandbox) -> dict[str, float | int]:
    """Do something so often; return what one took of the processor, in milliseconds, here and in sandboxes."""
    before, inside = _processor(), base.taken().core_seconds or 0.0
    for _ in range(count):
        act()
    own, children = (after - first for after, first in zip(_processor(), before, strict=True))
    sandboxes = (base.taken().core_seconds or 0.0) - inside
    figures = {"own": own, "children": children, "of_them_in_sandboxes": sandboxes}
    return {"n": count, **{f"{name}_ms": round(1000 * seconds / count, 1) for name, seconds in figures.items()}}


def _processor() -> tuple[float, float]:
    own, children = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own.ru_utime + own.ru_stime, children.ru_utime + children.ru_stime


def main() -> None:
    """Measure each."""
    with (
        tempfile.TemporaryDirectory(prefix="rl") as name,
        recording(Record("load_cost", n=COMMANDS, unit="commands of a kind")) as record,
    ):
        place, repeats = Path(name), itertools.count()
        for path, text in files(0.0).items():
            (place / "source" / path).parent.mkdir(parents=True, exist_ok=True)
            (place / "source" / path).write_text(text)
        commit = lay(place / "source", place / "layer")
        task = Task(instance_id="t", repo="m", base_commit=commit, problem_statement="f.", environment=SPEC)
        with (
            open_base(SPEC, place / "layer", run_id="load-cost") as base,
            Workbench(base, task, record=place / "executions.jsonl", lease=NoLease()) as bench,
        ):
            fork = bench.live(None)
            fork.run("true", timeout=60)  # the first makes the fork
            for command in _COMMANDS:
                record.figures[command] = taken(partial(fork.run, command, timeout=60), COMMANDS, base)
            record.figures["the tree's diff"] = taken(fork.diff, COMMANDS, base)
            patch = fork.diff()
            record.figures["a suite of one test"] = taken(lambda: bench.suite(patch, next(repeats)), SUITES, base)
            fork.close()
        record.check("everything was measured", len(record.figures) == 5, f"{len(record.figures)} kinds")


if __name__ == "__main__":
    main()
