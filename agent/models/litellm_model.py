"""Any litellm model string behind the `Model` contract: asked only what it has, retried where that can help."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from math import inf
from typing import Any

from agent.models.contract import Choice, Completion, Message, ModelError, Usage
from agent.models.litellm_answers import choice_of, usage_of
from agent.models.litellm_import import litellm
from agent.models.local.llamacpp import LlamaCppCounter
from agent.models.local.prefix import PrefixSharer
from agent.models.prices import Price, price_of
from agent.models.profiles import ModelProfile, profile_for
from agent.models.refusals import explain
from agent.models.retrying import UnreadableAnswer, call_with_retries
from environments.sandboxes.lease import Lease, NoLease

TOKEN_ESTIMATE_MARGIN = 1.15
"""Other vendors' tokenizers find up to this much more than the one litellm counts with (an upper estimate)."""


@dataclass(frozen=True)
class _Answer:
    choices: tuple[Choice, ...]
    usage: Usage
    notes: tuple[str, ...] = ()


class LiteLLMModel:
    """A chat model behind litellm. Safe under many threads.

    ``name`` is what records say, ``litellm_name`` what litellm is asked for (the same unless given).
    ``timeout``: seconds of one try; ``retry_seconds``: of all tries of one call together.
    ``lease``: held on the model's side during each call (a local model shares its cores with the tests).
    ``before_retry`` is called between two tries, e.g. to bring a dead local server back.
    """

    def __init__(
        self,
        name: str,
        *,
        profile: ModelProfile | None = None,
        litellm_name: str | None = None,
        api_base: str | None = None,
        api_key: str | None = None,
        timeout: float = 600.0,
        retry_seconds: float = 900.0,
        lease: Lease | None = None,
        cancel: threading.Event | None = None,
        before_retry: Callable[[], None] | None = None,
    ) -> None:
        self.name = name
        self.profile = profile or profile_for(name)
        self._litellm_name = litellm_name or name
        self._endpoint = {"api_base": api_base, "api_key": api_key, "max_retries": 0}
        self._timeout = timeout
        self._retry_seconds = retry_seconds
        self._lease = lease or NoLease()
        self._cancel = cancel
        self._before_retry = before_retry
        llamacpp = api_base if self.profile.server == "llamacpp" else None
        self._counter = LlamaCppCounter(llamacpp, api_key) if llamacpp else None
        self._prefixes = PrefixSharer(llamacpp, api_key) if llamacpp else None
        self._supported: frozenset[str] | None = None

    @property
    def price(self) -> Price | None:
        """What a token costs; None when nobody has said."""
        return price_of(self._litellm_name, self.profile.price)

    @property
    def context_tokens(self) -> int | None:
        """The context window, prompt and answer together; None when unknown."""
        if self.profile.context_tokens:
            return self.profile.context_tokens
        table = litellm().model_cost
        row = table.get(self._litellm_name) or table.get(self._litellm_name.partition("/")[2]) or {}
        return row.get("max_input_tokens")

    def complete(
        self,
        messages: Sequence[Message],
        *,
        n: int = 1,
        temperature: float = 0.0,
        max_tokens: int = 1024,
        tools: Sequence[Mapping[str, Any]] = (),
        logprobs: int = 0,
        seed: int | None = None,
        grammar: str | None = None,
        timeout: float | None = None,
    ) -> Completion:
        """Ask for ``n`` answers (see `Model.complete`); a last assistant message is a prefilled opening.

        The opening is not repeated in the answers' content.
        """
        started = time.monotonic()
        deadline = started + (inf if timeout is None else timeout)
        request, notes = self._request(messages, temperature, max_tokens, tools, logprobs, seed, grammar)
        with self._lease.model():
            if self._prefixes and not tools and self._prefixes.share(messages, timeout=self._left(deadline)):
                notes.append("prompt read once for all slots")
            answers = self._collect(request, n, deadline)
        usage = sum((answer.usage for answer in answers), Usage())
        price = self.price
        return Completion(
            choices=tuple(choice for answer in answers for choice in answer.choices),
            usage=usage,
            cost=None if price is None else price.of(usage),
            latency=time.monotonic() - started,
            notes=tuple(dict.fromkeys([*notes, *(note for answer in answers for note in answer.notes)])),
        )

    def count_tokens(self, messages: Sequence[Message]) -> int:
        """Return the prompt's tokens: exact for llama.cpp, else litellm's count with a margin."""
        if self._counter:
            return self._counter.prompt_tokens(messages)
        plain = [_wire(message) for message in messages]
        counted = litellm().token_counter(model=self._litellm_name, messages=plain)
        return int(counted * TOKEN_ESTIMATE_MARGIN) + 1

    def _request(
        self,
        messages: Sequence[Message],
        temperature: float,
        max_tokens: int,
        tools: Sequence[Mapping[str, Any]],
        logprobs: int,
        seed: int | None,
        grammar: str | None,
    ) -> tuple[dict[str, Any], list[str]]:
        """Return litellm's arguments for one call, and what was asked but the model has not."""
        request = {
            "model": self._litellm_name,
            "messages": [_wire(message) for message in messages],
            "max_tokens": min(max_tokens, self.profile.max_output_tokens),
            **self._endpoint,
        }
        notes = []
        if max_tokens > self.profile.max_output_tokens:
            notes.append(f"max_tokens lowered to {self.profile.max_output_tokens}")
        wanted: dict[str, tuple[bool, dict[str, Any]]] = {
            "temperature": (True, {"temperature": temperature}),
            "tools": (bool(tools), {"tools": [dict(tool) for tool in tools]}),
            "top_logprobs": (bool(logprobs), {"logprobs": True, "top_logprobs": logprobs}),
            "seed": (seed is not None, {"seed": seed}),
            "grammar": (grammar is not None, {"extra_body": {"grammar": grammar}}),
        }
        for feature, (asked, arguments) in wanted.items():
            if asked and self._has(feature):
                request.update(arguments)
            elif asked:
                notes.append(f"{feature.removeprefix('top_')} dropped")
        return request, notes

    def _has(self, feature: str) -> bool:
        if feature == "grammar":
            return self.profile.grammar
        if feature == "temperature" and not self.profile.temperature:
            return False
        if self._supported is None:
            self._supported = frozenset(litellm().get_supported_openai_params(self._litellm_name) or ())
        return feature in self._supported

    def _left(self, deadline: float) -> float:
        """Return the seconds that one try may take."""
        return max(0.1, min(self._timeout, deadline - time.monotonic()))

    def _collect(self, request: dict[str, Any], n: int, deadline: float) -> list[_Answer]:
        """Gather ``n`` choices in as few calls as the endpoint allows; the first call also warms its prompt cache."""
        native = min(n, self.profile.parallel_slots) if self.profile.server == "llamacpp" else n
        first = self._call(request, native if self._has("n") else 1, 0, deadline)
        missing = n - len(first.choices)
        if missing <= 0:
            return [first]
        size = max(1, len(first.choices))
        sizes = [min(size, missing - start) for start in range(0, missing, size)]
        workers = 1 if self.profile.server == "llamacpp" else min(len(sizes), self.profile.parallel_slots)
        with ThreadPoolExecutor(workers, thread_name_prefix="model-call") as pool:
            starts = [(i + 1) * size for i in range(len(sizes))]
            rest = list(
                pool.map(lambda i: self._call_or_note(request, sizes[i], starts[i], deadline), range(len(sizes)))
            )
        return [first, *rest, _Answer((), Usage(), (f"n emulated by {1 + len(sizes)} calls",))]

    def _call_or_note(self, request: dict[str, Any], n: int, index: int, deadline: float) -> _Answer:
        """Call; a failure costs these choices only, for the ones already there are paid."""
        try:
            return self._call(request, n, index, deadline)
        except ModelError as error:
            return _Answer((), Usage(), (f"{n} of the choices are missing: {error}",))

    def _call(self, request: dict[str, Any], n: int, index: int, deadline: float) -> _Answer:
        """Make one call (with retries) for ``n`` choices, the first of which is choice ``index`` of the whole."""
        import openai  # late: slow to import; litellm's exceptions derive from its

        arguments = dict(request)
        if n > 1:
            arguments["n"] = n
        if "seed" in request:
            arguments["seed"] = request["seed"] + index  # else every call would give the same answer
        try:
            response = call_with_retries(
                lambda: _with_choices(litellm().completion(**arguments, timeout=self._left(deadline))),
                wait_cap=max(0.0, min(self._retry_seconds, deadline - time.monotonic())),
                cancel=self._cancel,
                before_retry=self._before_retry,
            )
        except (openai.OpenAIError, UnreadableAnswer) as error:
            raise explain(error, self.name) from error
        return self._read(response, request["messages"])

    def _read(self, response: Any, messages: list[dict[str, Any]]) -> _Answer:
        prefill = messages[-1]["content"] if self._counter and messages[-1]["role"] == "assistant" else ""
        choices = tuple(choice_of(answer, prefill) for answer in response.choices)
        usage = usage_of(response)
        if self._counter and len(choices) > 1:
            tokens = sum(self._counter.answer_tokens(choice) for choice in choices)
            usage = usage.model_copy(update={"completion_tokens": tokens})
        return _Answer(choices, usage)


def _with_choices(response: Any) -> Any:
    if not response.choices:
        raise UnreadableAnswer("an answer without choices")
    return response


def _wire(message: Message) -> dict[str, Any]:
    """Return the message as the OpenAI interface spells it."""
    wire: dict[str, Any] = {"role": message.role, "content": message.content}
    if message.tool_calls:
        wire["tool_calls"] = list(message.tool_calls)
    if message.tool_call_id is not None:
        wire["tool_call_id"] = message.tool_call_id
    return wire
