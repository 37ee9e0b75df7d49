"""The dialogue of a loop: it only grows while it fits, and how much it takes is never counted anew."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from agent.models.contract import Message, Usage

CHARACTERS_PER_TOKEN = 3
"""Of what no endpoint has counted yet: rather too many tokens than too few."""
_OF_A_MESSAGE = 8


@dataclass
class History:
    """Messages, and about how many tokens they take: as the endpoint counted them, and an estimate of what is new."""

    messages: list[Message] = field(default_factory=list)
    _counted: int = 0
    _new: int = 0

    @property
    def tokens(self) -> int:
        """About the tokens of all messages, rather too many."""
        return self._counted + self._new

    @property
    def known_tokens(self) -> int | None:
        """The same, once the endpoint has counted any; None before: then whoever wants to know counts."""
        return self.tokens if self._counted else None

    def add(self, message: Message) -> None:
        """Append a message."""
        self.messages.append(message)
        self._new += tokens_of(message)

    def said(self, text: str) -> None:
        """Append what the harness says outside any tool's result."""
        self.add(Message(role="user", content=text))

    def counted(self, usage: Usage) -> None:
        """Take over what the endpoint counted of the messages that it has just been sent."""
        if usage.prompt_tokens:
            self._counted, self._new = usage.prompt_tokens, 0

    def rewrite(self, change: Callable[[list[Message]], list[Message]]) -> None:
        """Replace the messages, where they do not fit any more."""
        before = sum(map(tokens_of, self.messages))
        self.messages = change(self.messages)
        after = sum(map(tokens_of, self.messages))
        # The endpoint's count, in proportion: its tokens per character are known by now.
        self._counted, self._new = int(self.tokens * after / max(before, 1)), 0


def tokens_of(message: Message) -> int:
    """Return about the tokens of a message, rather too many, at no cost."""
    content = message.content
    size = len(content) if content.isascii() else len(content.encode())  # other scripts take more tokens a letter
    size += sum(len(str(call.get("function"))) for call in message.tool_calls)
    size += sum(len(str(block)) for block in message.thinking)
    return size // CHARACTERS_PER_TOKEN + _OF_A_MESSAGE
