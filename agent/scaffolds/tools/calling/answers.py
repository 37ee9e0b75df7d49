"""From a model's answer to calls: by its endpoint's functions, or by blocks in its text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from agent.models.answers.answer_kind import kind_of
from agent.models.answers.calls_in_text import calls_in_text
from agent.models.contract import Choice, Message
from agent.scaffolds.tools.calling.calls import Call, Malformed, named, native_calls, tidied, without
from agent.scaffolds.tools.calling.fenced import fenced_calls
from agent.scaffolds.tools.calling.tool import Arguments, Tool, ToolBox

Kind = Literal["calls", "no_call", "malformed_call", "cut", "filtered", "empty"]


@dataclass(frozen=True)
class Answer:
    """An answer, read."""

    kind: Kind
    message: Message
    """As it goes into the history: without the calls that nobody can carry out."""
    calls: tuple[tuple[Call, Tool, Arguments], ...] = ()
    problems: tuple[str, ...] = ()
    """What was wrong with the calls that were left out."""
    garbled: bool = False
    """Calls by functions came, and none of them could be read."""


def read_answer(choice: Choice, box: ToolBox, *, native: bool, number: int) -> Answer:
    """Read an answer; ``number`` makes ids for calls whose endpoint gives none."""
    kind = kind_of(choice)
    if kind in ("cut", "filtered"):
        return Answer("cut" if kind == "cut" else "filtered", _message(tidied(choice, number, box.names)))
    if native and not choice.tool_calls:
        choice = _read_by_us(choice)
    choice = tidied(choice, number, box.names)
    asked: list[Call | Malformed] = native_calls(choice) if native else _in_text(choice, number, box)
    if kind == "malformed_call" and not asked:
        unread = ("a call of a tool that could not be read",)
        return Answer(kind, _message(choice), problems=unread, garbled=native)
    if not asked and not choice.content.strip():
        return Answer("empty", _message(choice))
    calls, wrong = [], []
    for one in asked:
        fits = one if isinstance(one, Malformed) else box.fits(one)
        if isinstance(fits, Malformed):
            wrong.append(fits)
        elif isinstance(one, Call):
            calls.append((one, *fits))
    if native:
        choice = without(choice, frozenset(one.id for one in wrong))
    problems = tuple(one.problem for one in wrong)
    read: Kind = "calls" if calls else "malformed_call" if wrong else "no_call"
    garbled = native and bool(asked) and all(isinstance(one, Malformed) for one in asked)
    message = _message(choice if native else choice.model_copy(update={"tool_calls": ()}))
    return Answer(read, message, tuple(calls), problems, garbled)


def _read_by_us(choice: Choice) -> Choice:
    """Return an answer with the calls in its text as calls: the server did not read them."""
    text, calls = calls_in_text(choice.content)
    return choice.model_copy(update={"content": text, "tool_calls": calls}) if calls else choice


def _in_text(choice: Choice, number: int, box: ToolBox) -> list[Call | Malformed]:
    """Return the calls of an answer's blocks; where there are none, those in the model's own form, however sent."""
    if calls := fenced_calls(choice.content):
        return calls
    own = choice if choice.tool_calls else tidied(_read_by_us(choice), number, box.names)
    return [named(call, "") for call in native_calls(own)]


def _message(choice: Choice) -> Message:
    return Message(role="assistant", content=choice.content, tool_calls=choice.tool_calls, thinking=choice.thinking)
