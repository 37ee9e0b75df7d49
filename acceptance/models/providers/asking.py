"""Every model asked every kind of call, and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from acceptance.models.providers.calls import KINDS, Asked
from acceptance.models.providers.models import place
from acceptance.models.providers.refusal import Json, Refusal
from acceptance.models.providers.vendors import Seen, Vendors
from agent.models.contract import ModelError
from agent.models.litellm_client.litellm_model import LiteLLMModel
from agent.models.profiles import profile_for

ENVIRONMENT = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_REGION_NAME": "us-east-1"}
"""What Bedrock's requests are signed with."""


@dataclass(frozen=True)
class Told:
    """One kind of call of one model."""

    model: str
    kind: str
    requests: int
    refused: tuple[str, ...]
    """The vendor's words."""
    failed: str
    """Why the call came to nothing; empty where it did not."""
    notes: tuple[str, ...]
    """What stands in the record: left out, lowered, emulated."""
    marked: int
    """Requests with cache marks."""
    thoughts_back: int
    """Requests with thoughts that went back."""


def asked(
    name: str, vendors: Vendors, *, above: Mapping[str, Any] | None = None, kinds: tuple[str, ...] = tuple(KINDS)
) -> list[Told]:
    """Ask one model every kind of call; ``above``: keys over its profile."""
    profile = profile_for(name, above=above)
    model = LiteLLMModel(name, profile=profile, api_base=place(name, vendors.address), api_key="k")
    vendors.take()
    told = []
    for kind in kinds:
        notes, failed = list[str](), ""
        try:
            notes = [note for completion in KINDS[kind](Asked(model, profile)) for note in completion.notes]
        except (ModelError, ValueError) as error:
            failed = str(error)
        seen = [one for one in vendors.take() if not one.path.endswith("/show")]
        told.append(_told(name, kind, seen, failed, notes))
    return told


def _told(name: str, kind: str, seen: list[Seen], failed: str, notes: list[str]) -> Told:
    return Told(
        name,
        kind,
        len(seen),
        tuple(one.refused for one in seen if one.refused),
        failed,
        tuple(dict.fromkeys(notes)),
        sum(_holds(one.body, "cache_control", "cachePoint") for one in seen),
        sum(_holds(one.body, "signature", "thoughtSignature", "reasoning_content") for one in seen),
    )


def _holds(body: Any, *keys: str) -> bool:
    """Tell whether a body has one of the keys, however deep."""
    if isinstance(body, dict):
        return any(key in body for key in keys) or any(_holds(value, *keys) for value in body.values())
    return isinstance(body, list) and any(_holds(value, *keys) for value in body)


def refusing(key: str) -> Callable[[Json], None]:
    """Return a vendor's new rule: from now on it refuses a parameter that it took."""

    def check(body: Json) -> None:
        if _holds({name: value for name, value in body.items() if name not in ("messages", "contents")}, key):
            raise Refusal(f"Unsupported parameter: '{key}' is not supported with this model.")

    return check
