"""Any litellm model string behind the `Model` contract: asked only what it has, retried where that can help."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from math import inf
from typing import Any

from agent.models.contract import Choice, Completion, Message, ModelError, Request, RequestRefused, Usage
from agent.models.endpoints.settings import EndpointSettings
from agent.models.endpoints.traffic import Traffic
from agent.models.endpoints.warm_up import WarmUp
from agent.models.litellm_client.asking import Asking
from agent.models.litellm_client.counting import counted
from agent.models.litellm_client.given_up import cost_of
from agent.models.litellm_client.litellm_answers import choice_of, usage_of
from agent.models.litellm_client.one_call import OneCall, Way
from agent.models.litellm_client.parameters import Refused
from agent.models.litellm_client.raw_completion import raw_choice, raw_refused
from agent.models.litellm_client.refusable import Arguments
from agent.models.litellm_client.wire import wire
from agent.models.litellm_import import litellm
from agent.models.local.llamacpp import LlamaCppCounter
from agent.models.local.prefix import PrefixSharer, worth_sharing
from agent.models.prices import Price, known_price
from agent.models.profiles import ModelProfile, profile_for
from environments.sandboxes.lease import Lease, NoLease

TOKEN_ESTIMATE_MARGIN = 1.15
"""Other vendors' tokenizers find up to this much more than the one litellm counts with (an upper estimate)."""


@dataclass(frozen=True)
class _Answer:
    choices: tuple[Choice, ...]
    usage: Usage
    notes: tuple[str, ...] = ()
    cost: float = 0.0
    """Of each call by itself, for a long prompt may have another price; 0 where nobody knows it."""


