"""The published input form of trained verifiers: a trajectory's log, its patch, YES or NO.

SWE-Gym's and OpenHands' outcome reward models, R2E-Gym's verifier (arXiv 2504.07164, 4.2; R2E-Gym/R2EGym-Verifier) and
DeepSWE's (agentica-org/DeepSWE-Verifier) were trained on it, so its words are theirs: a model that has seen nothing
else says little on others. What is too long loses the inner text of single blocks, for a placeholder, in the way that
each was trained with.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from statistics import fmean

from agent.models.contract import Choice, Message, Request
from agent.patch import PatchError, sections
from agent.patch.sections import joined
from agent.prompts import render
from agent.scaffolds.tools.window.history import CHARACTERS_PER_TOKEN
from verifiers.ballot import Candidate
from verifiers.judges.hearing import Hearing, LogStep
from verifiers.judges.judge import Ask, Scored
from verifiers.judges.p_yes import p_yes

Condense = Callable[[Sequence[LogStep], int], Sequence[LogStep]]
"""Leaves out of steps so many characters at least, or as many as there are."""

OBSERVATION_LEFT_OUT = "<Observation condensed for saving context>"
THOUGHT_LEFT_OUT = "<Thought condensed for saving context>"
_BESIDE = 500
"""Tokens of a window that are left free."""
_ANSWER_TOKENS = 64
_TOP = 20
_JUDGEMENT = re.compile(r"<judgement>\s*(YES|NO)\b", re.IGNORECASE)


def by_their_logs(ask: Ask, hearing: Hearing, window: int, condense: Condense) -> Iterator[Scored]:
    """Yield each candidate's mean P(YES) over the trajectories that made it, a question each; None where none says.

    A trajectory whose steps nobody knows is judged by the issue and the patch alone. ``window``: tokens at most.
    """
    most = min(window, hearing.profile.context_tokens or window) - _BESIDE
    for candidate in hearing.candidates:
        logs = {entry.by: hearing.log(entry.by) for entry in hearing.makers(candidate)}
        different = list(dict.fromkeys(tuple(log) for log in logs.values())) or [()]
        found = []
        for steps in different:
            completion = ask(question(hearing.ballot.issue, steps, candidate, most, condense))
            found += [said] if completion and (said := judged(completion.choices[0])) is not None else []
        yield candidate.id, fmean(found) if found else None


def question(issue: str, steps: Sequence[LogStep], candidate: Candidate, most: int, condense: Condense) -> Request:
    """Return the question about one trajectory, at most so many tokens long where leaving blocks out gets it there."""
    system = render("judge/interaction_system")
    patch = of_existing_files(candidate.patch)

    def written(steps: Sequence[LogStep]) -> str:
        return render("judge/interaction", system=system, issue=issue, steps=steps, patch=patch)

    text = written(steps)
    too_long = len(text) + len(system) - most * CHARACTERS_PER_TOKEN
    if too_long > 0:
        text = written(condense(steps, too_long))
    messages = (Message(role="system", content=system), Message(role="user", content=text))
    return Request(messages, max_tokens=_ANSWER_TOKENS, logprobs=_TOP)


def judged(choice: Choice) -> float | None:
    """Return P(YES) at the word between the tags; without log-probabilities the word itself, 1 or 0."""
    if choice.logprobs:
        text, start = "", 0
        for place, token in enumerate(choice.logprobs):
            text += token.token
            if "judgement>" in text and not start:
                start = place + 1
        return p_yes(choice.model_copy(update={"logprobs": choice.logprobs[start:]}))
    found = _JUDGEMENT.search(choice.content)
    return p_yes(choice.model_copy(update={"content": found[1], "logprobs": None})) if found else p_yes(choice)


def of_existing_files(patch: str) -> str:
    """Return a diff without its new files, as the verifiers were trained; as it is where it cannot be cut."""
    try:
        return joined(part for part in sections(patch) if part.before is not None)
    except PatchError:
        return patch


def without_observations(steps: Sequence[LogStep], characters: int) -> Sequence[LogStep]:
    """Leave the observations out, the oldest first."""
    kept = list(steps)
    for place, step in enumerate(kept):
        if characters <= 0:
            break
        characters -= len(step.observation) - len(OBSERVATION_LEFT_OUT)
        kept[place] = step._replace(observation=OBSERVATION_LEFT_OUT)
    return kept


def without_thoughts(steps: Sequence[LogStep], characters: int) -> Sequence[LogStep]:
    """Leave the thoughts out, the longest first."""
    kept = list(steps)
    for place in sorted(range(len(kept)), key=lambda place: (-len(kept[place].thought), place)):
        saved = len(kept[place].thought) - len(THOUGHT_LEFT_OUT)
        if characters <= 0 or saved <= 0:
            break
        characters -= saved
        kept[place] = kept[place]._replace(thought=THOUGHT_LEFT_OUT)
    return kept
