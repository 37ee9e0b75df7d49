"""The run-off in the finalists' trees, on the real sandbox; a scripted model drives the exact paths."""

import json

import pytest

from agent.models.contract import Choice
from agent.models.profiles import ModelProfile
from agent.models.scripted import ScriptedModel
from agent.patch import make_patch
from agent.scaffolds.conversation import Sampling
from agent.trajectory.budget import Ledger
from agent.trajectory.journal import Journal
from agent.trajectory.session import Session
from agent.trajectory.trajectory import Ending
from selection.runoff import RunoffPlan, run_off
from verifiers.ballot import Candidate

PATH = "shop/price.py"
TOTAL = "from shop import total\n\n\ndef test_sum():\n    assert total({}) == {}\n"
PROFILE = ModelProfile(scaffold="tools", tools=True, names_winner=True, context_tokens=100_000)


def use(name, **arguments):
    function = {"name": name, "arguments": json.dumps(arguments)}
    call = {"id": f"id-{name}", "type": "function", "function": function}
    return Choice(content="", finish_reason="tool_calls", tool_calls=(call,))


def put_to_the_test(given, sum):
    return [
        use("write", path="tests/test_sum.py", content=TOTAL.format(given, sum)),
        use("test", path="tests/test_sum.py"),
    ]


@pytest.fixture
def run(shop, bench, tmp_path):
    before = shop.files[PATH]

    def candidate(name, loop):
        after = before.replace(b"prices[1:]", loop)
        return Candidate(id=name, patch=make_patch({PATH: before}, {PATH: after}))

    finalists = [candidate("wrong", b"prices[:1]"), candidate("right", b"prices")]

    def run(answers, *, profile=PROFILE, turns=10, refuses=False):
        run.model = ScriptedModel(lambda request: next(left))
        run.model.refuses_functions = refuses
        left = iter(answers)
        plan = RunoffPlan("# Code", profile, Sampling(turns, 0.5, 300, seed=3), finalists, names=PROFILE.names_winner)
        with Journal(tmp_path / "runoff.jsonl", {}) as journal:
            return run_off(Session(journal, run.model, bench, Ledger()), plan)

    return run


# With this seed the finalists are shown as A and B in the order that the first test reads off the prompt.
def labels(run):
    prompt = run.model.requests[0].messages[1].content
    first = "right" if prompt.index("in prices:") < prompt.index("in prices[:1]:") else "wrong"
    return {first: "A", "wrong" if first == "right" else "right": "B"}


def told(run, number):
    return run.model.requests[number].messages[-1].content


def test_a_command_is_run_in_all_trees_and_a_test_of_the_harness_decides(run):
    look = use("bash", command="python -c 'from shop import total; print(total([3, 4]))'")
    trajectory, verdict = run(
        [look, *put_to_the_test("[3, 4]", 7), use("verdict", winner="EQUAL", why="They look alike.")]
    )
    right, wrong = labels(run)["right"], labels(run)["wrong"]
    assert f"[{right}]\nexit code 0\n7" in told(run, 1)
    assert f"[{wrong}]\nexit code 0\n3" in told(run, 1)
    assert "[unchanged]\nexit code 0\n4" in told(run, 1)
    assert f"Change {right}: pass" in told(run, 3)
    assert f"{right} 1" in told(run, 3)
    assert (verdict.winner, verdict.equal, trajectory.ending) == ("right", False, Ending.SUBMITTED)
    assert "which these tests do not" in verdict.reason


def test_its_word_counts_where_no_test_objects_and_only_after_one(run):
    seen = []
    say = use("verdict", winner="B", why="It follows the issue.")
    _, verdict = run([say, *put_to_the_test("[0, 4]", 4), say])
    seen = {label: name for name, label in labels(run).items()}
    assert "No test of yours that fails on the unchanged code" in told(run, 1)
    assert verdict.winner == seen["B"]
    assert "It follows the issue." in verdict.reason


def test_equal_and_none_are_verdicts_and_anything_else_is_told(run):
    twice = [use("verdict", winner="EQUAL")] * 2
    _, verdict = run([use("verdict", winner="C"), use("bash", command="true", tree="C"), *twice])
    assert "is no verdict" in told(run, 1)
    assert "There is no tree 'C'" in told(run, 2)
    assert (verdict.winner, verdict.equal) == ("wrong", True), "the rule's own order decides"


def test_what_one_tree_is_given_no_other_sees(run):
    write = use("write", path="shop/new.py", content="x = 1\n", tree="A")
    _, verdict = run([write, use("bash", command="ls shop/new.py"), *[use("verdict", winner="NONE")] * 2])
    assert told(run, 2).count("exit code 2") == 1
    assert "[unchanged, B]" in told(run, 2)
    assert verdict.winner is None


def test_a_model_that_works_without_tools_has_the_run_off_without(run):
    run(["no call"] * 2, profile=PROFILE.model_copy(update={"tools": False}), turns=2)
    assert not run.model.requests[0].options["tools"]


def test_functions_that_were_refused_before_are_not_asked_for_again(run):
    text = '<tool_call>\n{"name": "verdict", "arguments": {"winner": "NONE"}}\n</tool_call>'
    trajectory, verdict = run([Choice(content=text, finish_reason="stop")] * 2, refuses=True)
    assert (trajectory.ending, verdict.winner) == (Ending.SUBMITTED, None)
    assert not any(request.options["tools"] for request in run.model.requests)
    assert '"name": "verdict"' in run.model.requests[0].messages[1].content


def test_half_a_letter_in_a_file_ends_nothing(run):
    write = use("write", path="tests/test_odd.py", content="A = '\ud800'\n")
    _, verdict = run([write, *[use("verdict", winner="NONE")] * 2])
    assert "Written in" in told(run, 1)
    assert verdict.winner is None


def test_a_tree_that_a_command_wrecks_is_replaced_and_the_run_off_goes_on(run):
    wreck = use("bash", command="rm -rf /testbed; chmod 000 .", tree="A")
    look = use("bash", command="cat shop/price.py", tree="A")
    trajectory, verdict = run([wreck, look, *put_to_the_test("[3, 4]", 7), use("verdict", winner="EQUAL")])
    assert "is a fresh one now" in told(run, 1)
    assert "exit code 0" in told(run, 2)
    assert "def total" in told(run, 2)
    assert (verdict.winner, trajectory.ending) == ("right", Ending.SUBMITTED)


def test_a_test_that_was_never_seen_red_is_no_evidence(run):
    trajectory, _ = run([*put_to_the_test("[]", 0), use("verdict", winner="A"), use("verdict", winner="A")])
    assert "fails on the unchanged code has been run" in told(run, 3)
    assert trajectory.test is None