class LiteLLMModel:
    """A chat model behind litellm. Safe under many threads.

    ``name`` is what records say, ``litellm_name`` what litellm is asked for (the same unless given).
    ``endpoints``: where and how hard it is asked (``api_base``: one address alone); ``timeout``: seconds of one try.
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
        timeout: float | None = None,
        endpoints: EndpointSettings | None = None,
        lease: Lease | None = None,
        cancel: threading.Event | None = None,
        before_retry: Callable[[], None] | None = None,
    ) -> None:
        self.name = name
        self.profile = profile or profile_for(name)
        self._litellm_name = litellm_name or name
        settings = endpoints or EndpointSettings((api_base,) if api_base else ())
        self._endpoint: dict[str, Any] = {
            "api_base": next(iter(settings.api_bases), None),
            "api_key": api_key,
            "max_retries": 0,
        }
        self._warm_up = WarmUp()
        self._lease = lease or NoLease()
        self._cancel = cancel
        self._way = Way(
            name,
            Traffic(name, settings, cancel),
            timeout=timeout or settings.call_seconds,
            retry_seconds=settings.retry_seconds,
            refused=Refused(name),
            price=lambda: self.price,
            revived=before_retry,
            cancel=cancel or threading.Event(),
        )
        llamacpp = next(iter(settings.api_bases), None) if self.profile.server == "llamacpp" else None
        self._counter = LlamaCppCounter(llamacpp, api_key) if llamacpp else None
        self._prefixes = PrefixSharer(llamacpp, api_key) if llamacpp else None
        self.refuses_functions = False
        """A call was made without the functions that it asked for: the endpoint, or litellm, takes none."""
        self.garbled_functions = 0
        """Trajectories that gave functions up because calls by them could not be read."""
        self._asking = Asking(self._litellm_name, self.profile, self._endpoint)

    @property
    def price(self) -> Price | None:
        """What a token costs; None when nobody has said."""
        return known_price(self._litellm_name, self.profile)

    @property
    def context_tokens(self) -> int | None:
        """The context window, prompt and answer together; None when unknown."""
        if self.profile.context_tokens:
            return self.profile.context_tokens
        table = litellm().model_cost
        row = table.get(self._litellm_name) or table.get(self._litellm_name.partition("/")[2]) or {}
        return row.get("max_input_tokens")

    def complete(self, request: Request) -> Completion:
        """Ask for answers (see `Model.complete`); a last assistant message is a prefilled opening.

        The opening is not repeated in the answers' content.
        """
        started = time.monotonic()
        deadline = started + (inf if request.timeout is None else request.timeout)
        if request.raw and (why := raw_refused(self.profile, request.messages)):
            raise RequestRefused(f"{self.name}: {why}")
        arguments, notes = self._asking.arguments(request)
        with self._lease.model():
            sharer = self._prefixes if worth_sharing(request) else None
            if sharer and sharer.share(request.messages, timeout=self._way.left(deadline)):
                notes.append("prompt read once for all slots")
            with self._warmed(request, deadline) as waited:
                answers = self._collect(arguments, request, deadline)
        if waited:
            notes.append("waited for another call to warm the prompt's cache")
        usage = sum((answer.usage for answer in answers), Usage())
        told = tuple(dict.fromkeys([*notes, *(note for answer in answers for note in answer.notes)]))
        if request.tools and "tools dropped" in told:
            self.refuses_functions = True
        return Completion(
            choices=tuple(choice for answer in answers for choice in answer.choices),
            usage=usage,
            cost=None if self.price is None else sum(answer.cost for answer in answers),
            latency=time.monotonic() - started,
            notes=told,
        )

    def count_tokens(self, messages: Sequence[Message]) -> int:
        """Return the prompt's tokens: exact for llama.cpp, else litellm's count with a margin."""
        if self._counter:
            return self._counter.prompt_tokens(messages)
        thoughts = [{"role": "assistant", "content": json.dumps(one.thinking)} for one in messages if one.thinking]
        counted = litellm().token_counter(model=self._litellm_name, messages=[*wire(messages), *thoughts])
        return int(counted * TOKEN_ESTIMATE_MARGIN) + 1

    def _warmed(self, request: Request, deadline: float) -> AbstractContextManager[bool]:
        """Return the turn of a call whose vendor bills a cached prompt for less: the first of a fan-out goes alone."""
        price = self.price
        if price is None or price.cached_prompt >= price.prompt:
            return nullcontext(False)
        cancel = self._cancel
        return self._warm_up.turn(
            request.messages, lambda: time.monotonic() >= deadline or (cancel is not None and cancel.is_set())
        )

    def _collect(self, arguments: Arguments, request: Request, deadline: float) -> list[_Answer]:
        """Gather ``n`` choices in as few calls as the endpoint allows; the first call also warms its prompt cache."""
        n = request.n
        native = min(n, self.profile.parallel_slots) if self.profile.server == "llamacpp" else n

        def call(size: int, index: int) -> _Answer:
            return self._call(arguments, replace(request, n=size), index, deadline)

        def call_or_note(size: int, index: int) -> _Answer:
            """Call; a failure costs these choices only, for the ones already there are paid."""
            try:
                return call(size, index)
            except ModelError as error:
                missed = f"{size} of the choices are missing: {error}"
                return _Answer((), error.paid or Usage(), (missed,), error.paid_cost or 0.0)

        first = call(native if n == 1 or self._asking.takes_n() else 1, 0)
        missing = n - len(first.choices)
        if missing <= 0:
            return [first]
        size = max(1, len(first.choices))
        sizes = [min(size, missing - start) for start in range(0, missing, size)]
        workers = 1 if self.profile.server == "llamacpp" else min(len(sizes), self.profile.parallel_slots)
        with ThreadPoolExecutor(workers, thread_name_prefix="model-call") as pool:
            rest = list(pool.map(lambda i: call_or_note(sizes[i], (i + 1) * size), range(len(sizes))))
        return [first, *rest, _Answer((), Usage(), (f"n emulated by {1 + len(sizes)} calls",))]

    def _call(self, wanted: Arguments, request: Request, index: int, deadline: float) -> _Answer:
        """Make one call (with retries) for ``n`` choices, the first of which is choice ``index`` of the whole."""
        arguments = dict(wanted)
        if request.n > 1:
            arguments["n"] = request.n
        if "seed" in wanted:  # other seeds for other choices, else all would be the same; vendors take 31 bits
            arguments["seed"] = (wanted["seed"] + index) % 2**31
        call = OneCall(self._way, request, deadline, lambda response: self._choices(response, request))
        response, choices, notes = call.answered(arguments)
        usage = usage_of(response)
        if self._counter and len(choices) > 1:
            tokens = sum(self._counter.answer_tokens(choice) for choice in choices)
            usage = usage.model_copy(update={"completion_tokens": tokens})
        believed = counted(
            usage,
            request.messages,
            choices,
            beside=len(str(request.tools)),
            room=request.max_tokens * request.n,
            count=self.count_tokens,
        )
        if believed != usage:
            told = "did not" if not usage.prompt_tokens or not usage.completion_tokens else "says what cannot be"
            notes = [*notes, f"tokens counted by Runoff: the endpoint {told}"]
        paid = [believed, *call.wasted]
        return _Answer(choices, sum(paid, Usage()), tuple(notes), cost_of(paid, self.price) or 0.0)

    def _choices(self, response: Any, request: Request) -> tuple[Choice, ...]:
        """Read what litellm made of an answer."""
        last = request.messages[-1]
        prefill = last.content if self._counter and last.role == "assistant" else ""
        thinks, back = bool(self.profile.reasoning), self.profile.thinking_back
        return tuple(
            raw_choice(answer) if request.raw else choice_of(answer, prefill, thinks=thinks, thinking_back=back)
            for answer in response.choices or ()
        )
