"""Waivers of the regression gate: an existing test that the issue itself asks to break, by a sentence of the issue.

A model may say so, and is believed in one thing alone: the words that it quotes. They must stand in the issue, whole
and verbatim but for white space; what follows from them is for whoever reads the decision, which repeats them.
"""

from __future__ import annotations

import re
from collections import Counter

from agent.models.answers.answer_kind import kind_of
from agent.models.contract import Message, Request
from agent.prompts import render
from verifiers.ballot import Ballot
from verifiers.judges.judge import Ask

MOST_TESTS = 5
"""Broken tests that are asked about, those first that most candidates break."""
LEAST_WORDS = 4
"""Words of a quotation, below which it asks for nothing."""
_ROOM = 1024
_QUOTE = re.compile(r"^[^\w\n]*QUOTE[^\w\n]*?:\s{0,20}(\S.*)$", re.MULTILINE | re.IGNORECASE)


def wanted(ballot: Ballot) -> bool:
    """Tell whether a waiver could change anything: every candidate breaks something, so that none stands above it.

    A suspicious one, which may seem to break nothing, stands above no other.
    """
    clean = [one for one in ballot.candidates if not one.suspicious] or ballot.candidates
    measured = [ballot.regressions.get(candidate.id) for candidate in clean]
    return bool(measured) and all(measured)


def waivers(ask: Ask, situation: str, ballot: Ballot) -> dict[str, dict[str, str]]:
    """Return candidate id -> broken test -> the issue's words for it; a question a test, no candidate is shown."""
    broken = Counter(test for tests in ballot.regressions.values() for test in tests)
    quotes: dict[str, str] = {}
    for test, _ in sorted(broken.items(), key=lambda one: (-one[1], one[0]))[:MOST_TESTS]:
        request = render("judge/waiver", test=test)
        messages = (
            Message(role="system", content=render("judge/system")),
            Message(role="user", content=f"{situation}\n\n{request}"),
        )
        answer = ask(Request(messages, max_tokens=_ROOM))
        said = answer.choices[0] if answer else None
        # Of an answer that is cut, the last quotation may be one that was only weighed.
        quote = quoted(said.content, ballot.issue) if said and kind_of(said) == "whole" else ""
        if quote:
            quotes[test] = quote
    found = {
        candidate: {test: quotes[test] for test in tests if test in quotes}
        for candidate, tests in ballot.regressions.items()
    }
    return {candidate: waived for candidate, waived in found.items() if waived}


def quoted(answer: str, issue: str) -> str:
    """Return the words of the issue that an answer quotes last; empty where they do not stand there, or ask nothing."""
    said = _QUOTE.findall(answer)
    words = " ".join(said[-1].strip(" \t\r*`'\"“”").split()) if said else ""
    if len(words.split()) < LEAST_WORDS or words not in " ".join(issue.split()):
        return ""
    return words
