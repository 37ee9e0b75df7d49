"""Makes tasks by the number and says how many mutants that took and why the others were dropped."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from environments.synthesis.catalogue import Package, find
from environments.synthesis.laboratory import SUITE_TIMEOUT, Laboratory
from environments.synthesis.mutate import Draw, Rejected
from environments.synthesis.needs import Declared, with_needs
from environments.synthesis.recipe import Recipe, StatementKind

MUTANTS_PER_TASK = 40
"""Mutants tried per task asked for before giving up."""


class SynthReport(BaseModel):
    """What one call made of one package."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    package: str
    seed: int
    asked: int
    tried: int
    dropped: dict[str, int]
    """Reason -> number of mutants."""
    recipes: tuple[Recipe, ...]


def kinds(count: int, seed: int) -> list[StatementKind]:
    """Return the statement kinds of ``count`` tasks in drawn order: two thirds with an example, one third prose."""
    prose = count // 3
    drawn = [StatementKind.PROSE] * prose + [StatementKind.EXAMPLE] * (count - prose)
    random.Random(f"{seed}:kinds").shuffle(drawn)
    return drawn


def synth_mutate(
    requirement: str,
    count: int,
    seed: int,
    *,
    declared: Declared | None = None,
    cache: Path | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> SynthReport:
    """Make up to ``count`` tasks of ``PACKAGE==VERSION``; the rest as in ``mutate_package``.

    Raises ValueError (no pinned requirement, or a package whose suite cannot judge), SdistError,
    PythonEnvironmentError or SandboxError.
    """
    name, separator, version = requirement.partition("==")
    if not separator or not name or not version:
        raise ValueError(f"{requirement!r} is not PACKAGE==VERSION: name the exact version, as in inflection==0.5.1")
    with tempfile.TemporaryDirectory(prefix="runoff-synth-") as workspace:
        package = find(name, version, Path(workspace), cache)
    return mutate_package(package, kinds(count, seed), seed, declared=declared, cache=cache, progress=progress)


def mutate_package(
    package: Package,
    wanted: list[StatementKind],
    seed: int,
    *,
    declared: Declared | None = None,
    cache: Path | None = None,
    progress: Callable[[str], None] = lambda _: None,
    suite_seconds: float = SUITE_TIMEOUT,
    mutants_per_task: int = MUTANTS_PER_TASK,
) -> SynthReport:
    """Make one task of each wanted kind, in order, until the mutants run out.

    ``declared`` tells what to install where the suite does not run without. Raises as ``synth_mutate`` does.
    """
    recipes: list[Recipe] = []
    with Laboratory(package, cache=cache, suite_seconds=suite_seconds) as laboratory:
        try:
            draw = Draw(laboratory, str(seed))
        except Rejected as reason:
            if declared and reason.missing:
                progress(f"{package.name}: its suite needs {', '.join(reason.missing)}: what it declares is installed")
                needy = with_needs(package, declared(laboratory.tree), cache, progress)
                return mutate_package(
                    needy,
                    wanted,
                    seed,
                    cache=cache,
                    progress=progress,
                    suite_seconds=suite_seconds,
                    mutants_per_task=mutants_per_task,
                )
            raise ValueError(f"{package.name}=={package.version} makes no tasks: {reason}") from reason
        for kind in wanted:
            recipe = draw.next(kind, mutants_per_task * len(wanted))
            progress(f"{package.name}: {draw.tried} mutants tried, {len(recipes) + (recipe is not None)} tasks")
            if recipe is None:
                break
            recipes.append(recipe)
    return SynthReport(
        package=f"{package.name}=={package.version}",
        seed=seed,
        asked=len(wanted),
        tried=draw.tried,
        dropped=dict(draw.dropped.most_common()),
        recipes=tuple(recipes),
    )
