"""Which instances are executed, and in which order: drawn by a seed and written down before anything was run.

    python -m acceptance.selection.executed.draw --repos DIR      # writes draw.json beside this file, once
    python -m acceptance.selection.executed.draw --repos DIR --pool OTHER.jsonl --draw other.json

Drawn are instances with right and wrong patches among those of the repositories whose history is at hand and that need
no compiler. Labels tell only that an instance has both kinds. The half that is cheapest to execute, by the number of
its different patches and its repository, goes first; within each half the order is the seed's.
"""

from __future__ import annotations

import argparse
import json
import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from swebench_runs.rows.datasets import PATCH_POOL, data_folder, read_rows
from swebench_runs.run_folder.files import write_whole

DRAW = Path(__file__).with_name("draw.json")
SEED, DRAWN = 19, 100
COMPILED = ("astropy__astropy", "matplotlib__matplotlib", "scikit-learn__scikit-learn")
"""Repositories whose images compile for minutes to hours on two cores."""
COST = {"sympy__sympy": 2.0, "mwaskom__seaborn": 4.0}
"""How long a repository's tests take beside the others', about: known from ``docs/validated.md``."""


@dataclass(frozen=True)
class Graded:
    """One row of the pool."""

    sample_id: str
    patch: str
    resolved: bool
    norm_src: str


def graded_pool(file: Path | None = None) -> dict[str, list[Graded]]:
    """Return instance id -> its rows, in an order that depends on the patches alone."""
    found: dict[str, list[Graded]] = defaultdict(list)
    for row in read_rows(file or data_folder() / PATCH_POOL, what="graded patch"):
        one = Graded(row["sample_id"], row["model_patch"] or "", bool(row["resolved"]), row.get("norm_src") or "")
        found[row["instance_id"]].append(one)
    return {name: sorted(rows, key=lambda row: (row.patch, row.sample_id)) for name, rows in sorted(found.items())}


def is_mixed(rows: Sequence[Graded]) -> bool:
    """Tell whether an instance has right and wrong patches."""
    return len({row.resolved for row in rows if row.patch.strip()}) == 2


def repository(instance_id: str) -> str:
    """Return the repository of an instance, as its id spells it."""
    return instance_id.rpartition("-")[0]


def draw(pool: Mapping[str, Sequence[Graded]], repositories: set[str]) -> list[str]:
    """Return the instances in the order in which they are executed."""
    able = sorted(name for name, rows in pool.items() if is_mixed(rows) and repository(name) in repositories)
    drawn = random.Random(SEED).sample(able, min(DRAWN, len(able)))
    cheap = set(sorted(drawn, key=lambda name: (_cost(name, pool[name]), name))[: len(drawn) // 2])
    return [name for name in drawn if name in cheap] + [name for name in drawn if name not in cheap]


def _cost(name: str, rows: Sequence[Graded]) -> float:
    different = len({row.norm_src for row in rows if row.patch.strip()})
    return different * COST.get(repository(name), 1.0)


def drawn_instances(file: Path = DRAW) -> list[str]:
    """Return what is written down."""
    return list(json.loads(file.read_text(encoding="utf-8"))["instances"])


def main() -> None:
    """Draw and write down, unless that was done."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--repos", type=Path, required=True, help="a folder of repositories, owner__name")
    options.add_argument("--pool", type=Path, help="graded patches; by default those of the data folder")
    options.add_argument("--draw", type=Path, default=DRAW, help="the file to write")
    asked = options.parse_args()
    if asked.draw.exists():
        raise SystemExit(f"{asked.draw} is there: a draw is made once")
    there = {path.name for path in asked.repos.iterdir()} - set(COMPILED)
    pool = graded_pool(asked.pool)
    instances = draw(pool, there)
    told: dict[str, Any] = {
        "seed": SEED,
        "drawn_from": sum(is_mixed(rows) and repository(name) in there for name, rows in pool.items()),
        "repositories": sorted({repository(name) for name in instances}),
        "instances": instances,
    }
    write_whole(asked.draw, json.dumps(told, indent=1) + "\n")
    print(f"{len(instances)} instances of {told['drawn_from']} drawn: {asked.draw}")


if __name__ == "__main__":
    main()
