"""What one trajectory came to."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict

from agent.models.contract import Usage
from environments.workbench.outcome import GeneratedTest


class Ending(StrEnum):
    """Why a trajectory ended; the only words inside Runoff (exports map them to the peers')."""

    SUBMITTED = "submitted"
    TURN_LIMIT = "turn_limit"
    TOKEN_LIMIT = "token_limit"
    COST_LIMIT = "cost_limit"
    TIME_LIMIT = "time_limit"
    CONTEXT_LIMIT = "context_limit"
    FORMAT_ERRORS = "format_errors"
    MODEL_ERROR = "model_error"
    SANDBOX_ERROR = "sandbox_error"
    STOPPED = "stopped"


Kind = Literal["edit", "test", "judge", "runoff", "single", "locate"]


class Sampled(BaseModel):
    """A change that samples of one trajectory made, and that passed every reproduction of the issue."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    patch: str
    count: int = 1
    """Samples that made it."""
    likelihood: float | None = None
    """The best mean log-probability of a token that one of them had."""
    format: str = ""
    """In which the first of them was written."""


class Trajectory(BaseModel):
    """The outcome of one LLM-driven attempt; its steps are in its journal."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    """``<kind>-<index>``, e.g. ``edit-0``."""
    kind: Kind
    ending: Ending
    patch: str = ""
    """The best unified diff so far against the base commit; empty when there is none."""
    test: GeneratedTest | None = None
    """Its final test."""
    verified: bool = False
    """The harness saw ``test`` fail on the base and pass on ``patch``."""
    reproduces: bool = False
    """The harness saw ``test`` fail (not error) on the base."""
    samples: tuple[Sampled, ...] = ()
    """Of one that samples: the different changes that survived, ``patch`` the first of them."""
    sampled: Mapping[str, Mapping[str, int]] = {}
    """Of one that samples: by format, how many samples reached each stage."""
    model: str = ""
    """Who made it; empty: not told."""
    scaffold: str = ""
    """How it worked, of an editing one."""
    usage: Usage = Usage()
    cost: float | None = 0.0
    turns: int = 0
    seconds: float = 0.0
    answers: Mapping[str, int] = {}
    """How many of its answers were none: ``cut`` by their length, ``filtered``, ``tool_calls_only``, ``empty``."""
    why: str = ""
    """Why it ended so, where the ending alone does not say: the endpoint's own words, in one line."""
    final: bool = True
    """The next run does not go on with it; false where the endpoint or the sandbox failed."""

    @property
    def refused(self) -> bool:
        """The endpoint refused one of its requests, or never answered it usably: its end, and nobody else's."""
        return self.final and self.ending == Ending.MODEL_ERROR
