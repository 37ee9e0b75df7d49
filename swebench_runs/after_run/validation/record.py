"""What a validation found: plain data, a line of ``validation.jsonl``."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from environments.specs import ImageSpec, RunSpec, layer_key
from swebench_runs.grades.row_grading import Canary, Evaluation
from swebench_runs.official.policy import POLICIES, Incident
from swebench_runs.rows import Row

SHOWN = 10
"""Tests named of those that did not do what they should."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Side(_Frozen):
    """The hidden tests with one patch, or with none."""

    incident: Incident
    detail: str
    resolved: bool
    official_resolved: bool
    fail_to_pass: tuple[int, int] | None
    """How many of those tests pass, of how many; None where no log tells."""
    pass_to_pass: tuple[int, int] | None
    failing: tuple[str, ...]
    """Some of the tests that do not pass."""
    canary: Canary
    seconds: float

    @classmethod
    def of(cls, found: Evaluation) -> Side:
        """Keep what counts of an evaluation."""
        sides = (found.verdict.fail_to_pass, found.verdict.pass_to_pass) if found.verdict else ()
        counts = [(len(side.success), len(side.success) + len(side.failure)) for side in sides]
        return cls(
            incident=found.incident,
            detail=found.detail,
            resolved=found.resolved,
            official_resolved=found.official_resolved,
            fail_to_pass=counts[0] if counts else None,
            pass_to_pass=counts[1] if counts else None,
            failing=tuple(test for side in sides for test in side.failure)[:SHOWN],
            canary=found.canary,
            seconds=round(found.seconds, 2),
        )


class Validation(_Frozen):
    """One task."""

    instance_id: str
    repo: str
    version: str
    python: str
    layer: str
    """Name of the environment layer that its image is built on; empty of one that nobody here can build."""
    sandbox: str
    image_seconds: float | None = None
    """Building the image took, on layers that were there; None: it was there."""
    image_bytes: int | None = None
    """What the image adds to its environment layer."""
    gold: Side | None = None
    base: Side | None = None
    """Without any patch."""
    problem: str = ""
    """Why nothing was evaluated; one line."""

    @property
    def valid(self) -> bool:
        """Whether the task can be used here."""
        return not self.why

    @property
    def why(self) -> str:
        """Why it cannot, in one line; empty: it can."""
        if self.gold is None or self.base is None:
            return self.problem or "nothing was evaluated"
        if not self.gold.resolved:
            return f"gold is not resolved: {_told(self.gold)}"
        if self.base.resolved:
            return "without any patch it is resolved too: the tests tell nothing"
        if POLICIES[self.base.incident].grade == "not_evaluated":
            return f"without a patch nothing was evaluated: {_told(self.base)}"
        return ""

    @property
    def strict(self) -> bool:
        """Whether no FAIL_TO_PASS test passes without a patch."""
        return self.base is not None and (self.base.fail_to_pass is None or self.base.fail_to_pass[0] == 0)


def of_failure(row: Row, spec: RunSpec | None, sandbox: str, problem: str) -> Validation:
    """Return the record of a task of which nothing was evaluated; ``problem`` in one line."""
    return Validation(
        instance_id=row.instance_id,
        repo=row.repo,
        version=spec.version if spec else row.version or "",
        python=spec.python if spec else "",
        layer=layer_key(spec) if isinstance(spec, ImageSpec) else "",
        sandbox=sandbox,
        problem=" ".join(problem.split()),
    )


def _told(side: Side) -> str:
    if side.incident is not Incident.TESTS_RAN:
        return f"{side.incident.value.replace('_', ' ')}{f' ({side.detail})' if side.detail else ''}"
    failed = [
        f"{total - good} of {total}" for good, total in (side.fail_to_pass or (0, 0), side.pass_to_pass or (0, 0))
    ]
    return (
        f"{failed[0]} of FAIL_TO_PASS and {failed[1]} of PASS_TO_PASS do not pass, e.g. {', '.join(side.failing[:3])}"
    )
