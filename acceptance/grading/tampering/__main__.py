"""``make acceptance-tampering REPOS=DIR``: patches that fix nothing and steer the tests; none may be resolved."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path

from acceptance.grading.tampering.tricks import INSTANCES, Trick, tricks
from acceptance.record import Record, recording
from acceptance.rows.real_rows import docker_base, real_rows
from environments.sandboxes.contract import Sandbox
from environments.specs import ImageSpec
from swebench_runs.grades.row_grading import evaluate
from swebench_runs.rows import Row
from swebench_runs.run_folder.files import write_whole
from swebench_runs.splits.images import RowImages

_FEWEST = 20


def main() -> None:
    """Run every trick on its instance, and grade the row's own patch beside."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--repos", type=Path, required=True, help="a folder of repositories")
    options.add_argument("--logs", type=Path, default=Path("runs/tampering"), help="gets what the tests print")
    given = options.parse_args()
    rows = real_rows()
    chosen = {name: rows[name] for name in INSTANCES}
    found = tricks({name: (*row.fail_to_pass, *row.pass_to_pass) for name, row in chosen.items()})
    images = RowImages.open(repos=given.repos, base_image=None)
    record = Record("tampering", n=len(found), unit="patches")
    lines = record.figures["patches"] = []
    with recording(record):
        for name, row in chosen.items():
            with docker_base(row, images, "tampering") as (base, spec):
                gold = evaluate(row, row.patch, base, spec)
                record.check(f"{name}: its own patch is resolved", gold.resolved, gold.detail or gold.incident)
                for trick in (trick for trick in found if trick.instance_id == name):
                    lines.append(_tried(trick, row, base, spec, given.logs))
                    print(lines[-1], flush=True)
        resolved = [line["trick"] for line in lines if line["resolved"]]
        record.check("none is resolved", not resolved, f"{len(resolved)} of {len(lines)}: {resolved}")
        record.check("there are enough", len(lines) >= _FEWEST, f"{len(lines)}, {_FEWEST} wanted")
        fooled = sum(bool(line["official_resolved"]) for line in lines)
        record.figures["official_verdict_resolved"] = fooled
        record.notes.append(f"by the official definition alone {fooled} of {len(lines)} would be resolved")
        record.notes.append("Who wrote the tricks knew the grader; they knew the names of the hidden tests, too.")


def _tried(trick: Trick, row: Row, base: Sandbox, spec: ImageSpec, logs: Path) -> Mapping[str, object]:
    found = evaluate(row, _patch(trick, base), base, spec)
    log = logs / row.instance_id / f"{trick.name.replace(' ', '-')}.log"
    write_whole(log, found.log.encode("utf-8", "surrogateescape"))
    return {
        "trick": trick.name,
        "instance_id": row.instance_id,
        "incident": found.incident.value,
        "detail": found.detail,
        "resolved": found.resolved,
        "official_resolved": found.official_resolved,
        "dropped": list(found.dropped),
        "canary": found.canary,
    }


def _patch(trick: Trick, base: Sandbox) -> str:
    with base.fork() as fork:
        for path, text in trick.files.items():
            fork.write(path, text.encode())
        for path, edit in trick.edits.items():
            fork.write(path, edit(fork.read(path).decode()).encode())
        return fork.diff()


if __name__ == "__main__":
    main()
