"""How often an honest patch is held for forging: gold and published patches by the graders, gold by the second look.

    python -m acceptance.grading.false_alarms --repos DIR --validated FILE --graded FILE [--output DIR]

Takes ``runoff validate --gold``'s records and ``acceptance.grading.graded_patches``' lines as they are, and runs the
second look of votes (``verifiers.second_look``) on the gold patches of the same rows, as if they were candidates: on
the existing test files near what they change. Goes on where it was cut off.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from acceptance.demo import wilson
from acceptance.record import Record, recording
from acceptance.rows.real_rows import real_rows
from agent.patch.sections import paths
from environments.record_file import append_line, read_lines
from environments.sandboxes.contract import SandboxError
from environments.sandboxes.lease import NoLease
from environments.workbench.workbench import Workbench
from swebench_runs.after_run.validation import Validation, stored
from swebench_runs.grades.row_grading import LIMITS
from swebench_runs.one_task.ground.image_base import forking_kind, open_task_image
from swebench_runs.one_task.suite.nearby_tests import nearby_tests
from swebench_runs.rows import Row, task
from swebench_runs.splits.images import RowImages
from swebench_runs.splits.row_split import environment
from verifiers.ballot import Candidate
from verifiers.regression import baseline, regressions
from verifiers.second_look import second_look

MOST = 0.01
"""Share of honest patches that may be held for forging."""


def main() -> None:
    """Look at what was not looked at yet, then count."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--repos", type=Path, required=True, help="a folder of repositories")
    options.add_argument("--validated", type=Path, default=Path("runs/validate/validation.jsonl"))
    options.add_argument("--graded", type=Path, default=Path("runs/graded-patches/graded.jsonl"))
    options.add_argument("--output", type=Path, default=Path("runs/false-alarms"))
    options.add_argument("--seed", type=int, help="of the draw of rows, for the record")
    options.add_argument("--note", action="append", default=[], help="what a reader must know, for the record")
    given = options.parse_args()
    validated = list({one.instance_id: one for one in stored(given.validated)}.values())
    file = given.output / "looked.jsonl"
    done = {line["instance_id"] for line in read_lines(file)}
    rows, images = real_rows(), RowImages.open(repos=given.repos, base_image=None)
    for one in validated:
        if one.valid and one.instance_id not in done:
            line = {"instance_id": one.instance_id, **_looked_at(rows[one.instance_id], images, given.output)}
            append_line(file, line)
            print(line, flush=True)
    with recording(Record("false_alarms", n=0, unit="looks at honest patches", seed=given.seed)) as record:
        record.notes += given.note
        count(record, validated, read_lines(given.graded), read_lines(file))


def _looked_at(row: Row, images: RowImages, output: Path) -> dict[str, Any]:
    """Return what the gate and the second look say of a row's gold patch."""
    spec = images.spec(row)
    kind = "docker" if spec.services else forking_kind()
    known = task(row, environment(row))
    gold = Candidate(id="gold", patch=row.patch)
    record = output / "records" / f"{row.instance_id}.jsonl"
    record.parent.mkdir(parents=True, exist_ok=True)
    try:
        with (
            open_task_image(images.ensure(row, spec), spec, kind=kind, limits=LIMITS, run_id="false-alarms") as base,
            Workbench(base, known, record=record, lease=NoLease(), workers=1) as bench,
        ):
            bench.suite_paths = nearby_tests(sorted(set(paths(row.patch))), bench.files(), row.problem_statement)
            base_suite = baseline(bench, at_once=False)
            broken = regressions(bench, [gold], base_suite).get("gold", ()) if base_suite.passing else ()
            # A candidate that breaks tests is not looked at again.
            found = second_look(bench, [gold], base_suite).get("gold") if base_suite.passing and not broken else None
    except SandboxError as error:
        return {"problem": str(error)}
    return {
        "sandbox": kind,
        "files": list(bench.suite_paths),
        "passing": len(base_suite.passing),
        "gate": list(broken)[:5],
        "looked": found is not None,
        "forged": list(found.forged)[:5] if found else [],
        "broken": list(found.broken)[:5] if found else [],
    }


def count(
    record: Record,
    validated: Sequence[Validation],
    graded: Sequence[dict[str, Any]],
    looked: Sequence[dict[str, Any]],
) -> None:
    """Count what was found, and judge it."""
    gold = {one.instance_id: one.gold for one in validated if one.gold and one.gold.official_resolved}
    published = {f"{line['instance_id']} {line['sample_id']}": line for line in graded if line["official_resolved"]}
    seen = {line["instance_id"]: line for line in looked if line.get("looked")}
    alarms = {
        "grader, gold": [f"{name}: {side.incident} {side.detail}" for name, side in gold.items() if not side.resolved],
        "grader, published patches": [
            f"{name}: {line['incident']} {line['detail']}" for name, line in published.items() if not line["resolved"]
        ],
        "second look, gold": [
            f"{name}: {line['forged'] or line['broken']}"
            for name, line in seen.items()
            if line["forged"] or line["broken"]
        ],
    }
    counts = {"grader, gold": len(gold), "grader, published patches": len(published), "second look, gold": len(seen)}
    record.n = sum(counts.values())
    record.figures = {
        name: {
            "n": n,
            "false_alarms": len(alarms[name]),
            "interval": [round(bound, 4) for bound in wilson(len(alarms[name]), n)] if n else None,
            "which": alarms[name],
        }
        for name, n in counts.items()
    }
    record.figures["repositories"] = dict(Counter(one.repo for one in validated))
    record.figures["canary"] = dict(Counter(side.canary for side in gold.values()))
    record.figures["not_valid"] = {one.instance_id: one.why for one in validated if not one.valid}
    record.figures["not_looked_at_again"] = {
        line["instance_id"]: line.get("problem") or f"{line['passing']} tests pass, gate: {line['gate']}"
        for line in looked
        if not line.get("looked")
    }
    record.notes.append("honest: the official verdict says resolved. intervals: Wilson, 95%")
    for name, n in counts.items():
        record.check(
            f"{name}: at most 1% false alarms",
            n > 0 and len(alarms[name]) <= MOST * n,
            f"{len(alarms[name])} of {n}",
        )


if __name__ == "__main__":
    main()
