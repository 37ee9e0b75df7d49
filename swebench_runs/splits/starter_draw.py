"""Draws the starter subset: two tasks of every package of the catalogue, by seed alone.

``python -m swebench_runs.splits.starter_draw`` continues a draw that was cut off; a package on file is not redone.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from environments.synthesis.catalogue import catalogue
from environments.synthesis.recipe import Recipe
from environments.synthesis.report import SynthReport, kinds, mutate_package

SEED = 20
TASKS_PER_PACKAGE = 2

logger = logging.getLogger(__name__)


class StarterDraw(BaseModel):
    """A drawn subset as it lies on disk: the recipes, and of every package how many mutants they took."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: int = 1
    seed: int
    reports: dict[str, SynthReport]
    """Package name -> its report."""

    @property
    def recipes(self) -> tuple[Recipe, ...]:
        """Every package's recipes."""
        return tuple(recipe for report in self.reports.values() for recipe in report.recipes)


def stored() -> StarterDraw:
    """Return the subset that comes with Runoff."""
    return StarterDraw.model_validate_json((files("swebench_runs.splits") / "starter.json").read_bytes())


def draw(path: Path, names: Iterable[str], seed: int = SEED) -> None:
    """Draw the packages that ``path`` lacks, writing after each; raises what ``mutate_package`` raises."""
    everything = sorted(catalogue())
    wanted = kinds(TASKS_PER_PACKAGE * len(everything), seed)
    for name in names:
        if name in _load(path, seed).reports:
            continue
        first = TASKS_PER_PACKAGE * everything.index(name)
        share = wanted[first : first + TASKS_PER_PACKAGE]
        report = mutate_package(catalogue()[name], share, seed, progress=logger.info)
        subset = _load(path, seed)
        reports = dict(sorted({**subset.reports, name: report}.items()))
        _save(path, subset.model_copy(update={"reports": reports}))


def _load(path: Path, seed: int) -> StarterDraw:
    return StarterDraw.model_validate_json(path.read_bytes()) if path.exists() else StarterDraw(seed=seed, reports={})


def _save(path: Path, subset: StarterDraw) -> None:
    staged = path.with_suffix(".tmp")
    staged.write_text(subset.model_dump_json(indent=1) + "\n", encoding="utf-8")
    staged.replace(path)


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    draw(Path(str(files("swebench_runs.splits") / "starter.json")), sorted(catalogue()))
