"""The kinds of values that keys of a configuration take: ceilings, numbers, names, addresses, judges."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PositiveInt

from verifiers.ballot import OLD_NAMES


class Frozen(BaseModel):
    """A section of a configuration: never changed, unknown keys refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Budget(Frozen):
    """Ceilings; None: no ceiling."""

    turns: PositiveInt | None = None
    """Model calls."""
    tokens: PositiveInt | None = None
    """Prompt and completion tokens, added."""
    cost: Annotated[float, Field(gt=0)] | None = None
    """US dollars."""
    seconds: Annotated[float, Field(gt=0)] | None = None
    """Wall seconds."""


class Budgets(Frozen):
    """The three nested levels of ceilings; how many turns a trajectory has is ``turns`` and its siblings."""

    trajectory: Budget = Budget()
    task: Budget = Budget()
    run: Budget = Budget()


def _as_tuple(value: object) -> object:
    return (value,) if isinstance(value, int | float | str) else value


Numbers = Annotated[tuple[Annotated[float, Field(ge=0, le=2)], ...], Field(min_length=1), BeforeValidator(_as_tuple)]
Names = Annotated[tuple[str, ...], BeforeValidator(_as_tuple)]


def cluster_address(text: str) -> str:
    """Return the address of a Ray cluster as it is given; ValueError, in one line, for what is none."""
    if re.fullmatch(r"auto|(ray://)?[\w.\-\[\]:]+:\d+", text):
        return text
    raise ValueError(f"write auto, ray://HOST:PORT or HOST:PORT, not {text[:80]!r}")


def _as_addresses(value: object) -> object:
    """Read one address, several with commas between them, or a list; a slip of the pen is told."""
    given = (value,) if isinstance(value, str) else value
    if given in (("null",), ("~",)):
        return None
    if not isinstance(given, list | tuple) or not all(isinstance(one, str) for one in given):
        return given
    found = dict.fromkeys(one.strip() for part in given for one in part.split(",") if one.strip())
    for address in found:
        if not address.startswith(("http://", "https://")):
            raise ValueError(f"{address!r} is no address: begin it with http:// or https://, such as http://{address}")
    return tuple(found) or None


Addresses = Annotated[tuple[str, ...] | None, BeforeValidator(_as_addresses)]


def _as_judges(value: object) -> object:
    """Read a truth value, however it is spelt, as ``on`` or ``off``; judges by the names of earlier versions, too."""
    word = str(value).lower() if isinstance(value, bool | str) else value
    named = _as_tuple({"true": "on", "yes": "on", "false": "off", "no": "off"}.get(str(word), value))
    return tuple(OLD_NAMES.get(one, one) for one in named) if isinstance(named, list | tuple) else named


Judges = Annotated[tuple[str, ...], Field(min_length=1), BeforeValidator(_as_judges)]
