"""The judge ``p-yes``: a model's P(YES) that a patch resolves the issue (R2E-Gym, arXiv 2504.07164, 4.2)."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

from agent.models.answers.answer_kind import kind_of
from agent.models.contract import Choice, Message, Request, TokenLogprob
from agent.models.profiles import Capability
from agent.prompts import render
from agent.scaffolds.both_sides import clipped
from verifiers.judges.case import Case
from verifiers.judges.diff_room import diff_room
from verifiers.judges.draws import in_several_draws, share_of_yes
from verifiers.judges.hearing import Hearing
from verifiers.judges.judge import Ask, Scored
from verifiers.judges.shown_steps import shown_steps

_TOP = 20
_GRAMMAR = 'root ::= "YES" | "NO"'
_ANSWER_TOKENS = 4
_MORE_TOKENS = 64
"""Room of a second try, where the first was cut before it said a word: some endpoints count a preamble, or have a
least room of their own."""
_SHOWN_DIFF = 4000


class PYes:
    """Asks for one word, whose log-probabilities are the score; of a strong model, for a few reasoned verdicts."""

    needs: frozenset[Capability] = frozenset({"logprobs"})

    def scores(self, ask: Ask, hearing: Hearing) -> Iterator[Scored]:
        """Yield each candidate's P(YES), one question each."""
        for case in hearing.cases():
            yield case.candidate.id, self.score(ask, case)

    def questions(self, candidates: int, profile_draws: int) -> int:
        """Return one for each candidate, or as many as the model is asked to draw."""
        return candidates * profile_draws

    def score(self, ask: Ask, case: Case) -> float | None:
        """Return P(YES) / (P(YES) + P(NO)) for a candidate; None when the answer shows neither word.

        Where the endpoint returns no log-probabilities the word itself counts, as 1 or 0. A model whose profile says
        so thinks before its word, and gives several: the score is the share of YES among them.
        """
        if case.profile.judge_draws > 1:
            drawn = ask(in_several_draws(case))
            return share_of_yes(drawn) if drawn else None
        diff = clipped(case.candidate.patch, diff_room(case.profile, least=_SHOWN_DIFF))
        steps = shown_steps(case.steps, case.profile)
        request = render("judge/p_yes", diff=diff, evidence=case.evidence(), steps=steps)
        messages = (
            Message(role="system", content=render("system", strict=True)),
            Message(role="user", content=f"{case.situation}\n\n{request}"),
        )
        question = Request(messages, max_tokens=_ANSWER_TOKENS, grammar=_GRAMMAR, logprobs=_TOP)
        answer = ask(question)
        if answer and p_yes(answer.choices[0]) is None and kind_of(answer.choices[0]) == "cut":
            answer = ask(replace(question, max_tokens=_MORE_TOKENS))
        return p_yes(answer.choices[0]) if answer else None


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
