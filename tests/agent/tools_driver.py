"""Trajectories with tools on the real sandbox; a scripted model drives the exact paths."""

import json
import threading

from agent.context import build_context
from agent.models.contract import Choice
from agent.models.profiles import ModelProfile
from agent.models.scripted import ScriptedModel
from agent.scaffolds import SCAFFOLDS
from agent.scaffolds.conversation import Sampling
from agent.scaffolds.replies import ReplyForms
from agent.scaffolds.scaffold import Plan
from agent.trajectory.budget import Ledger
from agent.trajectory.journal import Journal
from agent.trajectory.session import Session
from environments.workbench.outcome import GeneratedTest

TEST = GeneratedTest.of(
    "from shop import total\nif total([3, 4]) != 7:\n    print('got', total([3, 4]))\n    issue_present()\n",
    "issue:0",
)
BASELINE = ("tests/test_price.py::test_discount", "tests/test_price.py::test_total_of_nothing")


def called(*calls, text="", finish="tool_calls", **more):
    """An answer that calls tools: (name, arguments) each; arguments that are text stand as they are."""
    spelled = tuple(
        {
            "id": f"id{number}",
            "type": "function",
            "function": {"name": name, "arguments": given if isinstance(given, str) else json.dumps(given)},
        }
        for number, (name, given) in enumerate(calls)
    )
    return Choice(content=text, finish_reason=finish, tool_calls=spelled, **more)


def bash(command, **more):
    return "bash", {"command": command, **more}


def edit(command, path="shop/price.py", **more):
    return "edit", {"command": command, "path": path, **more}


RIGHT = edit("replace", old_str="in prices[1:]:", new_str="in prices:")
BREAKS = edit("replace", old_str="    result = 0", new_str="    result = 1")
SUBMIT = ("submit", {})


class Driven:
    """What a run of scripted answers came to."""

    def __init__(self, shop, bench, folder):
        self.shop, self.bench, self.folder = shop, bench, folder
        self.made = []

    def __call__(
        self,
        answers,
        *,
        scaffold="tools",
        native=True,
        turns=20,
        test=None,
        baseline=(),
        limits=None,
        parent=None,
        window=None,
        most=0,
        room=500,
        situation="# Code",
        code="",
    ):
        profile = ModelProfile(tools=native, context_tokens=window)
        context = build_context("total", self.shop.files, budget_tokens=2000)
        context = context.model_copy(update={"text": code}) if code else context
        forms = ReplyForms(profile, context, self.shop.files)
        sampling = Sampling(turns, 0.5, room, seed=1, most_tokens=most)
        plan = Plan(situation, forms, sampling, test=test, baseline=baseline)
        self.model = answers if hasattr(answers, "complete") else ScriptedModel(answers)
        self.told = []
        self.path = self.folder / "edit-0.jsonl"
        with Journal(self.path, {"trajectory": "edit-0"}) as journal:
            session = Session(
                journal,
                self.model,
                self.bench,
                parent.child(limits) if parent else Ledger(limits),
                interrupt=threading.Event(),
                enough=threading.Event(),
                tell=self.told.append,
                made=self.made.append,
            )
            return SCAFFOLDS[scaffold].run(session, plan, index=0)

    def result(self, number, place=-1):
        """What the request with this number ended with: what came of the answer before it."""
        return self.model.requests[number].messages[place].content
