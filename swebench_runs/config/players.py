"""The keys that say which models play which roles, and by which scaffolds: text, a list or a mapping, read as one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict

from agent.models.roles import Pool
from agent.scaffolds import scaffolds_of
from agent.scaffolds.mix import Mix
from swebench_runs.config.nearest_name import nearest


def _as_text(value: object) -> object:
    """Return ``{a: 1, b: 2}`` and ``[a, "b=2"]`` as they are written in one text."""
    if isinstance(value, Mapping):
        return ", ".join(f"{name}={weight}" for name, weight in value.items())
    if isinstance(value, list | tuple) and any(one is None or not str(one).strip() for one in value):
        raise ValueError("one of the names is empty")
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else value


def _pool(text: str) -> str:
    return str(Pool.parse(text))


def _one(text: str) -> str:
    pool = Pool.parse(text)
    if len(pool.weights) > 1:
        raise ValueError(f"one model plays this role, not {text!r}: pools are for model, roles.edit and roles.test")
    return pool.first


def _mix(text: str) -> str:
    mix = Mix.parse(text)
    for name in mix.pool.names:
        if name not in (known := scaffolds_of("edit")):
            raise ValueError(f"no scaffold {name!r} that edits{nearest(name, known)}")
    return str(mix)


Models = Annotated[str, BeforeValidator(_as_text), AfterValidator(_pool)]
"""One model, or a pool: ``a, b=2``."""
OneModel = Annotated[str, BeforeValidator(_as_text), AfterValidator(_one)]
Scaffolds = Annotated[str, BeforeValidator(_as_text), AfterValidator(_mix)]
"""One scaffold, or a mix: ``tools=6, edit-and-test=2``."""


class Roles(BaseModel):
    """Which model plays a role; None: ``model`` does, of a pool for roles without one its first by weight."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    locate: OneModel | None = None
    """Finds places to look at."""
    test: Models | None = None
    """Writes reproduction tests."""
    edit: Models | None = None
    """Makes patches."""
    judge: OneModel | None = None
    """Scores candidates by reading them."""
    runoff: OneModel | None = None
    """Tells the finalists apart."""
