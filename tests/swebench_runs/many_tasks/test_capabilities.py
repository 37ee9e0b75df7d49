"""What a run asks of its model is checked before it starts."""

import pytest

from agent.scaffolds import SCAFFOLDS
from agent.scaffolds.edit_and_test import EditAndTest
from swebench_runs.config import load
from swebench_runs.errors import UsageError
from swebench_runs.many_tasks.capabilities import check_capabilities


class Held(EditAndTest):
    needs = frozenset({"grammar"})


@pytest.fixture
def held(monkeypatch):
    monkeypatch.setitem(SCAFFOLDS, "held", Held())


def test_a_scaffold_is_refused_for_a_model_that_lacks_what_it_needs(held):
    with pytest.raises(UsageError, match="held needs grammar, which openai/gpt-5 is not known to offer"):
        check_capabilities(load(["scaffold=held", "model=openai/gpt-5"]))
    assert check_capabilities(load(["scaffold=held", "model=local"])) == []


def test_a_judge_that_auto_leaves_out_is_told_and_one_that_is_named_is_not():
    (line,) = check_capabilities(load(["model=anthropic/claude-sonnet-4-5"]))
    assert "judge yes-no is left out" in line
    assert check_capabilities(load(["model=anthropic/claude-sonnet-4-5", "judge=yes-no"])) == []


def test_an_unknown_scaffold_and_one_that_writes_tests_are_usage_errors():
    with pytest.raises(UsageError, match="did you mean 'edit-and-test'"):
        load(["scaffold=edit-test"])
    with pytest.raises(UsageError, match="no scaffold 'test-writing' that edits"):
        load(["scaffold=test-writing"])
