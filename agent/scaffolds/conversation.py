"""A trajectory's dialogue with the model, and what changes when the model repeats itself."""

from __future__ import annotations

from dataclasses import dataclass, field

from agent.models.contract import Message
from agent.prompts import render
from agent.trajectory.session import Session

_WARMER = 0.3
"""Added to the temperature each time the model repeats itself."""
_WARMEST = 1.3


@dataclass(frozen=True)
class Sampling:
    """How a trajectory samples its answers."""

    turns: int
    """Model calls at most (the serial budget)."""
    temperature: float
    answer_tokens: int
    seed: int


@dataclass
class Conversation:
    """The messages so far. A weak model that is shown its own failed answer tends to give it again, word for word:
    then the dialogue begins afresh, warmer, and with what was tried named instead of quoted back as its own words.
    """

    session: Session
    sampling: Sampling
    grammar: str | None = None
    messages: list[Message] = field(default_factory=list)
    _restarts: int = -1
    _asked: int = 0

    def begin(self, opening: str, afresh: str = "") -> None:
        """Begin, or begin afresh with what was tried.

        ``afresh`` is a message of its own: the opening stays the prompt that all siblings share.
        """
        self._restarts += 1
        self.messages = [Message(role="system", content=render("system")), Message(role="user", content=opening)]
        if afresh:
            self.messages.append(Message(role="user", content=afresh))

    def ask(self) -> str:
        """Return the model's next answer."""
        sampling = self.sampling
        self.session.tell(f"turn {self._asked + 1} of {sampling.turns}")
        completion = self.session.ask(
            self.messages,
            temperature=min(sampling.temperature + _WARMER * self._restarts, max(_WARMEST, sampling.temperature)),
            max_tokens=sampling.answer_tokens,
            seed=sampling.seed + self._asked,
            grammar=self.grammar,
        )
        self._asked += 1
        return completion.choices[0].content

    def reply(self, answer: str, feedback: str) -> None:
        """Append an answer and what the harness says to it."""
        self.messages.append(Message(role="assistant", content=answer))
        self.messages.append(Message(role="user", content=feedback))

    def object(self, answer: str, problem: str, forms: str) -> None:
        """Tell the model that its answer could not be read."""
        self.session.tell(f"answer refused: {problem.splitlines()[0][:80]}")
        self.reply(answer, render("format_error", problem=problem, forms=forms))
