"""``make acceptance-graded_patches REPOS=DIR``: published patches, graded by ``runoff grade``, beside its word.

For instances that ``runoff validate`` found sound, drawn by seed: one patch that is published as resolved and one as
not, drawn by seed from the pool. They are a file of predictions, which ``runoff grade PREDS --subset ROWS`` grades. The
published word is the official harness's on other machines; twice given, it differs on 1.5%.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from acceptance.commands import run, runoff
from acceptance.record import Record, recording
from swebench_runs.after_run.grade_book import read_page
from swebench_runs.after_run.validation import stored
from swebench_runs.choosing.grade_predictions import Book
from swebench_runs.choosing.predictions import read_predictions
from swebench_runs.rows.datasets import PATCH_POOL, SUBSETS, data_folder, placed_rows
from swebench_runs.run_folder.files import write_whole

SEED = 0
LIMIT = 24 * 3600.0
_AGREED = 0.95
"""Share of the patches on which the published word must be ours: it is given twice differently for 1.5%."""


def main() -> None:
    """Draw, grade by the command what has no grade yet, then compare all."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--repos", type=Path, required=True, help="a folder of repositories")
    options.add_argument("--validated", type=Path, default=Path("runs/validate/validation.jsonl"))
    options.add_argument("--output", type=Path, default=Path("runs/graded-patches"))
    options.add_argument("-n", type=int, default=40, help="instances")
    given = options.parse_args()
    sound = sorted({one.instance_id for one in stored(given.validated) if one.valid} & {name for name, _ in _pool()})
    sound = random.Random(SEED).sample(sound, min(given.n, len(sound)))
    patches = [patch for name in sound for patch in _drawn(name)]
    rows, predictions = given.output / "rows.jsonl", given.output / "preds.jsonl"
    _write(rows, _rows(sound))
    _write(predictions, map(_prediction, patches))
    command = ("grade", str(predictions), "--subset", str(rows), "--repos", str(given.repos), "--sandbox", "docker")
    with recording(Record("graded_patches", n=len(patches), unit="patches", seed=SEED)) as record:
        done = run(runoff(*command, "-o", str(given.output / "graded")), timeout=LIMIT)
        record.check("runoff grade ends well", done.exit_code == 0, done.last_line)
        _compare(record, patches, Book(given.output / "graded"), _as_read(predictions))


def _as_read(predictions: Path) -> dict[str, str]:
    """Return sample id -> its patch as the command reads it, which is what stands in the book of grades."""
    return {one.system: one.patch for one in read_predictions([predictions], own=True).predictions}


def _compare(record: Record, patches: Sequence[Mapping[str, Any]], book: Book, as_read: Mapping[str, str]) -> None:
    """Compare the command's official word with the published one; a patch without a grade agrees with nobody."""
    same: list[str] = []
    other: list[str] = []
    stricter: list[str] = []
    for patch in patches:
        grade = read_page(book, patch["instance_id"]).of(as_read.get(patch["sample_id"], ""))
        told = f"{patch['instance_id']} {patch['sample_id']}: " + (
            f"{grade.incident} {grade.reason}".strip() if grade else "not graded"
        )
        (same if grade and grade.official == bool(patch["resolved"]) else other).append(told)
        if grade and grade.official and grade.outcome != "resolved":
            stricter.append(told)
    record.figures["published_resolved"] = sum(bool(patch["resolved"]) for patch in patches)
    record.figures["agree"] = len(same)
    record.figures["stricter"] = stricter
    record.figures["differ"] = other
    share = len(same) / len(patches) if patches else 0.0
    record.check("the published word is ours", share >= _AGREED, f"{len(same)} of {len(patches)}")


def _prediction(patch: Mapping[str, Any]) -> dict[str, Any]:
    """Return a prediction without its published word. Each patch is a system of its own, so that none is a repeat."""
    return {key: patch[key] for key in ("instance_id", "model_patch")} | {"model_name_or_path": patch["sample_id"]}


def _rows(names: Sequence[str]) -> Iterator[Mapping[str, Any]]:
    """Yield the data sets' own rows of instances, as they stand in their files: Lite's where both have one."""
    found: dict[str, Mapping[str, Any]] = {}
    for subset in ("verified", "lite"):
        for _, row in placed_rows(data_folder() / SUBSETS[subset]):
            found[str(row["instance_id"])] = row
    yield from (found[name] for name in names)


def _write(path: Path, rows: Iterator[Mapping[str, Any]] | Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, "".join(json.dumps(row) + "\n" for row in rows))


def _drawn(instance_id: str) -> Iterator[Mapping[str, Any]]:
    draw = random.Random(f"{SEED} {instance_id}")
    for resolved in (True, False):
        if found := _pool().get((instance_id, resolved)):
            yield draw.choice(found)


_POOL: dict[tuple[str, bool], list[Mapping[str, Any]]] = {}


def _pool() -> Mapping[tuple[str, bool], list[Mapping[str, Any]]]:
    if not _POOL:
        for _, row in placed_rows(data_folder() / PATCH_POOL):
            if row["model_patch"].strip():
                _POOL.setdefault((row["instance_id"], bool(row["resolved"])), []).append(row)
    return _POOL


if __name__ == "__main__":
    main()
