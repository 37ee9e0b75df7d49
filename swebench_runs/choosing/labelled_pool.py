"""Patches with grades, for fitting and measuring: the only thing here that selection may see is the patches."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from selection.patches import ballot_of_patches
from swebench_runs.errors import UsageError
from swebench_runs.rows.datasets import read_rows
from swebench_runs.rows.values import is_missing, truth_of
from verifiers.ballot import Ballot
from verifiers.consensus import ConsensusEvidence, gather


@dataclass(frozen=True)
class LabelledPatch:
    """One system's answer to one task, graded."""

    patch: str
    resolved: bool
    system: str = ""
    """Who made it. For controls only: nothing that is fitted or chosen may see it."""
    family: str = ""
    """The model behind it, for the groups of one system. For controls only."""


@dataclass(frozen=True)
class LabelledTask:
    """All patches of one task, in an order that depends on nothing but what they are."""

    instance_id: str
    statement: str
    """Empty where nobody gave the problem statement."""
    rows: tuple[LabelledPatch, ...]
    """Row i is machine i of the ballot."""
    ballot: Ballot

    @classmethod
    def of(cls, instance_id: str, statement: str, rows: Sequence[LabelledPatch]) -> Self:
        """Build a task; equal rows in any order give an equal task."""
        ordered = sorted(rows, key=lambda row: (row.system, row.family, row.resolved, row.patch))
        found = ballot_of_patches([row.patch for row in ordered], statement)
        return cls(instance_id, statement, tuple(ordered[index] for index in found.order), found.ballot)

    @property
    def repository(self) -> str:
        """The repository, as SWE-bench names it in an instance id."""
        return self.instance_id.rpartition("-")[0] or self.instance_id

    @cached_property
    def evidence(self) -> ConsensusEvidence:
        """What the consensus verifier looks at; candidates in ballot order."""
        return gather(self.ballot)

    @cached_property
    def chances(self) -> NDArray[np.float64]:
        """Per candidate, in ballot order: the share of its rows graded as resolved; equal patches may disagree."""
        grades: dict[str | None, list[bool]] = {}
        for entry, row in zip(self.ballot.entries, self.rows, strict=True):
            grades.setdefault(entry.candidate, []).append(row.resolved)
        return np.array([np.mean(grades[candidate.id]) for candidate in self.ballot.candidates], dtype=np.float64)

    def only(self, rows: Sequence[int]) -> Self:
        """Return the task as it would be with these of its rows."""
        return self.of(self.instance_id, self.statement, [self.rows[i] for i in rows])


def read_pool(path: Path, statements: Mapping[str, str]) -> list[LabelledTask]:
    """Read a file of graded patches; tasks in the order of their ids. Raises UsageError.

    A row needs ``instance_id``, ``model_patch`` and ``resolved``; ``source`` and ``model`` serve the controls.
    ``statements``: instance id -> problem statement.
    """
    rows: dict[str, list[LabelledPatch]] = {}
    for row in read_rows(path, "instance_id", "model_patch", "resolved", what="graded patch"):
        name = str(row["instance_id"])
        try:
            resolved = truth_of(row["resolved"])
        except ValueError as error:
            raise UsageError(f"{path}: resolved of {name} {error} (got {ascii(row['resolved'])[:80]})") from None
        rows.setdefault(name, []).append(
            LabelledPatch(
                patch=_said(row["model_patch"]),
                resolved=resolved,
                system=_said(row.get("source")),
                family=_said(row.get("model")),
            )
        )
    return [LabelledTask.of(name, statements.get(name, ""), rows[name]) for name in sorted(rows)]


def _said(value: Any) -> str:
    return "" if is_missing(value) else str(value)


def pool_hash(tasks: Iterable[LabelledTask]) -> str:
    """Return a hash of a pool's changes and grades; names and formatting do not count."""
    digest = hashlib.sha256()
    for task in tasks:
        digest.update(f"{task.instance_id}\0".encode(errors="surrogatepass"))
        pairs = zip(task.ballot.entries, task.rows, strict=True)
        for candidate, resolved in sorted((entry.candidate or "", row.resolved) for entry, row in pairs):
            digest.update(f"{candidate}\0{resolved}\0".encode())
    return digest.hexdigest()[:16]
