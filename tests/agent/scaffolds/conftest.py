"""Editing trajectories on the real sandbox; a scripted model drives the exact paths."""

import threading

import pytest
from edited_shop import BASELINE, TEST

from agent.context import build_context
from agent.models.profiles import ModelProfile
from agent.models.scripted import ScriptedModel
from agent.scaffolds.conversation import Sampling
from agent.scaffolds.edit_and_test import edit
from agent.scaffolds.replies import ReplyForms
from agent.scaffolds.scaffold import Plan
from agent.trajectory.budget import Ledger
from agent.trajectory.journal import Journal
from agent.trajectory.session import Session
from environments.sandboxes.lease import NoLease
from environments.workbench.workbench import Workbench


@pytest.fixture(scope="module")
def bench(shop, tmp_path_factory):
    """One workbench for a file's tests: what several of them run is run once."""
    record = tmp_path_factory.mktemp("bench") / "executions.jsonl"
    with Workbench(shop.base, shop.task, record=record, lease=NoLease()) as bench:
        yield bench


@pytest.fixture
def run(shop, bench, tmp_path):
    forms = ReplyForms(ModelProfile(), build_context("total", shop.files, budget_tokens=2000), shop.files)

    def run(answers, *, test=TEST, turns=4, limits=None, most=0, name="edit-0", interrupt=None, enough=None, known=()):
        run.model = answers if isinstance(answers, ScriptedModel) else ScriptedModel(answers)
        sampling = Sampling(turns, 0.5, 500, seed=1, most_tokens=most)
        plan = Plan("# Code", forms, sampling, test=test, baseline=BASELINE, known=known)
        run.path = tmp_path / f"{name}.jsonl"
        with Journal(run.path, {"trajectory": name}) as journal:
            session = Session(
                journal,
                run.model,
                bench,
                Ledger(limits),
                interrupt=interrupt or threading.Event(),
                enough=enough or threading.Event(),
            )
            return edit(session, plan, index=0)

    return run
