"""One task sampled in one format: its example as tests, its trace and places, then samples until the time is up."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from acceptance.agents.formats.tasks import SEED
from agent.context.build import build_context
from agent.context.imports import import_finder
from agent.context.traces import TaskTraces, trace_case
from agent.models.contract import Completion, Model, Request
from agent.models.profiles import ModelProfile
from agent.scaffolds.conversation import Sampling
from agent.scaffolds.replies import ReplyForms
from agent.scaffolds.sampling.place import Place
from agent.scaffolds.sampling.places import places_of
from agent.scaffolds.sampling.scaffold import setting_of
from agent.scaffolds.sampling.schedule import FORMATS, schedule
from agent.scaffolds.sampling.sieve import Sieve
from agent.scaffolds.scaffold import Plan
from agent.trajectory.budget import Ledger
from agent.trajectory.journal import Journal
from agent.trajectory.session import Session
from environments.sandboxes.contract import Sandbox
from environments.sandboxes.lease import NoLease
from environments.task import Task
from environments.workbench.outcome import Outcome
from environments.workbench.workbench import Workbench
from swebench_runs.one_task.context.executed import places_to_sample
from swebench_runs.one_task.suite.nearby_tests import nearby_tests
from swebench_runs.splits.split import Split
from verifiers.examples import convert_examples
from verifiers.regression import baseline


@dataclass(frozen=True)
class Ground:
    """One task, ready to be sampled."""

    task: Task
    bench: Workbench
    plan: Plan
    places: Sequence[Place]


@contextmanager
def ground(split: Split, task: Task, profile: ModelProfile, folder: Path) -> Iterator[Ground | None]:
    """Open a task: its example as tests, its trace and its places; None where nothing reproduces."""
    folder.mkdir(parents=True, exist_ok=True)
    with (
        split.open_base(task, "formats") as base,
        Workbench(base, task, record=folder / "executions.jsonl", lease=NoLease()) as bench,
    ):
        files = bench.contents()
        finder = import_finder(files, task.environment.python_path)
        found = convert_examples(task.problem_statement, finder).tests
        runs = bench.run_many([(test, None, 0) for test in found])
        tests = [test for test, run in zip(found, runs, strict=True) if run.outcome == Outcome.FAIL]
        if not tests:
            yield None
            return
        executed = _executed(base, bench, task, tests[0])
        near = nearby_tests([path for path, *_ in executed], bench.files(), task.problem_statement)
        plan = Plan(
            situation="",
            forms=ReplyForms(profile, build_context(task.problem_statement, files, budget_tokens=500), files),
            sampling=Sampling(turns=10_000, temperature=0.8, answer_tokens=profile.answer_tokens, seed=SEED),
            test=tests[0],
            baseline=baseline(bench, near).passing,
            known=tests,
            issue=task.problem_statement,
            executed=executed,
        )
        yield Ground(task, bench, plan, places_of(executed, files))


def _executed(base: Sandbox, bench: Workbench, task: Task, test: Any) -> list[Any]:
    with base.fork() as fork:
        trace = trace_case(fork, test, task.environment, bench.contents().get)
    return places_to_sample(TaskTraces.of([trace], []))


class _TimeIsUp(Exception):
    """No further call is made."""


def sample(at: Ground, model: Model, name: str, folder: Path, seconds: float) -> dict[str, Any]:
    """Sample one task in one format for so many seconds; return what became of the samples."""
    path = folder / f"{name}.jsonl"
    path.unlink(missing_ok=True)
    with Journal(path, {"task": at.task.instance_id, "format": name}) as journal:
        session = Session(journal, model, at.bench, Ledger())
        sieve = Sieve(session, list(at.plan.known), at.plan.baseline)
        calls, started, first = [0], time.monotonic(), None

        def ask(request: Request) -> Completion:
            if time.monotonic() - started > seconds:  # a call that was begun in time comes to its end, and counts whole
                raise _TimeIsUp
            calls[0] += 1
            return session.ask(request)

        setting = setting_of(session, at.plan, sieve.tests[0], ask)
        try:
            for place, format, again in schedule(at.places, [FORMATS[name]]):
                for answers in format.answers(setting.again_at(again), place):
                    if sieve.sift(answers) and first is None and sieve.best and not sieve.best.regressions:
                        first = round(time.monotonic() - started, 1)
        except _TimeIsUp:
            pass
        counts = vars(sieve.total)
        return {
            **counts,
            "calls": calls[0],
            "prompt_tokens": session.usage.prompt_tokens,
            "written_tokens": session.usage.completion_tokens,
            "seconds": round(time.monotonic() - started, 1),
            "first_clean_at": first,
            "survivors": [
                {"patch": one.patch, "count": one.count, "broken": len(one.regressions)}
                for one in sorted(sieve.survivors.values(), key=lambda one: one.merit, reverse=True)
            ],
        }
