"""A run's folder of many trajectories, made: one task's records, written as a run does, and copied for the others."""

from __future__ import annotations

import random
import shutil
from functools import partial
from pathlib import Path
from typing import Any

from agent.trajectory.journal import Journal
from environments.task import Task
from environments.workbench.outcome import Outcome
from selection.decision import Decision
from swebench_runs.config import RunConfig
from swebench_runs.run_folder.store import Run
from swebench_runs.run_folder.task_folder import TaskFolder
from verifiers.ballot import Ballot, Candidate, Entry

_WORDS = ("the", "tree", "holds", "a", "parser", "whose", "branch", "drops", "its", "token", "after", "two", "commas")


def made_run(path: Path, tasks: int, trajectories: int, turns: int, seed: int = 0) -> Run:
    """Make a run of so many tasks, decided, each of so many trajectories of so many answers, each with a command."""
    names = [f"made__project-{number:04}" for number in range(tasks)]
    draw = random.Random(seed)
    every = [Task(instance_id=name, repo="made/project", base_commit="c", problem_statement="") for name in names]
    every = [task.model_copy(update={"problem_statement": _text(draw, 250)}) for task in every]
    with Run.start(path, RunConfig(), every) as run:
        first = run.task(names[0])
        for index in range(trajectories):
            _trajectory(draw, first, index, turns)
        _ballot(draw, first, trajectories)
        for name in names[1:]:
            folder = run.task(name).path
            for item in first.path.iterdir():
                if item.name != "task.json":
                    (shutil.copytree if item.is_dir() else shutil.copy)(item, folder / item.name)
        run.write_predictions()
    return Run.load(path)


def _text(draw: random.Random, words: int) -> str:
    lines = (" ".join(draw.choices(_WORDS, k=12)) for _ in range(-(-words // 12)))
    return "\n".join(lines)


def _trajectory(draw: random.Random, folder: TaskFolder, index: int, turns: int) -> None:
    with Journal(folder.journal_path("edit", index), {}) as journal:
        messages: list[dict[str, Any]] = [
            {"role": "system", "content": _text(draw, 600)},
            {"role": "user", "content": _text(draw, 1500)},
        ]
        for turn in range(turns):
            call = {"id": str(turn), "function": {"name": "bash", "arguments": '{"command": "grep -rn token src"}'}}
            said = {"content": _text(draw, 60), "tool_calls": [call]}
            answer = {"choices": [said], "usage": {}, "cost": 0.0, "latency": 1.0}
            journal.step("model", {"messages": messages}, partial(dict, answer))
            output = _text(draw, 400)
            ran = {"exit_code": 0, "timed_out": False, "seconds": 0.1, "output": output}
            journal.step("command", {"command": f"grep -rn token src # {turn}"}, partial(dict, ran))
            messages = [*messages, {"role": "assistant", **said}, {"role": "tool", "content": output}]
        journal.end({"ending": "submitted", "why": ""}, final=True)


def _ballot(draw: random.Random, folder: TaskFolder, trajectories: int) -> None:
    half = max(trajectories // 2, 1)
    patches = {f"{number:016x}": _patch(draw, number) for number in range(half)}
    ids, tests = list(patches), tuple(f"test-{number}" for number in range(4))
    entries = tuple(Entry(id=f"edit-{index}", candidate=ids[index % half]) for index in range(trajectories))
    outcomes = {
        test: {"base": Outcome.FAIL, **{one: draw.choice([Outcome.PASS, Outcome.FAIL]) for one in ids}}
        for test in tests
    }
    candidates = tuple(Candidate(id=one, patch=patch) for one, patch in patches.items())
    folder.write("ballot.json", Ballot(entries=entries, candidates=candidates, tests=tests, outcomes=outcomes))
    decision = Decision(candidate=ids[0], patch=patches[ids[0]], rule="votes", abstained=False, reason="Made.")
    folder.write("decision.json", decision)


def _patch(draw: random.Random, number: int) -> str:
    lines = _text(draw, 240).splitlines()
    body = "".join(f"{draw.choice('+- ')}{line}\n" for line in lines)
    return f"--- a/src/m{number}.py\n+++ b/src/m{number}.py\n@@ -1,{len(lines)} +1,{len(lines)} @@\n{body}"
