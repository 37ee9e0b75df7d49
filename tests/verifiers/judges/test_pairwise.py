"""The judge that looks at two at a time: its letters, what is missing, and what its questions share."""

import math
import re
from os.path import commonprefix

import pytest

from agent.models.contract import Choice, Completion, TokenLogprob, Usage
from agent.models.profiles import ModelProfile
from environments.workbench.outcome import Outcome
from verifiers.ballot import BASE, Ballot, Candidate
from verifiers.judges import JUDGES, Hearing
from verifiers.judges.pairwise.judge import CRITERIA
from verifiers.judges.pairwise.letters import read_letters, worth

SAYS = "FIRST: C\nSECOND: T"


def said(text, reason="stop"):
    return Choice(content=text, finish_reason=reason)


def tokens(*parts):
    """An answer by its tokens; one that is a mapping stands for its likeliest text."""
    made = []
    for part in parts:
        top = part if isinstance(part, dict) else {part: 1.0}
        text = max(top, key=top.get)
        made.append(
            TokenLogprob(token=text, logprob=math.log(top[text]), top=tuple((t, math.log(p)) for t, p in top.items()))
        )
    return Choice(content="".join(one.token for one in made), finish_reason="stop", logprobs=tuple(made))


@pytest.mark.parametrize(
    "choice, expected",
    [
        (said(SAYS), (17 / 19, 0.0)),
        (said("FIRST: C\nSECOND: A\nNo, rather:\n**FIRST:** D\n**SECOND:** B"), (16 / 19, 18 / 19)),
        (
            tokens("FIRST", ": ", {"A": 0.5, "T": 0.5}, "\n", "SECOND", ":", {" K": 0.75, " A": 0.25}),
            (0.5, 0.25 + 0.75 * 9 / 19),
        ),
        (tokens("FIRST: ", {"A": 0.6, "maybe": 0.4}, "\nSECOND: ", {"T": 0.9, "t": 0.1}), (1.0, 0.0)),
        (said(SAYS, "length"), None),
        (said(SAYS + "\n\nBecause the", "length"), (17 / 19, 0.0)),
        (said("FIRST: C"), None),
        (said("FIRST: U\nSECOND: A"), None),
        (said("FIRST: As I said\nSECOND: A"), None),
        (said("SECOND: A\nFIRST: C"), None),
        (said("C, T"), None),
        (said(""), None),
    ],
)
def test_golden_letters(choice, expected):
    found = read_letters(choice)
    assert found == (None if expected is None else pytest.approx(expected))


def test_letters_are_even_steps_from_right_to_wrong():
    assert [worth(letter) for letter in "AKT"] == pytest.approx([1, 9 / 19, 0])


CANDIDATES = tuple(
    Candidate(id=name, patch=f"--- a/m.py\n+++ b/m.py\n@@ -1 +1 @@\n-a\n+{name}\n" * 3) for name in ("aa", "bb", "cc")
)
BALLOT = Ballot(
    entries=(),
    candidates=CANDIDATES,
    tests=("t",),
    outcomes={"t": {BASE: Outcome.FAIL, "aa": Outcome.PASS, "bb": Outcome.FAIL, "cc": Outcome.FAIL}},
)
SITUATION = "# Code of the repository\n" + "def f(): return 1\n" * 400
THINKS = ModelProfile(judge_draws=2, answer_tokens=3000, context_tokens=100_000)


def of(request):
    """The two that a question is about, in the order in which they are shown."""
    text = request.messages[-1].content
    return tuple(re.findall(r"^\+(aa|bb|cc)$", text, re.MULTILINE)[::3])


def answered(*texts):
    choices = tuple(said(text) for text in texts)
    return Completion(choices=choices, usage=Usage(), cost=0.0, latency=0.0)


def knows(best, asked=None):
    """A judge that knows which is best."""

    def ask(request):
        if asked is not None:
            asked.append(request)
        letters = ["B" if one == best else "R" for one in of(request)]
        return answered(*[f"FIRST: {letters[0]}\nSECOND: {letters[1]}"] * request.n)

    return ask


def test_the_one_that_is_preferred_leads_and_its_questions_are_as_many_as_were_forecast():
    asked = []
    found = dict(JUDGES["pairwise"].scores(knows("bb", asked), Hearing(SITUATION, BALLOT, THINKS, seed=3)))
    assert max(found, key=found.get) == "bb"
    assert found["aa"] < 0.5 < found["bb"] < 1
    assert sum(request.n for request in asked) == JUDGES["pairwise"].questions(3, THINKS.judge_draws)
    assert {request.n for request in asked} == {2}


def test_a_meeting_s_questions_differ_in_their_last_words_alone():
    asked = []
    list(JUDGES["pairwise"].scores(knows("aa", asked), Hearing(SITUATION, BALLOT, seed=3)))
    texts = [request.messages[-1].content for request in asked]
    for start in range(0, len(texts), len(CRITERIA)):
        meeting = texts[start : start + len(CRITERIA)]
        assert len({of(request) for request in asked[start : start + len(CRITERIA)]}) == 1
        shared = commonprefix(meeting)  # noqa: RUF071 - texts, no paths
        assert all(text.removeprefix(shared).count("\n") <= 1 for text in meeting)
        assert shared.startswith(SITUATION)
    assert "1 of 1 tests that show the issue" in texts[0] + texts[3]


def test_who_is_shown_first_wins_nothing_by_it():
    """A judge that always prefers what it is shown first leaves all about equal."""
    always = lambda request: answered("FIRST: A\nSECOND: T")  # noqa: E731
    found = dict(JUDGES["pairwise"].scores(always, Hearing(SITUATION, BALLOT, seed=5)))
    assert all(score == pytest.approx(0.5, abs=0.12) for score in found.values())


@pytest.mark.parametrize("lost", [None, "cut", "mumbled"])
def test_what_is_refused_cut_or_unreadable_is_missing_and_no_tie(lost):
    def ask(request):
        if "cc" not in of(request):
            return knows("bb")(request)
        return {"cut": Completion(choices=(said(SAYS, "length"),), usage=Usage(), cost=0.0, latency=0.0)}.get(
            lost, None if lost is None else answered("hm")
        )

    found = dict(JUDGES["pairwise"].scores(ask, Hearing(SITUATION, BALLOT, seed=3)))
    assert set(found) == {"aa", "bb"}
    assert found["bb"] > found["aa"]


def test_letters_that_a_model_weighs_before_it_is_cut_are_none():
    def ask(request):
        first, second = ("A" if one == "aa" else "T" for one in of(request))
        cut = said(f"FIRST: {first}\nSECOND: {second}\n\nOn the other hand", "length")
        return Completion(choices=(cut, said("FIRST: J\nSECOND: J")), usage=Usage(), cost=0.0, latency=0.0)

    found = dict(JUDGES["pairwise"].scores(ask, Hearing(SITUATION, BALLOT, THINKS, seed=3)))
    assert list(found.values()) == pytest.approx([0.5] * 3)


def test_a_lone_candidate_meets_nobody_and_nobody_is_asked():
    alone = BALLOT.model_copy(update={"candidates": CANDIDATES[:1]})
    assert list(JUDGES["pairwise"].scores(lambda request: pytest.fail("asked"), Hearing(SITUATION, alone))) == []
