"""Whether an endpoint takes the key at all: asked for its list of models, which costs nothing, before work begins."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping, Sequence

from agent.models.keys import key_variable
from agent.models.litellm_import import litellm
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


def refused_key(name: str, api_bases: Sequence[str] = (), kwargs: Mapping[str, object] | None = None) -> str | None:
    """Return the line that says that an endpoint refuses the key of a model; None where that is not known.

    ``kwargs``: what is passed to litellm with every request; a key may be among it. Only an answer of 401 counts: an
    endpoint that has no such list, is silent or not there, is found out by the first call.
    """
    import httpx
    import openai

    if is_embedded(name):
        return None
    variable = key_variable(name)
    key = str((kwargs or {}).get("api_key") or os.environ.get(variable) or "")
    try:
        _, vendor, _, known = litellm().get_llm_provider(name)
    except openai.OpenAIError:
        return None  # the first call says so, in litellm's words
    base = next(iter(api_bases), None) or known or _LISTS.get(vendor)
    if vendor not in _LISTS or not base or not key:
        return None
    headers = {"authorization": f"Bearer {key}"}
    if vendor == "anthropic":
        headers = {"x-api-key": key, "anthropic-version": "2023-06-01"}
    try:
        status = httpx.get(f"{base.rstrip('/')}/models", headers=headers, timeout=PATIENCE).status_code
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        log.info("%s: whether its key is taken is not known yet: %s", name, error)
        return None
    if status != 401:
        return None
    where = "api_key of model_kwargs" if (kwargs or {}).get("api_key") else variable
    return f"{name}: the endpoint at {base} refuses the API key (status 401); set {where} to one that it takes"
