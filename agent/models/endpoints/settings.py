"""How a model's endpoint is reached and how hard it may be asked."""

from __future__ import annotations

from dataclasses import dataclass

CALL_SECONDS = 600.0
"""How long one try may take, to the last byte of its answer."""
RETRY_SECONDS = 900.0
"""How long the tries of one call may go on, and how long an endpoint that answers nobody is waited for."""


@dataclass(frozen=True)
class EndpointSettings:
    """What a user says of an endpoint; the defaults ask as litellm would."""

    api_bases: tuple[str, ...] = ()
    """Replicas that serve the same model; none: where litellm finds it."""
    affinity_header: str | None = None
    """The name of a header that tells a router whose call it is, such as ``X-Session-ID``; None: none is sent."""
    rpm: int | None = None
    """Requests a minute; None: as many as the endpoint takes."""
    tpm: int | None = None
    """Tokens a minute, prompt and answer; None: as many as the endpoint takes."""
    retry_seconds: float = RETRY_SECONDS
    """The patience of one call: its tries end when the next one would come later than that."""
    call_seconds: float = CALL_SECONDS
    """How long one try may take: then it is given up and tried again."""
    calls: int | None = None
    """Calls at once to each address; None: as many as it takes."""
