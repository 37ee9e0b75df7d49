"""``make acceptance-graded_patches REPOS=DIR``: real systems' patches, graded in containers, beside the published word.

For instances that ``runoff validate`` found sound, drawn by seed: one patch that is published as resolved and one as
not, drawn by seed from the pool. The published word is the official harness's on other machines; twice given, it
differs on 1.5%.
"""

from __future__ import annotations

import argparse
import random
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from acceptance.record import Record, recording
from acceptance.rows.real_rows import docker_base, real_rows
from environments.record_file import append_line, read_lines
from swebench_runs.after_run.validation import stored
from swebench_runs.grades.row_grading import evaluate
from swebench_runs.rows import Row
from swebench_runs.rows.datasets import PATCH_POOL, data_folder, placed_rows
from swebench_runs.run_folder.files import write_whole
from swebench_runs.splits.images import RowImages

SEED = 0
_AGREED = 0.95
"""Share of the patches on which the published word must be ours: it is given twice differently for 1.5%."""


def main() -> None:
    """Grade what is not graded yet, then compare all."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--repos", type=Path, required=True, help="a folder of repositories")
    options.add_argument("--validated", type=Path, default=Path("runs/validate/validation.jsonl"))
    options.add_argument("--output", type=Path, default=Path("runs/graded-patches"))
    options.add_argument("-n", type=int, default=40, help="instances")
    given = options.parse_args()
    sound = sorted({one.instance_id for one in stored(given.validated) if one.valid} & {name for name, _ in _pool()})
    sound = random.Random(SEED).sample(sound, min(given.n, len(sound)))
    rows = real_rows()
    file = given.output / "graded.jsonl"
    done = {line["sample_id"]: line for line in read_lines(file)}
    wanted = [patch for name in sound for patch in _drawn(name) if patch["sample_id"] not in done]
    by_instance: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for patch in wanted:
        by_instance[patch["instance_id"]].append(patch)
    images = RowImages.open(repos=given.repos, base_image=None)

    def grade(name: str) -> None:
        for line in _graded(rows[name], by_instance[name], images, given.output):
            append_line(file, line)
            print(line, flush=True)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(grade, by_instance))
    _compare(read_lines(file))


def _compare(lines: Sequence[Mapping[str, Any]]) -> None:
    with recording(Record("graded_patches", n=len(lines), unit="patches", seed=SEED)) as record:
        same = [line for line in lines if line["official_resolved"] == line["published"]]
        other = [line for line in lines if line not in same]
        record.figures["published_resolved"] = sum(line["published"] for line in lines)
        record.figures["agree"] = len(same)
        record.figures["stricter"] = [_told(line) for line in lines if line["official_resolved"] != line["resolved"]]
        record.figures["differ"] = [_told(line) for line in other]
        share = len(same) / len(lines) if lines else 0.0
        record.check("the published word is ours", share >= _AGREED, f"{len(same)} of {len(lines)}")


def _told(line: Mapping[str, Any]) -> str:
    return f"{line['instance_id']} {line['sample_id']}: {line['incident']} {line['detail']}".strip()


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


def _graded(
    row: Row, patches: Sequence[Mapping[str, Any]], images: RowImages, output: Path
) -> Iterator[dict[str, Any]]:
    with docker_base(row, images, "patches") as (base, spec):
        for patch in patches:
            found = evaluate(row, patch["model_patch"], base, spec)
            log = output / "logs" / row.instance_id / f"{patch['sample_id']}.log"
            write_whole(log, found.log.encode("utf-8", "surrogateescape"))
            yield {
                "instance_id": row.instance_id,
                "sample_id": patch["sample_id"],
                "published": bool(patch["resolved"]),
                "official_resolved": found.official_resolved,
                "resolved": found.resolved,
                "incident": found.incident.value,
                "detail": found.detail,
                "canary": found.canary,
                "dropped": list(found.dropped),
            }


if __name__ == "__main__":
    main()
