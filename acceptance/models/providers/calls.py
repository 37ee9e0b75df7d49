"""Every kind of call that Runoff makes of a model, made once."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from agent.models.contract import Completion, Message, Model, Request
from agent.models.profiles import ModelProfile
from agent.prompts import render
from verifiers.ballot import Ballot, Candidate
from verifiers.judges import Case
from verifiers.judges.p_yes import PYes

WARM = 1.3
"""As warm as a dialogue gets that began afresh."""
DRAWS = 3
_SITUATION = "# Code of the repository a/b\n\ndef half(n): return n\n\n# Issue\n\nHalf of 4 is 4."
_OPENING = f"{_SITUATION}\n\n# Request\n\nCorrect it."
_BASH: dict[str, Any] = {
    "type": "function",
    "function": {
        "name": "bash",
        "description": "Runs a shell command.",
        "parameters": {
            "type": "object",
            "properties": {"command": {"type": "string", "description": "What to run."}},
            "required": ["command"],
        },
    },
}


@dataclass(frozen=True)
class Asked:
    """A model, as all kinds of calls use it."""

    model: Model
    profile: ModelProfile

    @property
    def room(self) -> int:
        """The room of an answer."""
        return self.profile.room(self.profile.answer_tokens)

    def ask(self, *messages: Message, **wanted: Any) -> Completion:
        """Ask, below the system message."""
        system = Message(role="system", content=render("system", strict=False))
        options = {"max_tokens": self.room, "seed": 2**33 + 7, **wanted}
        return self.model.complete(Request((system, *messages), **options))


def _user(text: str) -> Message:
    return Message(role="user", content=text)


def edit(asked: Asked) -> list[Completion]:
    """An editing turn, and the one after an answer that could not be used."""
    first = asked.ask(_user(_OPENING), temperature=0.8)
    answer = Message(role="assistant", content=first.choices[0].content, thinking=first.choices[0].thinking)
    return [first, asked.ask(_user(_OPENING), answer, _user("It could not be used."), temperature=0.8)]


def afresh(asked: Asked) -> list[Completion]:
    """A dialogue that begins afresh, warmer, with two messages of the user's in a row."""
    return [asked.ask(_user(_OPENING), _user("Not this again."), temperature=WARM)]


def test(asked: Asked) -> list[Completion]:
    """A test, at no temperature, and more room for an answer that was cut."""
    more = max(asked.room, asked.profile.max_output_tokens)
    return [asked.ask(_user(_OPENING)), asked.ask(_user(_OPENING), max_tokens=more)]


def judge(asked: Asked) -> list[Completion]:
    """A judge's one word, with its log-probabilities."""
    return _judged(asked, asked.profile.model_copy(update={"judge_draws": 1}))


def draws(asked: Asked) -> list[Completion]:
    """A judge's several verdicts, each after a thought: of one call, or of as many calls."""
    made = _judged(asked, asked.profile.model_copy(update={"judge_draws": DRAWS}))
    if len(made[-1].choices) != DRAWS:
        raise ValueError(f"{len(made[-1].choices)} verdicts of {DRAWS}")
    return made


def _judged(asked: Asked, profile: ModelProfile) -> list[Completion]:
    made: list[Completion] = []

    def ask(request: Request) -> Completion:
        room = asked.profile.room(request.max_tokens)
        made.append(asked.model.complete(replace(request, max_tokens=room, seed=5)))
        return made[-1]

    candidate = Candidate(id="c" * 16, patch="--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n")
    case = Case(_SITUATION, candidate, Ballot(entries=(), candidates=(candidate,), tests=(), outcomes={}), profile)
    if (score := PYes().score(ask, case)) is None or score < 0.5:
        raise ValueError(f"the judge read {score} of {made[-1].choices[0]}")
    return made


def weighed_draws(asked: Asked) -> list[Completion]:
    """Several draws of one word, each with its log-probabilities where the vendor has them."""
    room = asked.profile.room(16)
    made = asked.ask(_user(_OPENING), n=DRAWS, temperature=0.7, logprobs=5, max_tokens=room)
    if len(made.choices) != DRAWS:
        raise ValueError(f"{len(made.choices)} draws of {DRAWS}")
    if "logprobs dropped" not in made.notes and not all(choice.logprobs for choice in made.choices):
        raise ValueError("log-probabilities were asked for, not left out, and did not come with every draw")
    return [made]


def samples(asked: Asked) -> list[Completion]:
    """Several answers to one request, with words that end them."""
    made = asked.ask(_user(_OPENING), n=3, temperature=1.0, stop=("\n# End",))
    if len(made.choices) != 3:
        raise ValueError(f"{len(made.choices)} answers of 3")
    return [made]


def tools(asked: Asked) -> list[Completion]:
    """A loop with functions: two calls, their results, two more, an answer that is asked for without functions."""
    wanted: Mapping[str, Any] = {"tools": [_BASH], "tool_choice": "auto", "temperature": 0.8}
    messages = [_user(_OPENING)]
    made = [asked.ask(*messages, **wanted)]
    for _ in range(2):
        messages += _with_results(made[-1])
        made.append(asked.ask(*messages, **wanted))
        messages += [*_with_results(made[-1]), _user("Go on.")]
        made.append(asked.ask(*messages, **wanted))
    messages += _with_results(made[-1])
    return [*made, asked.ask(*messages), asked.ask(*messages, tools=[_BASH], tool_choice="none")]


def forced(asked: Asked) -> list[Completion]:
    """A call of a function that the model is held to."""
    return [asked.ask(_user(_OPENING), tools=[_BASH], tool_choice="required")]


KINDS: dict[str, Callable[[Asked], list[Completion]]] = {
    "edit": edit,
    "afresh": afresh,
    "test": test,
    "judge": judge,
    "judge in draws": draws,
    "draws with log-probabilities": weighed_draws,
    "samples": samples,
    "tools": tools,
    "forced": forced,
}


def _with_results(completion: Completion) -> list[Message]:
    """Return an answer as it goes back, with a result of each of its calls."""
    choice = completion.choices[0]
    answer = Message(role="assistant", content=choice.content, tool_calls=choice.tool_calls, thinking=choice.thinking)
    results = []
    for call in choice.tool_calls:
        json.loads(call["function"]["arguments"])
        results.append(Message(role="tool", content="setup.py", tool_call_id=call["id"]))
    return [answer, *results]
