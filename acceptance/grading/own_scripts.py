"""``make acceptance-own_scripts REPOS=DIR``: real rows by scripts of their own, the official harness's.

For instances that ``runoff validate`` found sound, drawn by seed: each gets the script that swebench 4.1.0 makes for
it, as rows of swebench 5 bring one, and is graded by that script alone; gold must be resolved, no patch must not.
Goes on where it was interrupted.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from acceptance.grading import harness
from acceptance.grading.grader import SEED, harness_python
from acceptance.record import Record, recording
from acceptance.rows.real_rows import docker_base, real_rows
from environments.record_file import append_line, read_lines
from environments.specs import RunSpec
from swebench_runs.after_run.validation import stored
from swebench_runs.grades.row_grading import Evaluation, evaluate
from swebench_runs.rows import Row
from swebench_runs.splits.images import RowImages

_SCRIPT = Path(harness.__file__).parent / "scripts.py"


def main() -> None:
    """Grade both sides of each instance, and compare with what must be."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--repos", type=Path, required=True, help="a folder of repositories")
    options.add_argument("--validated", type=Path, default=Path("runs/validate/validation.jsonl"))
    options.add_argument("--output", type=Path, default=Path("runs/own-scripts"))
    options.add_argument("-n", type=int, default=20, help="instances")
    given = options.parse_args()
    rows = real_rows()
    sound = sorted(one.instance_id for one in stored(given.validated) if one.valid and rows[one.instance_id].version)
    drawn = random.Random(SEED).sample(sound, min(given.n, len(sound)))
    images = RowImages.open(repos=given.repos)
    file = given.output / "graded.jsonl"

    def grade(row: Row, script: str) -> None:
        line = {"instance_id": row.instance_id, "sides": _graded(row, script, images)}
        append_line(file, line)
        print(line, flush=True)

    with recording(Record("own_scripts", n=len(drawn), unit="instances", seed=SEED)) as record:
        done = {line["instance_id"] for line in read_lines(file)}
        wanted = [rows[name] for name in drawn if name not in done]
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(grade, wanted, _scripts(wanted)))
        graded = {line["instance_id"]: line["sides"] for line in read_lines(file)}
        told = record.figures["instances"] = {name: graded[name] for name in drawn}
        off = {
            name: sides for name, sides in told.items() if sides["gold"] != "resolved" or sides["none"] == "resolved"
        }
        record.check("gold is resolved and no patch is not", not off, f"{len(off)} of {len(drawn)} are not: {off}")
        record.notes.append("Versions of which nothing is known in a row are left out: the harness makes no script.")


def _graded(row: Row, script: str, images: RowImages) -> Mapping[str, str]:
    own = row.model_copy(update={"eval_script": script})
    with docker_base(row, images, "own-scripts") as (base, spec):
        told = spec.model_dump(include=set(RunSpec.model_fields)) | {"test_command": ""}
        alone = RunSpec.model_validate(told)
        return {side: _told(evaluate(own, patch, base, alone)) for side, patch in (("gold", row.patch), ("none", None))}


def _told(found: Evaluation) -> str:
    if found.resolved:
        return "resolved"
    return f"{found.incident.value} {found.detail}".strip() if found.verdict is None else "not resolved"


def _scripts(rows: Sequence[Row]) -> list[str]:
    lines = [
        row.model_dump_json(include={"repo", "version", "base_commit", "test_patch", "instance_id"}) for row in rows
    ]
    command = [str(harness_python("4.1.0")), str(_SCRIPT)]
    done = subprocess.run(command, input="\n".join(lines), stdout=subprocess.PIPE, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith('"')]


if __name__ == "__main__":
    main()
