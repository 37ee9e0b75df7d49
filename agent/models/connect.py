"""From a model's name to a model: the embedded ones get a server for the time of the run."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from agent.models.endpoints.settings import EndpointSettings
from agent.models.litellm_client.litellm_model import LiteLLMModel
from agent.models.local.catalog import is_embedded
from agent.models.local.server import LocalServer
from agent.models.profiles import ModelProfile, profile_for
from environments.sandboxes.lease import Lease


@contextmanager
def connect(
    name: str,
    *,
    profile: ModelProfile | None = None,
    endpoints: EndpointSettings | None = None,
    lease: Lease | None = None,
    cancel: threading.Event | None = None,
    threads: int | None = None,
) -> Iterator[LiteLLMModel]:
    """Yield the model of that name: ``local``, ``local-small`` or any litellm string.

    ``endpoints``: where it is served, and how hard it may be asked. ``lease`` matters to a model on this machine only,
    ``threads`` to an embedded one. ``cancel`` ends the waiting for a turn and between retries.
    Raises ModelError in one line when an embedded model cannot be had.
    """
    profile = profile or profile_for(name)
    if not is_embedded(name) or (endpoints and endpoints.api_bases):
        yield LiteLLMModel(name, profile=profile, endpoints=endpoints, lease=lease, cancel=cancel)
        return
    served = LocalServer(
        name,
        threads=threads or profile.threads,
        context=profile.context_tokens,
        slots=profile.parallel_slots,
        tune=True,
    )
    with _loopback_spared_the_proxy(), served as server:
        yield LiteLLMModel(
            name,
            profile=profile.model_copy(update={"parallel_slots": server.slots, "context_tokens": server.context}),
            litellm_name=f"openai/{name}",
            api_base=server.api_base,
            api_key=server.api_key or "none",
            lease=lease,
            cancel=cancel,
            before_retry=server.revive,
        )


@contextmanager
def _loopback_spared_the_proxy() -> Iterator[None]:
    """Ask this machine's own server directly, unless the user says which hosts the proxy is not for."""
    if "no_proxy" in os.environ or "NO_PROXY" in os.environ:
        yield
        return
    os.environ["NO_PROXY"] = "127.0.0.1,localhost"
    try:
        yield
    finally:
        del os.environ["NO_PROXY"]
