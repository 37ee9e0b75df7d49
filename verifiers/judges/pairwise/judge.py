"""Asks about two changes at a time by three criteria, and counts the meetings of a tournament."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import starmap
from statistics import fmean

from agent.models.answers.answer_kind import kind_of
from agent.models.contract import Message, Request
from agent.models.profiles import Capability
from agent.prompts import render
from agent.scaffolds.both_sides import clipped
from verifiers.ballot import Candidate
from verifiers.judges.case import evidence
from verifiers.judges.diff_room import diff_room
from verifiers.judges.hearing import Hearing
from verifiers.judges.judge import Ask, Scored
from verifiers.judges.pairwise.letters import GRAMMAR, TOP, read_letters
from verifiers.judges.pairwise.tournament import meetings, play, preferred

CRITERIA = ("root_cause", "completeness", "evidence")
"""What each meeting is asked about, a question each; the criterion stands last, so that a meeting is read once."""
_WARMTH = 0.7
"""Draws at no temperature would be one and the same."""
_ANSWER_TOKENS = 16
_SHOWN_DIFF = 2500


class Pairwise:
    """Scores each candidate by the mean probability with which it was preferred to those that it met.

    Answers: (N + k(N - k) + k(k - 1) / 2) x criteria x draws, for N candidates and k = 2 pivots (`meetings`): with one
    draw 6 for two candidates, 135 for sixteen. Of a model that thinks (``judge_draws`` above 1) letters are taken as
    they are said, and the draws' mean; of another from their log-probabilities, where its endpoint has them.
    """

    needs: frozenset[Capability] = frozenset({"logprobs"})

    def scores(self, ask: Ask, hearing: Hearing) -> Iterator[Scored]:
        """Yield the two that met with their standing so far, meeting by meeting. A lone candidate meets nobody."""
        candidates = hearing.candidates

        def compare(first: int, second: int) -> float | None:
            return _compared(ask, hearing, candidates[first], candidates[second])

        for pair, standing in play(len(candidates), compare, seed=hearing.seed):
            yield from ((candidates[one].id, standing.score(one)) for one in pair)

    def questions(self, candidates: int, draws: int) -> int:
        """Return the answers that a tournament takes."""
        return meetings(candidates) * len(CRITERIA) * draws


def _compared(ask: Ask, hearing: Hearing, first: Candidate, second: Candidate) -> float | None:
    """Return the probability that the first of two is better, over the criteria that were answered; None: over none."""
    said = [found for criterion in CRITERIA if (found := _by(ask, hearing, criterion, (first, second))) is not None]
    if not said:
        return None
    return preferred(*(fmean(one) for one in zip(*said, strict=True)))


def _by(ask: Ask, hearing: Hearing, criterion: str, pair: tuple[Candidate, Candidate]) -> tuple[float, float] | None:
    completion = ask(question(hearing, criterion, pair))
    choices = completion.choices if completion else ()
    if hearing.profile.judge_draws > 1:  # what was cut had not come to its end, and its letters are thoughts on the way
        choices = tuple(choice for choice in choices if kind_of(choice) == "whole")
    read = [found for choice in choices if (found := read_letters(choice))]
    if not read:
        return None
    one, two = starmap(lambda *values: fmean(values), zip(*read, strict=True))
    return one, two


def question(hearing: Hearing, criterion: str, pair: tuple[Candidate, Candidate]) -> Request:
    """Return the question about two changes by one criterion."""
    profile = hearing.profile
    room, thinks = diff_room(profile, least=_SHOWN_DIFF, changes=2), profile.judge_draws > 1
    changes = [{"diff": clipped(one.patch, room), "evidence": evidence(hearing.ballot, one)} for one in pair]
    request = render("judge/pairwise", changes=changes, thinks=thinks, criterion=criterion)
    messages = (
        Message(role="system", content=render("judge/system")),
        Message(role="user", content=f"{hearing.situation}\n\n{request}"),
    )
    if thinks:
        return Request(messages, n=profile.judge_draws, temperature=_WARMTH, max_tokens=profile.answer_tokens)
    return Request(messages, max_tokens=_ANSWER_TOKENS, grammar=GRAMMAR, logprobs=TOP)
