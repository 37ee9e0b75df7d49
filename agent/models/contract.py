"""The contract of a language model and the words of its answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Protocol

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict

from environments.errors import Foreseen
from environments.text import sendable, sendable_json


class ModelError(Foreseen):
    """A model call failed for good (retries used up). One clear line that says what to do.

    Raised itself where the endpoint or the way to it failed: the same call may succeed in another sitting.
    """

    paid: Usage | None = None
    """What was paid on the way to it: answers with which nothing could be done."""
    paid_cost: float | None = None
    """US dollars of that; None where nobody knows the price."""


class ContextOverflow(ModelError):
    """The prompt does not fit the model's context window: this call will never succeed, others may."""


class RequestRefused(ModelError):
    """The endpoint refuses this request (its content, its form): it will never succeed, others may."""


class UnusableAnswer(ModelError):
    """The endpoint answered several times, and each time what it said was no answer that can be read."""


class ModelUnusable(ModelError):
    """No call can succeed (bad key, unknown model, empty account): the run ends, and goes on once that is mended."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Message(_Frozen):
    """One chat message. Whatever it is made of, every endpoint can be sent it."""

    role: Literal["system", "user", "assistant", "tool"]
    content: Annotated[str, AfterValidator(sendable)]
    tool_calls: Annotated[tuple[dict[str, Any], ...], BeforeValidator(sendable_json)] = ()
    tool_call_id: str | None = None
    thinking: Annotated[tuple[dict[str, Any], ...], BeforeValidator(sendable_json)] = ()
    """Of an assistant: the vendor's blocks of thought, signatures included, sent back to whom it wants them."""


class TokenLogprob(_Frozen):
    """A generated token with the most likely alternatives at its place (natural logarithms)."""

    token: str
    logprob: float
    top: tuple[tuple[str, float], ...] = ()


class Choice(_Frozen):
    """One answer."""

    content: str
    """What it says, without the reasoning before it."""
    reasoning: str = ""
    """The reasoning before it, where the endpoint shows it."""
    finish_reason: str
    """``stop``, ``length``, ``tool_calls``, or the endpoint's own word."""
    tool_calls: tuple[dict[str, Any], ...] = ()
    thinking: tuple[dict[str, Any], ...] = ()
    """The vendor's blocks of thought as it gave them (see `Message.thinking`)."""
    logprobs: tuple[TokenLogprob, ...] | None = None


class Usage(_Frozen):
    """Tokens of one call; completion tokens are summed over its choices."""

    prompt_tokens: int = 0
    cached_prompt_tokens: int = 0
    cache_write_tokens: int = 0
    """Of the prompt's: those that the vendor put into its cache, and may bill for it."""
    completion_tokens: int = 0

    def __add__(self, other: Usage) -> Usage:
        """Sum field by field."""
        return Usage(
            prompt_tokens=self.prompt_tokens + other.prompt_tokens,
            cached_prompt_tokens=self.cached_prompt_tokens + other.cached_prompt_tokens,
            cache_write_tokens=self.cache_write_tokens + other.cache_write_tokens,
            completion_tokens=self.completion_tokens + other.completion_tokens,
        )


class Completion(_Frozen):
    """What one call returned."""

    choices: tuple[Choice, ...]
    usage: Usage
    cost: float | None
    """US dollars; None when the price is unknown, 0.0 only for a model that costs nothing (local)."""
    latency: float
    """Wall seconds, waiting for a slot and retries included."""
    notes: tuple[str, ...] = ()
    """What was asked of the model and dropped or emulated, e.g. ``n emulated by 4 calls``, ``grammar dropped``."""


class CallAccount(Protocol):
    """Keeps account of every try of a call; see ``agent.trajectory.call_record``. Safe under many threads."""

    def sent(self) -> str:
        """Note that a try is about to be sent; returns its id."""
        ...

    def over(self, call: str, usage: Usage | None, why: str = "") -> None:
        """Note what came of it: what its answer took, or why there was none."""
        ...


@dataclass(frozen=True)
class Request:
    """What one call asks for. Asked only what the model has: a completion's notes say what was left out."""

    messages: Sequence[Message]
    """A last assistant message is the opening of the answer, where the endpoint takes one."""
    raw: bool = False
    """The text of the only message is gone on with as it stands, without a chat template; for models whose profile
    names fill-in-the-middle tokens."""
    n: int = 1
    """Answers."""
    temperature: float | None = 0.0
    """None: as the vendor or the server has set it."""
    max_tokens: int = 1024
    """The room of one answer, its reasoning included."""
    tools: Sequence[Mapping[str, Any]] = ()
    """Functions that it may call, in OpenAI's form."""
    tool_choice: Literal["auto", "required", "none"] | None = None
    stop: Sequence[str] = ()
    prompt_tokens: int | None = None
    """The prompt's tokens, rather too many, where the caller has kept count; None: whoever needs them counts."""
    trajectory: str = ""
    """Whose call it is: calls of one trajectory keep to one replica of the endpoint."""
    account: CallAccount | None = None
    """Where each try is put on record, before it is sent and after; None: nowhere."""
    logprobs: int = 0
    """How many alternatives per token to return; 0: none."""
    seed: int | None = None
    grammar: str | None = None
    """A GBNF grammar that the answer must match."""
    timeout: float | None = None
    """Seconds after which the call is given up, retries and waiting included; None: the model's own limits alone."""


class Model(Protocol):
    """A chat model. Safe under many threads; one slow call never blocks another."""

    name: str

    def complete(self, request: Request) -> Completion:
        """Ask for ``request.n`` answers, at least one of which is in the completion.

        Raises a ModelError of the kind that fits, ModelError itself when retries are used up.
        """
        ...

    def count_tokens(self, messages: Sequence[Message]) -> int:
        """Return the prompt's tokens: exact where the endpoint can tell, else an upper estimate."""
        ...
