"""Draws rows of Lite and Verified whose commit is in a folder of repositories, in the order of the draw, as a file.

python -m acceptance.rows.drawn_rows --repos DIR -n 40 --seed 0 > rows.jsonl
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from environments.host_git import run_git
from swebench_runs.rows.datasets import data_folder, placed_rows

FILES = ("swebench_verified.jsonl.gz", "swebench_lite.jsonl.gz")


def drawn(repos: Path, count: int, seed: int) -> list[dict[str, Any]]:
    """Return that many rows, as their data set has them."""
    rows = {row["instance_id"]: row for name in FILES for _, row in placed_rows(data_folder() / name)}
    by_repository: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows.values():
        by_repository[row["repo"]].append(row)
    there = [name for repo, found in by_repository.items() for name in _there(repos / repo.replace("/", "__"), found)]
    return [rows[name] for name in random.Random(seed).sample(sorted(there), min(count, len(there)))]


def _there(repository: Path, rows: Sequence[dict[str, Any]]) -> list[str]:
    if not repository.is_dir():
        return []
    asked = "".join(f"{row['base_commit']}\n" for row in rows).encode()
    said = run_git(repository, "cat-file", "--batch-check", stdin=asked).decode().splitlines()
    return [row["instance_id"] for row, line in zip(rows, said, strict=True) if " commit " in line]


def main() -> None:
    """Write the drawn rows to standard output."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--repos", type=Path, required=True, help="a folder of repositories")
    options.add_argument("-n", type=int, default=40)
    options.add_argument("--seed", type=int, default=0)
    given = options.parse_args()
    for row in drawn(given.repos, given.n, given.seed):
        sys.stdout.write(json.dumps(row) + "\n")


if __name__ == "__main__":
    main()
