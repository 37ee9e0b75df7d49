"""Who resolves more with as many written tokens: each way works at each drawn task, and the same grader grades both.

A task's outcome by one way is a file of its own, written when it is graded: what is stopped goes on with the next one.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from agent.models.local.server import LocalServer
from environments.sandboxes.lease import NoLease
from environments.task import Task
from environments.workbench.workbench import Workbench
from swebench_runs.bench.embedded_agents import ours, theirs
from swebench_runs.bench.embedded_agents.allowance import Account, Allowances, allowances
from swebench_runs.one_task.ground.base_sandbox import scratch
from swebench_runs.run_folder.files import write_whole
from swebench_runs.splits import Split

RUNOFF, MINI, TOOLS = "runoff", "mini-swe-agent", "runoff, tools"
WAYS = (RUNOFF, MINI, TOOLS)
TASKS, WRITTEN, SEED = 12, 900, 14
TEMPERATURE = 0.2
"""Of mini-swe-agent's answers: that of Runoff's first trajectory."""
GRADE_SECONDS = 300.0
_MORE = {RUNOFF: {}, TOOLS: {"scaffold": "tools", "trajectories": 1}}
_RUN_ID = "bench-agents"


@dataclass(frozen=True)
class Bench:
    """What all of it shares."""

    split: Split
    folder: Path
    """Where outcomes lie."""
    seed: int
    written: int
    """Tokens that each way may have written at each task."""
    console: Console


def drawn(tasks: Sequence[Task], count: int, seed: int) -> list[Task]:
    """Return so many tasks, drawn by the seed whatever their order."""
    pool = sorted(tasks, key=lambda task: task.instance_id)
    return random.Random(seed).sample(pool, min(count, len(pool)))


def work(bench: Bench, tasks: Sequence[Task], *, most: int, tell: Callable[[str], None]) -> int:
    """Do ``most`` of what is not done yet, the first two ways of every task first; return how much is left."""
    wanted = [(task, way) for ways in (WAYS[:2], WAYS[2:]) for task in tasks for way in ways]
    todo = [(task, way) for task, way in wanted if not place(bench.folder, task, way).exists()]
    if not todo[:most]:
        return len(todo)
    with ExitStack() as stack:
        server = stack.enter_context(LocalServer("local"))
        accounts = stack.enter_context(allowances(server.api_base, server.api_key))
        for number, (task, way) in enumerate(todo[:most]):
            outcome = _outcome(bench, accounts, task, way, number)
            write_whole(place(bench.folder, task, way), json.dumps(outcome, indent=1) + "\n")
            tell(
                f"{task.instance_id}, {way}: {outcome['grade']['outcome']}, {outcome['written']} tokens written, "
                f"{outcome['seconds']:.0f} s"
            )
    return len(todo) - len(todo[:most])


def place(folder: Path, task: Task, way: str) -> Path:
    """Return where an outcome lies."""
    return folder / "outcomes" / f"{task.instance_id} {way}.json"


def read(folder: Path, tasks: Sequence[Task]) -> list[dict[str, Any]]:
    """Return the outcomes that are there."""
    paths = [place(folder, task, way) for task in tasks for way in WAYS]
    return [json.loads(path.read_bytes()) for path in paths if path.exists()]


def _outcome(bench: Bench, accounts: Allowances, task: Task, way: str, number: int) -> dict[str, Any]:
    address, account = accounts.open(str(number), bench.written)
    began = time.monotonic()
    made = _mini(bench, task, address) if way == MINI else _runoff(bench, task, way, address)
    seconds = time.monotonic() - began
    return {
        "instance_id": task.instance_id,
        "package": task.repo,
        "kind": bench.split.kind(task.instance_id),
        "way": way,
        "seed": bench.seed,
        "allowed": bench.written,
        **_spent(account),
        "seconds": round(seconds, 1),
        **made,
        "grade": _grade(bench, task, made["patch"]),
    }


def _spent(account: Account) -> dict[str, int]:
    return {
        "written": account.written,
        "read": account.read,
        "calls": account.calls,
        "calls_refused": account.refused,
    }


def _runoff(bench: Bench, task: Task, way: str, address: str) -> dict[str, Any]:
    asked = ours.config(address, bench.seed, _MORE[way])
    return ours.solve(task, bench.split, asked, bench.folder / "runs" / f"{task.instance_id} {way}", bench.console)


def _mini(bench: Bench, task: Task, address: str) -> dict[str, Any]:
    with (
        scratch(_RUN_ID) as folder,
        bench.split.open_base(task, _RUN_ID) as base,
        Workbench(base, task, record=folder / "executions.jsonl", lease=NoLease()) as workbench,
    ):
        return theirs.solve(task, workbench, address, temperature=TEMPERATURE, seed=bench.seed)


def _grade(bench: Bench, task: Task, patch: str) -> dict[str, Any]:
    if not patch.strip():
        return {"outcome": "unresolved", "reason": "no change of a source file"}
    with bench.split.grader(task, _RUN_ID, timeout=GRADE_SECONDS, logs=bench.folder / "logs") as grade:
        return grade(patch).model_dump(mode="json", include={"outcome", "reason", "failing", "dropped"})
