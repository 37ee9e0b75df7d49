"""The judge of a strong model: several verdicts, each after a thought."""

import pytest

from agent.models.contract import Choice, Completion, Usage
from agent.models.profiles import ModelProfile
from verifiers.ballot import Ballot, Candidate
from verifiers.judges import Case, asked, left_out
from verifiers.judges.diff_room import diff_room
from verifiers.judges.draws import verdict
from verifiers.judges.p_yes import PYes

STRONG = ModelProfile(judge_draws=3, answer_tokens=5000, context_tokens=200_000)
LONG = Candidate(id="a", patch="--- a/m.py\n+++ b/m.py\n" + "+ a line of code\n" * 2000 + "+ the last line\n")


def case(profile):
    return Case("# Code", LONG, Ballot(entries=(), candidates=(LONG,), tests=(), outcomes={}), profile)


def answers(*texts):
    choices = tuple(Choice(content=text, finish_reason="stop") for text in texts)
    return Completion(choices=choices, usage=Usage(), cost=0.0, latency=0.0)


def test_the_score_is_the_share_of_yes_among_the_verdicts():
    asked_for = []

    def ask(request):
        asked_for.append(request)
        return answers("It looks right.\nVERDICT: YES", "**VERDICT: NO**", "I think YES, but", "VERDICT: YES")

    assert PYes().score(ask, case(STRONG)) == pytest.approx(2 / 3)
    (request,) = asked_for
    assert (request.n, request.max_tokens, request.grammar, request.logprobs) == (3, 5000, None, 0)
    assert "+ a line of code\n" * 2000 in request.messages[-1].content, "the diff is whole within the window"
    assert "Answer with nothing else" not in request.messages[0].content


def test_draws_without_a_verdict_are_no_score():
    assert PYes().score(lambda request: answers("", "hm"), case(STRONG)) is None


@pytest.mark.parametrize(
    "said, meant",
    [
        ("VERDICT: NO\nOn second thoughts:\nVERDICT: YES", True),
        ("YES", True),
        ("No.", False),
        ("The answer must be VERDICT: YES to pass", None),
        ("YES and NO", None),
    ],
)
def test_a_verdict_is_the_last_line_that_is_one(said, meant):
    assert verdict(Choice(content=said, finish_reason="stop")) is meant


def test_a_draw_that_its_length_cut_is_no_verdict_even_where_it_tried_one_on_the_way():
    cut = Choice(content="VERDICT: YES\nwould be wrong if", finish_reason="length")
    assert verdict(cut) is None


def test_a_small_window_is_shown_as_much_as_before():
    assert diff_room(ModelProfile(context_tokens=8192), least=4000) == 4000
    assert diff_room(STRONG, least=3000, changes=4) == 50_000


def test_reasoned_verdicts_are_paid_for_where_they_have_a_say():
    assert asked(("auto",), STRONG) == ()
    assert asked(("auto",), STRONG.model_copy(update={"judge_worth": True})) == ("p-yes",)
    assert asked(("on",), STRONG) == ("p-yes",)


def test_a_judge_that_was_found_worthless_is_asked_by_name_alone():
    measured = ModelProfile(logprobs=True, judge_worth=False)
    assert asked(("auto",), measured) == ()
    assert "no better than chance" in left_out(("auto",), measured)["p-yes"]
    assert asked(("p-yes",), measured) == asked(("on",), measured) == ("p-yes",)
    assert left_out(("p-yes",), measured) == {}
