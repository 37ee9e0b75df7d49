"""The published input form of trained verifiers, and what is left out where it is too long."""

import json
import math

import pytest

from agent.models.contract import Choice, Completion, Message, TokenLogprob, Usage
from agent.models.profiles import ModelProfile
from verifiers.ballot import Ballot, Candidate, Entry
from verifiers.judges import JUDGES, Hearing, LogStep
from verifiers.judges.interaction_log import (
    OBSERVATION_LEFT_OUT,
    THOUGHT_LEFT_OUT,
    judged,
    without_observations,
    without_thoughts,
)
from verifiers.judges.log_steps import log_steps

PATCH = "--- a/m.py\n+++ b/m.py\n@@ -1 +1 @@\n-a\n+b\n"
NEW = "--- /dev/null\n+++ b/new.py\n@@ -0,0 +1 @@\n+x\n"
STEPS = (LogStep("Let me look.", "<function=bash>\n</function>", "m.py"), LogStep("", "done", ""))
BALLOT = Ballot(
    entries=(Entry(id="edit-0", candidate="a"), Entry(id="edit-1", candidate="a"), Entry(id="edit-2", candidate="b")),
    candidates=(Candidate(id="a", patch=PATCH + NEW), Candidate(id="b", patch=PATCH)),
    tests=(),
    outcomes={},
    issue="m is wrong",
)
FORM = """Please evaluate the following interaction between an AI assistant and a user:

=== INTERACTION LOG ===

[SYSTEM]
{system}
[/SYSTEM]

[USER]
You are a software engineer working on a repository. A user has submitted an issue, and you need to resolve it.

Repository Issue:
m is wrong

Please analyze the issue and implement a solution.
[/USER]

[STEP]
0
[/STEP]

[ASSISTANT]
Let me look.

<function=bash>
</function>
[/ASSISTANT]

[USER]
m.py
[/USER]

[STEP]
1
[/STEP]

[ASSISTANT]
done
[/ASSISTANT]

[USER]

[/USER]

=== END INTERACTION ===

=== FINAL PATCH ===

[PATCH]
{patch}
[/PATCH]

=== END FINAL PATCH ===

Based on the above interaction, did the assistant successfully resolve the user's initial request? Respond with YES or NO."""  # noqa: E501 - to the letter


def answer(p):
    parts = ["<", "jud", "gement", ">"]
    tokens = [TokenLogprob(token=part, logprob=0.0, top=((part, 0.0), ("No", -3.0))) for part in parts]
    top = (("YES", math.log(p)), ("NO", math.log(1 - p)))
    tokens.append(TokenLogprob(token="YES" if p > 0.5 else "NO", logprob=max(top[0][1], top[1][1]), top=top))
    return Choice(content="<judgement>YES</judgement>", finish_reason="stop", logprobs=tuple(tokens))


def whole(choice):
    return Completion(choices=(choice,), usage=Usage(), cost=0.0, latency=0.0)


@pytest.mark.parametrize("name", ["r2e-verifier", "deepswe-verifier"])
def test_the_published_form_to_the_letter(name):
    asked = []

    def ask(request):
        asked.append(request)
        return whole(answer(0.8))

    logs = {"edit-0": STEPS, "edit-1": STEPS, "edit-2": ()}
    found = dict(JUDGES[name].scores(ask, Hearing("# never shown", BALLOT, log=logs.__getitem__)))
    assert found == {"a": pytest.approx(0.8), "b": pytest.approx(0.8)}
    first, second = asked
    system = first.messages[0].content
    assert system.startswith("You are an expert judge evaluating AI assistant interactions.")
    assert system.endswith('Respond only with "<judgement>YES</judgement>" or "<judgement>NO</judgement>".')
    assert first.messages[1].content == FORM.format(system=system, patch=PATCH), "without the new file"
    assert "[STEP]" not in second.messages[1].content, "a trajectory that nobody knows is judged by its patch"
    assert (first.temperature, first.logprobs) == (0.0, 20)


def test_a_candidate_s_score_is_the_mean_over_the_different_trajectories_that_made_it():
    logs = {"edit-0": STEPS, "edit-1": STEPS[:1], "edit-2": STEPS}
    answers = iter([whole(answer(0.8)), whole(answer(0.4)), None])
    found = dict(
        JUDGES["r2e-verifier"].scores(lambda request: next(answers), Hearing("", BALLOT, log=logs.__getitem__))
    )
    assert found == {"a": pytest.approx(0.6), "b": None}


@pytest.mark.parametrize(
    "choice, expected",
    [
        (answer(0.9), 0.9),
        (answer(0.2), 0.2),
        (Choice(content="<judgement>YES</judgement>", finish_reason="stop"), 1.0),
        (Choice(content="<think>\n\n</think>\n<judgement>NO</judgement>", finish_reason="stop"), 0.0),
        (Choice(content="No", finish_reason="stop"), 0.0),
        (Choice(content="<judgement>PERHAPS</judgement>", finish_reason="stop"), None),
        (Choice(content="", finish_reason="length"), None),
    ],
)
def test_golden_judgements(choice, expected):
    assert judged(choice) == (None if expected is None else pytest.approx(expected))


def test_what_is_too_long_loses_observations_from_the_oldest_or_thoughts_from_the_longest():
    steps = [LogStep("t" * 300, "a1", "o" * 900), LogStep("t" * 500, "a2", "o" * 800), LogStep("t" * 100, "a3", "o")]
    assert [one.observation for one in without_observations(steps, 500)] == [OBSERVATION_LEFT_OUT, "o" * 800, "o"]
    assert [one.thought for one in without_thoughts(steps, 400)] == ["t" * 300, THOUGHT_LEFT_OUT, "t" * 100]
    assert without_thoughts(steps, 0) == list(steps)
    small = ModelProfile(context_tokens=1200)
    asked = []
    logs = dict.fromkeys(("edit-0", "edit-1", "edit-2"), steps)
    list(JUDGES["deepswe-verifier"].scores(asked.append, Hearing("", BALLOT, small, log=logs.__getitem__)))
    assert THOUGHT_LEFT_OUT in asked[0].messages[1].content
    assert "o" * 900 in asked[0].messages[1].content


def test_a_recorded_conversation_as_steps():
    call = {"id": "c0", "type": "function", "function": {"name": "bash", "arguments": json.dumps({"command": "ls"})}}
    broken = {"id": "c1", "type": "function", "function": {"name": "edit", "arguments": "{"}}
    conversation = (
        Message(role="system", content="rules"),
        Message(role="user", content="the issue"),
        Message(role="assistant", content="I look.", tool_calls=(call, broken)),
        Message(role="tool", content="m.py", tool_call_id="c0"),
        Message(role="tool", content="garbled", tool_call_id="c1"),
        Message(role="assistant", content="That is all."),
    )
    first, last = log_steps(conversation)
    assert first.thought == "I look."
    assert first.action == (
        "<function=bash>\n  <parameter=command>ls</parameter>\n</function>\n"
        "<function=edit>\n  <parameter=text>{</parameter>\n</function>"
    )
    assert first.observation == "m.py\n\ngarbled"
    assert last == LogStep("", "That is all.", "")
