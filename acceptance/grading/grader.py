"""Our grader against swebench 4.1.0 and 5.0.2, each in an environment of its own, over the same logs."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from platformdirs import user_cache_path

from acceptance.grading import harness
from acceptance.grading.harness.made_logs import TIGHTENED, made_logs
from acceptance.grading.harness.other_languages import ROWS, RUNNERS, made_names
from acceptance.record import Record, recording
from environments.specs import find_spec, known_versions
from environments.workbench.test_logs import reader
from swebench_runs.official import TestLists, read_log
from swebench_runs.official.reports import instance_report
from swebench_runs.rows.datasets import SUBSETS, data_folder, read_rows

SEED = 0
VERSIONS = ("4.1.0", "5.0.2")
_SCRIPT = Path(harness.__file__).parent / "verdicts.py"
_COMPARED = ("patch_exists", "patch_successfully_applied", "resolved")
_PATCH = "diff --git a/x b/x\n"
_SHOWN = 5


@dataclass(frozen=True)
class Case:
    """A log of a row and what it was made as."""

    id: str
    kind: str
    text: str
    row: dict[str, Any]
    reader: str

    def ours(self) -> dict[str, Any]:
        """Return our report's entry, less what only 5.0.2 has."""
        lists = TestLists(fail_to_pass=self.row["FAIL_TO_PASS"], pass_to_pass=self.row["PASS_TO_PASS"])
        reading = read_log(self.text, reader(self.reader))
        return instance_report("i", _PATCH, self.text, reading, lists)["i"]


def main() -> None:
    """Make the logs, ask all three, compare."""
    cases = list(_cases())
    with recording(Record("grader", n=len(cases), unit="logs", seed=SEED)) as record:
        compare(record, cases, [case for case in cases if case.kind in TIGHTENED])


def compare(record: Record, cases: Sequence[Case], forged: Sequence[Case]) -> None:
    """Judge all cases by both versions and by us; of the ``forged`` among them, none may be resolved by us."""
    ours = {case.id: case.ours() for case in cases}
    theirs = {version: _ask(version, cases) for version in VERSIONS}
    classic, current = theirs["4.1.0"], theirs["5.0.2"]
    apart = {case.id for case in forged}
    plain = [case for case in cases if case.id not in apart]
    agreed = [case for case in plain if _same(classic[case.id], current[case.id])]
    record.figures = {
        "rows": len({case.row["instance_id"] for case in cases}),
        "kinds": dict(Counter(case.kind for case in cases)),
        "readers": dict(Counter(case.reader for case in cases)),
        "versions_agree": len(agreed),
        "versions_differ": len(plain) - len(agreed),
        "resolved_by_ours": sum(entry["resolved"] for entry in ours.values()),
    }
    _expect(record, "where both versions agree, so do we", agreed, ours, current)
    _expect(record, "where they differ, we are with 5.0.2", plain, ours, current)
    taken = [f"{case.id} ({case.kind})" for case in forged if ours[case.id]["resolved"]]
    record.check(f"none of {len(forged)} forged logs is resolved", not taken, taken[:_SHOWN] or "none")
    fooled = {version: sum(_resolved(theirs[version][case.id]) for case in forged) for version in VERSIONS}
    record.notes.append(f"of the forged logs, the official harness takes for resolved: {fooled}")


def _cases() -> Iterator[Case]:
    seen = set()
    for name in SUBSETS.values():
        for row in read_rows(data_folder() / name, "instance_id", "repo", "FAIL_TO_PASS", "PASS_TO_PASS"):
            if row["instance_id"] in seen:
                continue
            seen.add(row["instance_id"])
            lists = {key: _list(row[key]) for key in ("FAIL_TO_PASS", "PASS_TO_PASS")}
            which: str = find_spec(row["repo"], known_versions(row["repo"])[0]).log_parser
            kept = {key: row.get(key) for key in ("instance_id", "repo", "version")}
            yield from _logs_of(row["instance_id"], {**kept, **lists}, which)
    for which, runner in RUNNERS.items():
        for number in range(ROWS):
            new, old = made_names(which, number, SEED)
            row = {"instance_id": runner.instance_id, "repo": runner.repo, "version": None}
            yield from _logs_of(f"{which}.{number}", {**row, "FAIL_TO_PASS": new, "PASS_TO_PASS": old}, which)


def _logs_of(name: str, row: dict[str, Any], which: str) -> Iterator[Case]:
    for log in made_logs(which, row["FAIL_TO_PASS"], row["PASS_TO_PASS"], SEED):
        yield Case(f"{name}.{log.kind}", log.kind, log.text, row, which)


def _list(value: Any) -> list[str]:
    return list(json.loads(value) if isinstance(value, str) else value)


def _ask(version: str, cases: Sequence[Case]) -> dict[str, dict[str, Any]]:
    """Return case id -> the report's entry, or its error, of one version."""
    with tempfile.TemporaryDirectory(prefix="runoff-logs-") as folder:
        lines = []
        for number, case in enumerate(cases):
            path = Path(folder) / f"{number}.txt"
            path.write_bytes(case.text.encode())
            row = {**case.row, "log_parser": f"parse_log_{case.reader}", "eval_type": "pass_and_fail"}
            lines.append(json.dumps({"id": case.id, "log": str(path), "patch": _PATCH, "row": row}))
        done = subprocess.run(
            [harness_python(version), str(_SCRIPT)],
            input="\n".join(lines),
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
    answers = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    return {answer["id"]: next(iter(answer.get("report", {}).values()), answer) for answer in answers}


def harness_python(version: str) -> Path:
    """Return the Python of an environment that holds that version and what it needs, made the first time."""
    folder = user_cache_path("runoff") / "harness" / version
    python = folder / "bin" / "python"
    if not (folder / ".installed").is_file():
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", f"swebench=={version}"], check=True)
        (folder / ".installed").touch()
    return python


def _expect(
    record: Record, what: str, cases: Sequence[Case], ours: dict[str, dict[str, Any]], theirs: dict[str, dict[str, Any]]
) -> None:
    off = [f"{case.id}" for case in cases if not _same(ours[case.id], theirs[case.id])]
    record.check(f"{what} ({len(cases)} logs)", not off, off[:_SHOWN] or "no log is judged otherwise")


def _same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Compare what both versions report: the verdict, and which test is on which side."""
    if "error" in one or "error" in other:
        return "error" in one and "error" in other
    facts = all(one[key] == other[key] for key in _COMPARED)
    return facts and one.get("tests_status") == other.get("tests_status")


def _resolved(entry: dict[str, Any]) -> bool:
    return bool(entry.get("resolved"))


if __name__ == "__main__":
    main()
