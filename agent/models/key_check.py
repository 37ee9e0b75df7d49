"""Whether an endpoint takes the key at all: asked for its list of models, which costs nothing, before work begins."""

from __future__ import annotations

import logging
import os
import queue
import threading
from collections.abc import Mapping, Sequence

from agent.models.keys import key_variable
from agent.models.litellm_import import direct_to_this_machine, litellm
from agent.models.local.catalog import is_embedded

log = logging.getLogger(__name__)

PATIENCE = 5.0
"""Seconds for the answer: one that does not come says nothing."""
_LISTS = {
    "openai": "https://api.openai.com/v1",
    "anthropic": "https://api.anthropic.com/v1",
    "hosted_vllm": "",
    **dict.fromkeys(("deepseek", "mistral", "xai", "groq", "moonshot"), ""),
}
"""Vendors whose list of models needs the key, and where it is unless litellm or the user says."""
_ELSEWHERE = {
    "openai": ("OPENAI_BASE_URL", "OPENAI_API_BASE"),
    "anthropic": ("ANTHROPIC_API_BASE", "ANTHROPIC_BASE_URL"),
}
"""Variables by which litellm, in this order, finds an endpoint of one's own: its key must be shown to nobody else."""


def refused_key(name: str, api_bases: Sequence[str] = (), kwargs: Mapping[str, object] | None = None) -> str | None:
    """Return the line that says that an endpoint refuses the key of a model; None where that is not known.

    ``kwargs``: what is passed to litellm with every request; a key may be among it. Only an answer of 401 counts: an
    endpoint that has no such list, is silent or not there, is found out by the first call.
    """
    import openai

    if is_embedded(name):
        return None
    variable = key_variable(name)
    key = str((kwargs or {}).get("api_key") or os.environ.get(variable) or "")
    try:
        _, vendor, _, known = litellm().get_llm_provider(name)
    except openai.OpenAIError:
        return None  # the first call says so, in litellm's words
    own = (os.environ.get(place) for place in _ELSEWHERE.get(vendor, ()))
    base = next(iter(api_bases), None) or known or next(filter(None, own), None) or _LISTS.get(vendor)
    if vendor not in _LISTS or not base or not key:
        return None
    headers = {"authorization": f"Bearer {key}"}
    if vendor == "anthropic":
        headers = {"x-api-key": key, "anthropic-version": "2023-06-01"}
    said = _asked(f"{base.rstrip('/')}/models", headers)
    if said != 401:
        if not isinstance(said, int):
            log.info("%s: whether its key is taken is not known yet: %s", name, said)
        return None
    where = "api_key of model_kwargs" if (kwargs or {}).get("api_key") else variable
    return f"{name}: the endpoint at {base} refuses the API key (status 401); set {where} to one that it takes"


def _asked(address: str, headers: Mapping[str, str]) -> int | str:
    """Return the status that an address answers with, or why there is none.

    A server may send its answer a letter at a time, each within any time limit of a client's: so it is asked by a
    thread of its own, which nobody waits for any longer than ``PATIENCE``. What the answer holds is not read.
    """
    said: queue.Queue[int | str] = queue.Queue()
    threading.Thread(target=lambda: said.put(_status(address, headers)), name="key-check", daemon=True).start()
    try:
        return said.get(timeout=PATIENCE)
    except queue.Empty:
        return f"no answer within {PATIENCE:g} s"


def _status(address: str, headers: Mapping[str, str]) -> int | str:
    import httpx

    try:
        with (
            httpx.Client(timeout=PATIENCE, mounts=direct_to_this_machine()) as client,
            client.stream("GET", address, headers=headers) as answer,
        ):
            return answer.status_code
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        return str(error) or type(error).__name__
