"""The grades of a run on disk: ``grading/<instance id>.json``, each distinct patch once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from pydantic import BaseModel, ConfigDict

from swebench_runs.grades.grading import Grade
from swebench_runs.grades.patch_key import patch_key
from swebench_runs.run_folder.files import write_json
from swebench_runs.run_folder.versioned import read_json


class Graded(Protocol):
    """What is graded: a run, or somebody's predictions."""

    @property
    def id(self) -> str:
        """Its id, for labels and official files."""
        ...

    @property
    def path(self) -> Path:
        """Its folder."""
        ...

    @property
    def grading(self) -> Path:
        """Where its grades stand."""
        ...


class Page(BaseModel):
    """One task's grades."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    grades: Mapping[str, Grade] = {}
    """``patch_key`` of a patch -> its grade."""

    def of(self, patch: str) -> Grade | None:
        """Return a patch's grade; None when it was not graded."""
        return self.grades.get(patch_key(patch))


def read_page(run: Graded, instance_id: str) -> Page:
    """Return a task's grades; empty when it was never graded."""
    return read_json(run.grading / f"{instance_id}.json", Page) or Page()


def write_page(run: Graded, instance_id: str, page: Page) -> None:
    """Write a task's grades whole."""
    write_json(run.grading / f"{instance_id}.json", page.model_dump(mode="json"))


def ungraded(page: Page, patches: Sequence[str]) -> list[str]:
    """Return the distinct patches that have no grade yet, or one that says only that the machine failed."""
    return [
        patch
        for patch in dict.fromkeys(patches)
        if (known := page.of(patch)) is None or known.outcome == "not_evaluated"
    ]
