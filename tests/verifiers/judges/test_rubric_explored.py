"""A model that calls functions looks at the repository before it writes the rubric; no candidate is shown to it."""

import json

from tools_driver import bash, called

from agent.models.contract import Choice
from agent.models.profiles import ModelProfile
from agent.models.scripted import ScriptedModel
from agent.trajectory.budget import Ledger
from agent.trajectory.journal import Journal
from agent.trajectory.session import Session
from verifiers.ballot import Ballot, Candidate
from verifiers.judges import JUDGES, Hearing

ITEMS = [
    {"check": "total adds every price, the first one too", "weight": 3},
    {"check": "no other function of shop is changed", "weight": 1},
]
STRONG = ModelProfile(scaffold="tools", tools=True, context_tokens=100_000)
CANDIDATES = (Candidate(id="good", patch="+GOOD\n"), Candidate(id="bad", patch="+BAD\n"))
BALLOT = Ballot(entries=(), candidates=CANDIDATES, tests=(), outcomes={})


def scores(bench, path, model):
    with Journal(path, {}) as journal:
        session = Session(journal, model, bench, Ledger())
        hearing = Hearing("# Code", BALLOT, STRONG, session=session)
        return dict(JUDGES["rubric"].scores(session.ask, hearing))


def test_a_rubric_is_written_after_a_look_around_and_replayed_from_its_record(shop, bench, tmp_path):
    def answer(request):
        text, step = request.messages[1].content, sum(one.role == "assistant" for one in request.messages)
        if "You have not seen any of them" in text:
            assert not any(patch in text for patch in ("+GOOD", "+BAD"))
            if step == 0:
                return called(bash("cat shop/price.py"))
            assert "def total" in request.messages[-1].content
            return called(("submit", {"items": ITEMS}))
        return "1: YES\n2: YES" if "+GOOD" in text else "1: YES\n2: NO"

    found = scores(bench, tmp_path / "judge.jsonl", ScriptedModel(answer))
    assert found == {"good": 1.0, "bad": 0.75}
    assert scores(bench, tmp_path / "judge.jsonl", ScriptedModel([])) == found


def test_one_that_never_hands_a_rubric_in_leaves_all_missing(shop, bench, tmp_path):
    never = ScriptedModel(lambda request: Choice(content=json.dumps("hm"), finish_reason="stop"))
    assert scores(bench, tmp_path / "judge.jsonl", never) == {"good": None, "bad": None}
