"""Patches with grades, for fitting and measuring: the only thing here that selection may see is the patches."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from selection.patches import PatchBallot, ballot_of_patches
from swebench_runs.errors import UsageError
from verifiers.consensus import Evidence, gather


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
    """All patches of one task, in an order that depends on nothing but the patches."""

    instance_id: str
    statement: str
    """Empty where nobody gave the problem statement."""
    rows: tuple[LabelledPatch, ...]
    """Row i is machine i of the ballot."""
    choice: PatchBallot

    @property
    def repository(self) -> str:
        """The repository, as SWE-bench names it in an instance id."""
        return self.instance_id.rpartition("-")[0] or self.instance_id

    def chance(self, candidate: str) -> float:
        """Return the share of a candidate's rows that are graded as resolved: labels of equal patches may disagree."""
        machines = zip(self.choice.ballot.machines, self.rows, strict=True)
        grades = [row.resolved for machine, row in machines if machine.candidate == candidate]
        return sum(grades) / len(grades) if grades else 0.0

    @cached_property
    def evidence(self) -> Evidence:
        """What the consensus verifier looks at; candidates in ballot order."""
        return gather(self.choice.ballot)

    @cached_property
    def chances(self) -> NDArray[np.float64]:
        """``chance`` of each candidate in ballot order."""
        return np.array([self.chance(candidate.id) for candidate in self.choice.ballot.candidates], dtype=np.float64)

    @classmethod
    def of(cls, instance_id: str, statement: str, rows: Sequence[LabelledPatch]) -> LabelledTask:
        """Build a task; equal rows in any order give an equal task."""
        choice = ballot_of_patches([row.patch for row in rows], statement)
        ordered = sorted(range(len(rows)), key=lambda i: (rows[i].system, rows[i].family, rows[i].resolved))
        rank = {index: number for number, index in enumerate(ordered)}
        keys = {index: machine.candidate for machine, index in zip(choice.ballot.machines, choice.order, strict=True)}
        order = sorted(range(len(rows)), key=lambda i: (keys[i] is None, keys[i] or "", rank[i]))
        return cls(instance_id, statement, tuple(rows[i] for i in order), choice)

    def only(self, rows: Sequence[int]) -> LabelledTask:
        """Return the task as it would be with these of its rows."""
        return LabelledTask.of(self.instance_id, self.statement, [self.rows[i] for i in rows])


def read_pool(path: Path, statements: Mapping[str, str]) -> list[LabelledTask]:
    """Read a JSONL file (or one compressed by gzip) of graded patches; tasks in the order of their ids.

    A line needs ``instance_id``, ``model_patch`` and ``resolved``; ``source`` and ``model`` serve the controls.
    ``statements``: instance id -> problem statement.
    """
    rows: dict[str, list[LabelledPatch]] = {}
    for number, line in enumerate(_lines(path), 1):
        row = _row(line, f"{path}:{number}")
        rows.setdefault(str(row["instance_id"]), []).append(
            LabelledPatch(
                patch=row["model_patch"] or "",
                resolved=bool(row["resolved"]),
                system=str(row.get("source") or ""),
                family=str(row.get("model") or ""),
            )
        )
    return [LabelledTask.of(name, statements.get(name, ""), rows[name]) for name in sorted(rows)]


def pool_hash(tasks: Iterable[LabelledTask]) -> str:
    """Return a hash of a pool's changes and grades; names and formatting do not count."""
    digest = hashlib.sha256()
    for task in tasks:
        digest.update(f"{task.instance_id}\0".encode())
        for machine, row in sorted((m.candidate or "", r.resolved) for m, r in _paired(task)):
            digest.update(f"{machine}\0{row}\0".encode())
    return digest.hexdigest()[:16]


def _paired(task: LabelledTask) -> Iterator[tuple[Any, LabelledPatch]]:
    return zip(task.choice.ballot.machines, task.rows, strict=True)


def _lines(path: Path) -> Iterator[str]:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror or error}") from None
    text = gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content
    yield from (line for line in text.decode(errors="surrogateescape").split("\n") if line.strip())


def _row(line: str, where: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except ValueError:
        raise UsageError(f"{where}: not a line of JSON") from None
    if not isinstance(row, dict) or not {"instance_id", "model_patch", "resolved"} <= row.keys():
        raise UsageError(f"{where}: a graded patch needs instance_id, model_patch and resolved")
    return row
