"""What a run asks of its model is checked before it starts."""

import pytest

from agent.scaffolds import SCAFFOLDS
from agent.scaffolds.edit_and_test import EditAndTest
from swebench_runs.config import load
from swebench_runs.errors import UsageError
from swebench_runs.many_tasks.models.capabilities import check_capabilities


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
    assert "does not judge the patches (p-yes: nobody has measured it with this model on graded patches: " in line
    assert check_capabilities(load(["model=anthropic/claude-sonnet-4-5", "judge=p-yes"])) == []


def test_an_unknown_scaffold_and_one_that_writes_tests_are_usage_errors():
    with pytest.raises(UsageError, match="did you mean 'edit-and-test'"):
        load(["scaffold=edit-test"])
    with pytest.raises(UsageError, match="no scaffold 'test-writing' that edits"):
        load(["scaffold=test-writing"])


def test_each_model_is_checked_for_the_role_it_plays(held):
    pool = load(["model=local, openai/gpt-5", "scaffold=held=1, edit-and-test=2"])
    with pytest.raises(UsageError, match="held needs grammar, which openai/gpt-5 is not"):
        check_capabilities(pool)
    assert "openai/gpt-5 does not judge" in check_capabilities(load(["roles.judge=openai/gpt-5"]))[0]
    assert check_capabilities(load(["scaffold=held", "roles.test=openai/gpt-5"])) == []
    assert "-c locate=symbols" in check_capabilities(load(["roles.locate=local"]))[0]


def test_a_profile_that_names_no_scaffold_is_a_usage_error():
    with pytest.raises(UsageError, match="profile of local names no scaffold that edits: 'edit-tests'; did you mean"):
        check_capabilities(load(['profile={"match": ["local"], "scaffold": "edit-tests"}']))


def test_a_model_of_which_nobody_says_whether_it_calls_functions_is_told():
    lines = check_capabilities(load(["model=hosted_vllm/my-alias"]))
    assert any("works with edit-and-test; if it does, say --scaffold tools" in line for line in lines)
    for known in (["model=hosted_vllm/my-alias", "scaffold=tools"], ["model=hosted_vllm/zai-org/GLM-4.6"]):
        assert not any("calls functions" in line for line in check_capabilities(load(known)))
