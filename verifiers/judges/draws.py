"""The judge's question to a strong model: it thinks, then gives its verdict, and is asked several times at once."""

from __future__ import annotations

import re

from agent.models.answers.answer_kind import kind_of
from agent.models.contract import Choice, Completion, Message, Request
from agent.prompts import render
from agent.scaffolds.both_sides import clipped
from verifiers.judges.case import Case
from verifiers.judges.diff_room import diff_room
from verifiers.judges.shown_steps import shown_steps

_WARMTH = 0.7
"""Draws at no temperature would be one and the same."""
_SHOWN_DIFF = 4000
_VERDICT = re.compile(r"^[^\w\n]*VERDICT\W{1,20}(YES|NO)\b", re.MULTILINE | re.IGNORECASE)
_WORD = re.compile(r"\W*(YES|NO)\W*", re.IGNORECASE)


def in_several_draws(case: Case) -> Request:
    """Return the question about one candidate."""
    diff = clipped(case.candidate.patch, diff_room(case.profile, least=_SHOWN_DIFF))
    steps = shown_steps(case.steps, case.profile)
    request = render("judge/reasoned", diff=diff, evidence=case.evidence(), steps=steps)
    messages = (
        Message(role="system", content=render("judge/system")),
        Message(role="user", content=f"{case.situation}\n\n{request}"),
    )
    profile = case.profile
    return Request(messages, n=profile.judge_draws, temperature=_WARMTH, max_tokens=profile.answer_tokens)


def share_of_yes(completion: Completion) -> float | None:
    """Return the share of YES among the draws that end in a verdict; None where none does."""
    verdicts = [said for choice in completion.choices if (said := verdict(choice)) is not None]
    return sum(verdicts) / len(verdicts) if verdicts else None


def verdict(choice: Choice) -> bool | None:
    """Read one draw: its last line of verdict, or the word alone; None for anything else, a cut one too."""
    if kind_of(choice) == "cut":
        return None
    found = _VERDICT.findall(choice.content)
    word = found[-1] if found else (whole[1] if (whole := _WORD.fullmatch(choice.content)) else "")
    return word.upper() == "YES" if word else None
