"""Tests that the model writes itself, drawn or turned round: how many show the issue, and how many are right."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from acceptance.agents.formats.tasks import SEED
from agent.context.build import build_context
from agent.models.contract import Model
from agent.models.profiles import ModelProfile
from agent.patch import make_patch
from agent.scaffolds import SCAFFOLDS
from agent.scaffolds.conversation import Sampling
from agent.scaffolds.replies import ReplyForms
from agent.scaffolds.scaffold import Plan
from agent.trajectory.budget import Ledger
from agent.trajectory.journal import Journal
from agent.trajectory.session import Session
from environments.sandboxes.lease import NoLease
from environments.task import Task
from environments.workbench.outcome import Outcome
from environments.workbench.workbench import Workbench
from swebench_runs.splits.recipe_split import RecipeSplit

SHOWN = 1500
"""Tokens of the repository in a context."""


def write_tests(split: RecipeSplit, task: Task, model: Model, profile: ModelProfile, folder: Path) -> dict[str, Any]:
    """Run one test trajectory that samples; return its counts, and whether its test passes on the right code."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "tests.jsonl"
    path.unlink(missing_ok=True)
    started = time.monotonic()
    with (
        split.open_base(task, "formats") as base,
        Workbench(base, task, record=folder / "executions.jsonl", lease=NoLease()) as bench,
        Journal(path, {"task": task.instance_id}) as journal,
    ):
        files = bench.contents()
        context = build_context(task.problem_statement, files, budget_tokens=SHOWN)
        scaffold = SCAFFOLDS["sampled-tests"]
        plan = Plan(
            situation="",
            forms=ReplyForms(profile, context, files, bench.facts),
            sampling=Sampling(scaffold.turns, 0.8, profile.answer_tokens, seed=SEED),
            issue=task.problem_statement,
        )
        sampling = time.monotonic()
        made = scaffold.run(Session(journal, model, bench, Ledger()), plan, index=0)
        seconds = round(time.monotonic() - sampling, 1)
        right = False
        if made.test is not None and made.reproduces:
            name, content = split.right_file(task.instance_id)
            right = bench.run(made.test, make_patch({name: files[name]}, {name: content})).outcome == Outcome.PASS
    return {
        "sampled": {form: dict(counts) for form, counts in made.sampled.items()},
        "reproduces": made.reproduces,
        "right": right,
        "written_tokens": made.usage.completion_tokens,
        "seconds": seconds,
        "prepared_in": round(sampling - started, 1),
    }
