"""The execution-free verifier: a model's P(YES) that a patch resolves the issue (R2E-Gym, arXiv 2504.07164, 4.2).

It reads the issue, the code, the diff and what the harness has recorded of it; never what the trajectory says of
itself, since judges are known to believe confident talk.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from agent.models.contract import Choice, Completion, Message, TokenLogprob
from agent.prompts import render
from agent.scaffolds.both_sides import clipped
from environments.workbench.outcome import Outcome
from verifiers.ballot import Ballot, Candidate

TOP = 20
"""Alternatives per token to ask for."""
GRAMMAR = 'root ::= "YES" | "NO"'
_SHOWN_DIFF = 4000

Ask = Callable[[Sequence[Message]], Completion]
"""Asks the model for one short answer with log-probabilities; journalled by the caller."""


def judge_patch(ask: Ask, situation: str, candidate: Candidate, ballot: Ballot) -> float | None:
    """Return P(YES) / (P(YES) + P(NO)) for a candidate; None when the answer shows neither word.

    Where the endpoint returns no log-probabilities the word itself counts, as 1 or 0.
    """
    request = render("judge_request", diff=clipped(candidate.patch, _SHOWN_DIFF), evidence=evidence(ballot, candidate))
    messages = [
        Message(role="system", content=render("system")),
        Message(role="user", content=f"{situation}\n\n{request}"),
    ]
    return p_yes(ask(messages).choices[0])


def evidence(ballot: Ballot, candidate: Candidate) -> list[str]:
    """Return what the harness saw of a candidate, in lines."""
    lines = []
    telling = [test for test in ballot.tests if ballot.reproduces(test)]
    if telling:
        passed = sum(ballot.outcomes[test].get(candidate.id) == Outcome.PASS for test in telling)
        lines.append(f"{passed} of {len(telling)} tests that show the issue on the unchanged code pass")
    broken = ballot.regressions.get(candidate.id)
    if broken is not None:
        lines.append(f"{len(broken)} of the repository's {len(ballot.regression_tests)} passing tests fail")
    return lines


def p_yes(choice: Choice) -> float | None:
    """Read P(YES) off an answer: at the first token that is a spelling of yes or no, spellings summed.

    One of the two absent is bounded by the smallest alternative returned; both absent is missing.
    """
    if choice.logprobs is None:
        return {"yes": 1.0, "no": 0.0}.get(_word(choice.content.split()[0]) if choice.content.split() else "")
    for token in choice.logprobs:
        if _word(token.token) in ("yes", "no"):
            return _share(token)
    return None


def _share(token: TokenLogprob) -> float:
    alternatives = dict(token.top) | {token.token: token.logprob}
    bound = math.exp(min(alternatives.values()))
    mass = {word: sum(math.exp(p) for text, p in alternatives.items() if _word(text) == word) for word in ("yes", "no")}
    yes, no = (mass[word] or bound for word in ("yes", "no"))
    return yes / (yes + no)


def _word(text: str) -> str:
    return text.strip(" \t\n*`\"'.,:").lower()
