"""Whether a model can be asked at all: its endpoint's list of models, which costs nothing, before work begins."""

from __future__ import annotations

import json
import logging
import os
import queue
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from agent.models.contract import ModelError, ModelUnusable
from agent.models.failures.patience import UNREACHED_SECONDS
from agent.models.failures.refusals import is_no_address, is_unreached
from agent.models.keys import key_variable
from agent.models.litellm_import import direct_to_this_machine, litellm
from agent.models.local.catalog import is_embedded

if TYPE_CHECKING:
    import httpx

log = logging.getLogger(__name__)

Known = Literal["listed", "not listed", "no list", "nobody to ask"]
"""What an endpoint's list tells of a model. ``no list``: none came that can be read; ``nobody to ask``: it is not known
where there is one, or it takes a key that is not at hand."""

PATIENCE = 5.0
"""Seconds for the answer: one that does not come says nothing."""
_PAUSE = 1.0
"""Seconds between two tries to reach an address."""
_MOST = 4_000_000
"""Bytes of a list that are read."""
_LISTS = {
    "openai": "https://api.openai.com/v1",
    "anthropic": "https://api.anthropic.com/v1",
    "hosted_vllm": "",
    **dict.fromkeys(("deepseek", "mistral", "xai", "groq", "moonshot"), ""),
}
"""Vendors whose list of models needs the key, and where it is unless litellm or the user says."""


@dataclass(frozen=True)
class _Said:
    """What an address said when it was asked for its models."""

    status: int | None = None
    """None: nothing within the time."""
    names: frozenset[str] = frozenset()
    unreached: str = ""
    """Why it could not even be connected to."""


def listed(
    name: str,
    api_bases: Sequence[str] = (),
    kwargs: Mapping[str, object] | None = None,
    *,
    reach: float = UNREACHED_SECONDS,
) -> Known:
    """Tell whether an endpoint's list of models holds a model.

    Args:
        name: the model's.
        api_bases: where it is served, if the user says; of several, one that answers will do.
        kwargs: what is passed to litellm with every request; a key or an address may be among it.
        reach: seconds for which an address of the user's is tried to be reached.

    Raises ModelUnusable, in one line, for a name that litellm has no vendor for, an address that is none and a key that
    is refused (an answer of 401), and ModelError where nobody answers at the user's addresses.
    """
    import openai  # late: slow to import; litellm's exceptions derive from its

    if is_embedded(name):
        return "no list"
    given = kwargs or {}
    variable = key_variable(name)
    own = list(api_bases) or [str(given[key]) for key in ("api_base", "base_url") if given.get(key)]
    try:
        wire, vendor, _, known = litellm().get_llm_provider(
            name, custom_llm_provider=given.get("custom_llm_provider"), api_base=next(iter(own), None)
        )
    except openai.OpenAIError:
        raise ModelUnusable(
            f"{name}: nobody knows whose model that is; write VENDOR/NAME as litellm has it, such as openai/{name} for "
            "an endpoint that speaks OpenAI's protocol"
        ) from None
    own = own or [base for base in (os.environ.get(variable) for variable in _address_variables(vendor)) if base][:1]
    bases = own or [base for base in (known or _LISTS.get(vendor),) if base]
    key = str(given.get("api_key") or os.environ.get(variable) or "")
    if not bases or not (own or (vendor in _LISTS and key)):
        return "nobody to ask"
    said, base = _first(bases, _headers(vendor, key), reach if own else 0)
    if said.unreached and own:
        raise ModelError(
            f"{name}: nobody answers at {' or '.join(bases)} ({said.unreached}): start the endpoint, or correct "
            "--api-base"
        )
    if said.status == 401 and vendor in _LISTS and key:
        where = "api_key of model_kwargs" if given.get("api_key") else variable
        raise ModelUnusable(
            f"{name}: the endpoint at {base} refuses the API key (status 401); set {where} to one that it takes"
        )
    if not said.names:
        return "no list"
    return "listed" if {wire, name} & said.names else "not listed"


def _address_variables(vendor: str) -> tuple[str, str]:
    """Return the environment's variables in which litellm looks for a vendor's address, in its order."""
    ends = ("BASE_URL", "API_BASE") if vendor == "openai" else ("API_BASE", "BASE_URL")
    return f"{vendor.upper()}_{ends[0]}", f"{vendor.upper()}_{ends[1]}"


def _headers(vendor: str, key: str) -> dict[str, str]:
    if not key:
        return {}
    if vendor == "anthropic":
        return {"x-api-key": key, "anthropic-version": "2023-06-01"}
    return {"authorization": f"Bearer {key}"}


def _first(bases: Sequence[str], headers: Mapping[str, str], reach: float) -> tuple[_Said, str]:
    """Ask one address after the other, again and again while none is reached; return what the first one says."""
    end = time.monotonic() + reach
    while True:
        for base in bases:
            said = _asked(f"{base.rstrip('/')}/models", headers)
            if not said.unreached:
                return said, base
        if time.monotonic() + _PAUSE >= end:
            return said, base
        time.sleep(_PAUSE)


def _asked(address: str, headers: Mapping[str, str]) -> _Said:
    """Return what an address answers.

    A server may send its answer a letter at a time, each within any time limit of a client's: so it is asked by a
    thread of its own, which nobody waits for any longer than ``PATIENCE``. Raises ModelUnusable for what is no address.
    """
    said: queue.Queue[_Said | ModelUnusable] = queue.Queue()
    threading.Thread(target=lambda: said.put(_answer(address, headers)), name="endpoint-check", daemon=True).start()
    try:
        found = said.get(timeout=PATIENCE)
    except queue.Empty:
        log.info("%s: no answer within %g s", address, PATIENCE)
        return _Said()
    if isinstance(found, ModelUnusable):
        raise found
    return found


def _answer(address: str, headers: Mapping[str, str]) -> _Said | ModelUnusable:
    import httpx

    try:
        with (
            httpx.Client(timeout=PATIENCE, mounts=direct_to_this_machine()) as client,
            client.stream("GET", address, headers=headers) as answer,
        ):
            names = _names(answer) if answer.status_code == 200 else frozenset()
            return _Said(answer.status_code, names)
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        why = str(error) or type(error).__name__
        if is_no_address(error):
            return ModelUnusable(f"nothing can be asked at {address.removesuffix('/models')}; check --api-base: {why}")
        if is_unreached(error):
            return _Said(unreached=why)
        log.info("%s: %s", address, why)
        return _Said()


def _names(answer: httpx.Response) -> frozenset[str]:
    """Return the names in a list of models; none where it is no such list, or longer than is read."""
    body = b""
    for part in answer.iter_bytes():
        body += part
        if len(body) > _MOST:
            return frozenset()
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return frozenset()
    entries = found.get("data") if isinstance(found, dict) else None
    if not isinstance(entries, list):
        return frozenset()
    return frozenset(str(one["id"]) for one in entries if isinstance(one, dict) and one.get("id"))
