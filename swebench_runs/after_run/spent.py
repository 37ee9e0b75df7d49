"""What a task took, by its records: every trajectory of every stage, gathered or not, and the clock of each stage."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from agent.models.answers.answer_kind import kind_of
from agent.models.contract import Choice, Usage
from agent.trajectory.journal import REFUSED, paid, read_journal
from swebench_runs.errors import UsageError
from swebench_runs.figures.metrics.spending import BESIDE, Spent, Used, total
from swebench_runs.run_folder.stage_clock import wall_seconds
from swebench_runs.run_folder.task_folder import TaskFolder

STAGES = ("examples", "traces", "locate", "context", "baseline", "tests", "edits", "votes", "judge", "runoff", BESIDE)
"""In the order in which a task goes through them; others are told after these."""
STAGE_OF = {"test": "tests", "edit": "edits", "judge": "judge", "runoff": "runoff", "single": BESIDE}
"""Kind of a trajectory -> the stage that runs it."""


class _Read(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class _Choice(_Read):
    content: str | None = None
    finish_reason: str | None = None
    tool_calls: tuple[dict[str, Any], ...] = ()


class _Answer(_Read):
    """What is counted of a recorded answer."""

    choices: tuple[_Choice, ...] = ()
    usage: Usage
    cost: float | None
    latency: float


class _Execution(_Read):
    seconds: float


class _Runs(_Read):
    executions: tuple[_Execution, ...]


def spent_on(folder: TaskFolder) -> tuple[Spent, ...]:
    """Return what each stage of a task took, in order."""
    found: dict[str, list[Spent]] = {}
    for path in folder.journals():
        kind = path.stem.partition("-")[0]
        stage = STAGE_OF.get(kind, kind)
        try:
            found.setdefault(stage, []).append(_trajectory(stage, read_journal(path)))
        except ValidationError as error:
            raise UsageError(f"{path} is no record of this version of Runoff: {error.errors()[0]['msg']}") from None
    clocks = wall_seconds(folder.events())
    names = sorted(found.keys() | clocks.keys(), key=lambda name: (_place(name), name))
    return tuple(
        total(found.get(name, []), name).model_copy(update={"wall_seconds": clocks.get(name, 0.0)}) for name in names
    )


def _place(stage: str) -> int:
    return STAGES.index(stage) if stage in STAGES else len(STAGES)


def _trajectory(stage: str, lines: Iterable[Mapping[str, Any]]) -> Spent:
    """Sum up one record."""
    model = ""
    calls, answers, usage = 0, Counter[str](), Usage()
    seconds = 0.0
    cost: float | None = 0.0
    for line in lines:
        model = str(line["header"].get("model") or "") if "header" in line else model
        for answer in map(_Answer.model_validate, paid(line)):
            calls += 1
            usage += answer.usage
            cost = None if cost is None or answer.cost is None else cost + answer.cost
            seconds += answer.latency
            request = line.get("request") or {}
            if not request.get("raw"):  # what fills a gap may be a token, or nothing: a sample, and counted as one
                tools = bool(request.get("tools"))
                answers.update(filter(None, (_trouble(choice, stage, tools) for choice in answer.choices)))
        if line.get("kind") == f"model{REFUSED}":
            answers["refused"] += 1
        elif line.get("kind") == "run":
            seconds += sum(run.seconds for run in _Runs.model_validate(line["answer"]).executions)
        elif line.get("kind") == "command":
            seconds += line["answer"]["seconds"]
    return Spent(
        stage=stage,
        trajectories=1,
        calls=calls,
        answers=dict(answers),
        usage=usage,
        cost=cost,
        models={model: Used(calls=calls, usage=usage, cost=cost)} if model and calls else {},
        seconds=seconds,
    )


def _trouble(choice: _Choice, stage: str, tools: bool) -> str | None:
    """Say in a word why an answer was no use as it came; None for one that is whole. A judge is asked for one word."""
    answer = Choice(
        content=choice.content or "", finish_reason=choice.finish_reason or "", tool_calls=choice.tool_calls
    )
    kind = kind_of(answer, tools=tools)
    short = kind == "cut" and stage == STAGE_OF["judge"]
    return None if kind == "whole" or short else kind.replace("_", " ")
