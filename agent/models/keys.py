"""Whether there is a key for a model's vendor, told before anything else is done for it."""

from __future__ import annotations

import os
from collections.abc import Mapping

from agent.models.litellm_import import litellm
from agent.models.local.catalog import is_embedded

_ELSEWHERE = ("bedrock", "sagemaker", "vertex_ai", "azure", "ollama", "watsonx", "databricks")
"""Vendors whose clients also find their way by files, roles and machines: only asking them tells."""
_SPELLED = {"together_ai": "TOGETHERAI_API_KEY", "huggingface": "HF_TOKEN"}
_KEYS = ("KEY", "TOKEN")


def key_variable(name: str) -> str:
    """Return the environment variable that holds the key of a model's vendor; empty where several may, or none does."""
    import openai  # late: slow to import; litellm's exceptions derive from its

    try:
        vendor = str(litellm().get_llm_provider(name)[1])
    except openai.OpenAIError:
        return ""
    return _SPELLED.get(vendor, "" if vendor.startswith(_ELSEWHERE) else f"{vendor.upper()}_API_KEY")


def missing_key(name: str, kwargs: Mapping[str, object] | None = None) -> str | None:
    """Return the line that says which key is missing for a model, None where nothing is known to be missing.

    ``kwargs``: what is passed to litellm with every request; a key may be among it.
    """
    vendor = name.partition("/")[0]
    if is_embedded(name):
        return None
    if odd := _unsendable(name, kwargs or {}):
        return odd
    if "api_key" in (kwargs or {}) or vendor.startswith(_ELSEWHERE):
        return None
    found = litellm().validate_environment(name)
    wanted = [key for key in found["missing_keys"] if key.endswith(_KEYS)]
    if found["keys_in_environment"] or not wanted or len(wanted) != len(found["missing_keys"]):
        return None
    starts = tuple(f"{key.partition('_')[0]}_" for key in wanted)
    others = (key for key, value in os.environ.items() if value and key.startswith(starts) and key.endswith(_KEYS))
    if any(others):
        return None  # another spelling that the vendor's client takes
    return f"{name}: there is no API key: set {' or '.join(wanted)}"


def _unsendable(name: str, kwargs: Mapping[str, object]) -> str:
    """Return the line that says that a key holds what no request can; empty where it does not."""
    variable = key_variable(name)
    where, key = ("api_key of model_kwargs", kwargs["api_key"]) if "api_key" in kwargs else (variable, "")
    key = str(key or os.environ.get(variable, ""))
    if key.isascii() and key.isprintable() and key == key.strip():
        return ""
    return f"{name}: the key in {where} holds blanks, line ends or letters that no key has: set it to the key alone"
