"""Import litellm late, offline and silent: it takes seconds, calls out for its price list and prints advice."""

from __future__ import annotations

import logging
import os
from functools import cache
from importlib.metadata import version
from typing import Any

from agent.models.contract import ModelUnusable
from agent.models.unheard_log import leave_out_unheard_logs

COMPROMISED = ("1.82.7", "1.82.8")
"""Releases that somebody else had put code into."""


@cache
def litellm() -> Any:
    """Return the litellm module, imported at the first call.

    Raises ModelUnusable, before any of its code runs, where a release is installed that was compromised.
    """
    if (found := version("litellm")) in COMPROMISED:
        raise ModelUnusable(f"litellm {found} is a compromised release: remove it, and change what it could read")
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
    os.environ["LITELLM_MODE"] = "PRODUCTION"  # else it takes addresses and keys from a .env file of any folder above
    import litellm as module
    from httpx import HTTPTransport
    from litellm.llms.custom_httpx.http_handler import get_ssl_configuration

    from agent.models.answers.readable import ReadableClient, ReadableTransport

    leave_out_unheard_logs(module)
    module.telemetry = False
    module.suppress_debug_info = True
    module.disable_hf_tokenizer_download = True
    for name in ("LiteLLM", "LiteLLM Router", "LiteLLM Proxy", "httpx"):
        logging.getLogger(name).setLevel(logging.ERROR)
    module.client_session = ReadableClient(
        follow_redirects=True, verify=get_ssl_configuration(), timeout=None, mounts=direct_to_this_machine()
    )
    module.sync_transport = ReadableTransport(HTTPTransport(verify=get_ssl_configuration()))
    return module


def direct_to_this_machine() -> dict[str, None]:
    """Return what an HTTP client is told so that it asks no proxy for what is on this machine: a proxy cannot reach it.

    Empty where the user says which hosts the proxy is not for.
    """
    said = "NO_PROXY" in os.environ or "no_proxy" in os.environ
    return {} if said else dict.fromkeys(("all://127.0.0.1", "all://localhost"))
