"""A trajectory's dialogue with the model, and what changes when the model repeats itself."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from agent.edits import EditError
from agent.models.answers.answer_kind import kind_of
from agent.models.contract import Choice, Message, Request
from agent.models.litellm_client.wire import NO_ANSWER
from agent.prompts import render
from agent.trajectory.session import Session
from environments.text import one_line

WARMER = 0.3
"""Added to the temperature each time the model repeats itself."""
WARMEST = 1.3
_MORE_ROOM = 4
"""Times the room that a cut answer had is what its second try has, at most."""


@dataclass(frozen=True)
class Sampling:
    """How a trajectory samples its answers."""

    turns: int
    """Model calls at most (the serial budget)."""
    temperature: float | None
    """None: as the model's vendor has set it."""
    answer_tokens: int
    seed: int
    most_tokens: int = 0
    """The room that an answer may have whose first try was cut by its length; not above ``answer_tokens``: none."""

    def warmed(self, repeats: int) -> float | None:
        """Return the temperature of an answer, after so many that only repeated others."""
        if self.temperature is None:
            return None
        return min(self.temperature + WARMER * repeats, max(WARMEST, self.temperature))

    def at_least(self, temperature: float) -> float:
        """Return a temperature for answers that must differ from each other."""
        return max(temperature, self.temperature or 0.0)


@dataclass
class Conversation:
    """The messages so far. A weak model that is shown its own failed answer tends to give it again, word for word:
    then the dialogue begins afresh, warmer, and with what was tried named instead of quoted back as its own words.
    """

    session: Session
    sampling: Sampling
    grammar: str | None = None
    strict: bool | None = None
    """The model is to write nothing but the form asked for; None: where it is held to a grammar."""
    free: int = 0
    """Answers that were no turns."""
    messages: list[Message] = field(default_factory=list)
    _restarts: int = -1
    _asked: int = 0

    def begin(self, opening: str, afresh: str = "") -> None:
        """Begin, or begin afresh with what was tried.

        ``afresh`` is a message of its own: the opening stays the prompt that all siblings share.
        """
        self._restarts += 1
        strict = self.grammar is not None if self.strict is None else self.strict
        system = Message(role="system", content=render("system", strict=strict))
        self.messages = [system, Message(role="user", content=opening)]
        if afresh:
            self.messages.append(Message(role="user", content=afresh))

    def ask(self, reads: Callable[[str], object]) -> str | None:
        """Return the model's next answer; None where it gave none, which it has then been told.

        An answer that its length cut is asked for once more, with more room. One that even the most room cuts is
        used where what it asks for stands whole in it: ``reads`` takes it, and raises EditError where it does not.
        """
        self.session.tell(f"turn {self._asked - self.free + 1} of {self.sampling.turns}")
        room = self.sampling.answer_tokens
        choice = self._answer(room)
        if kind_of(choice) == "cut" and room < self.sampling.most_tokens:
            self.session.tell(f"answer cut at {room} tokens, asked for again with more room")
            self.session.answers["cut"] += 1
            room = min(_MORE_ROOM * room, self.sampling.most_tokens)
            choice = self._answer(room)
        self._asked += 1
        kind = kind_of(choice)
        if kind == "whole":
            return choice.content
        if kind == "cut" and _stands_whole(choice.content, reads):
            self.session.answers[kind] += 1
            self.session.tell(f"answer cut at {room} tokens, after what it asks for: used")
            return choice.content
        self.session.answers[kind] += 1
        self.session.tell(f"no answer: {kind.replace('_', ' ')}")
        self.reply(choice.content, render("no_answer", kind=kind, room=room))
        return None

    def _answer(self, room: int) -> Choice:
        sampling = self.sampling
        request = Request(
            tuple(self.messages),
            temperature=sampling.warmed(self._restarts),
            max_tokens=room,
            seed=sampling.seed + self._asked,
            grammar=self.grammar,
        )
        return self.session.ask(request).choices[0]

    def reply(self, answer: str, feedback: str) -> None:
        """Append an answer and what the harness says to it."""
        self.messages.append(Message(role="assistant", content=answer if answer.strip() else NO_ANSWER))
        self.messages.append(Message(role="user", content=feedback))

    def object(self, answer: str, problem: str, forms: str) -> None:
        """Tell the model that its answer could not be read."""
        self.session.unread = unread(problem)
        self.session.tell(f"answer refused: {self.session.unread[:80]}")
        self.reply(answer, render("format_error", problem=problem, forms=forms))


def unread(problem: str) -> str:
    """Return what is wrong with an answer in one short line, of what the model is told at length."""
    return one_line(next(iter(problem.strip().splitlines()), ""), 300)


def _stands_whole(answer: str, reads: Callable[[str], object]) -> bool:
    """Tell whether an answer that was cut can be read, with nothing that it has begun and not ended."""
    open_fence = len(re.findall(r"^[ \t]*```", answer, re.MULTILINE)) % 2
    begun, ended = (len(re.findall(mark, answer, re.MULTILINE)) for mark in (r"^<{5,}", r"^>{5,}"))
    if open_fence or begun != ended:
        return False
    try:
        reads(answer)
    except EditError:
        return False
    return True
