"""What is paid for answers that are none is on record, whatever the call ends in."""

import json

import pytest
from model_endpoint import ASK, answer, model_at

from agent.models.contract import ModelError, Request, UnusableAnswer
from agent.models.profiles import ModelProfile
from agent.trajectory.budgeted_model import Ledger
from agent.trajectory.journal import Journal, paid, read_journal
from agent.trajectory.session import Session

PRICED = ModelProfile(price={"policy": "table", "input_per_million": 1000, "output_per_million": 2000})
NOTHING = {**answer("x"), "choices": []}
"""An answer without choices, which is billed."""


@pytest.fixture(autouse=True)
def _fast(monkeypatch):
    monkeypatch.setattr("agent.models.failures.retrying.FIRST_WAIT", 0.001)


def session_at(endpoint, path):
    journal = Journal(path, {})
    return Session(journal=journal, model=model_at(endpoint, PRICED), bench=None, ledger=Ledger())


def test_answers_without_choices_are_counted_with_the_error_and_again_in_the_next_sitting(endpoint, tmp_path):
    endpoint.script = [(200, NOTHING, {})]
    session = session_at(endpoint, tmp_path / "edit-0.jsonl")
    with pytest.raises(UnusableAnswer) as caught:
        session.ask(Request(ASK))
    session.journal.close()
    asked = len(endpoint.requests)
    assert caught.value.paid.prompt_tokens == 10 * asked
    assert session.usage.completion_tokens == 5 * asked
    assert session.cost == pytest.approx(asked * (10 * 0.001 + 5 * 0.002))
    endpoint.script = [(200, answer("ok"), {})]
    later = session_at(endpoint, tmp_path / "edit-0.jsonl")
    later.ask(Request(ASK))
    later.journal.close()
    assert later.usage.prompt_tokens == 10 * (asked + 1)
    assert later.ledger.spent.tokens == 15 * (asked + 1)
    told = [one["usage"] for line in read_journal(tmp_path / "edit-0.jsonl") for one in paid(line)]
    assert sum(one["prompt_tokens"] for one in told) == 10 * len(endpoint.requests)


def test_what_was_paid_before_the_endpoint_went_away_is_counted_too(endpoint, tmp_path):
    endpoint.script = [(200, NOTHING, {}), (503, {"error": {"message": "gone"}}, {"retry-after": "3600"})]
    session = session_at(endpoint, tmp_path / "edit-0.jsonl")
    with pytest.raises(ModelError, match="asks to wait"):
        session.ask(Request(ASK))
    assert session.usage.prompt_tokens == 10
    assert json.loads((tmp_path / "edit-0.jsonl").read_text().splitlines()[-1])["unused"][0]["cost"] > 0
