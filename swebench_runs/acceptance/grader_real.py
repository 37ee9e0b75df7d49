"""``make acceptance-grader_real``: logs of real runs, judged by us and by swebench 4.1.0 and 5.0.2.

Logs are found as FOLDER/<instance id>/<name>.log: of gold and of no patch (``runoff validate``), of real systems'
patches (``graded_patches``) and of tampering ones (``tampering``).
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from environments.specs import find_spec, known_versions
from swebench_runs.acceptance.grader import VERSIONS, Case, ask, expect, same
from swebench_runs.acceptance.record import Record, recording
from swebench_runs.official import marks
from swebench_runs.rows import load_rows

_FEWEST = 200
_FOLDERS = ("runs/validate/logs", "runs/graded-patches/logs", "runs/tampering")


def main() -> None:
    """Compare all that is there."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("folders", type=Path, nargs="*", default=[Path(folder) for folder in _FOLDERS])
    cases = list(_cases(options.parse_args().folders))
    with recording(Record("grader_real", n=len(cases), unit="logs")) as record:
        ours = {case.id: case.ours() for case in cases}
        theirs = {version: ask(version, cases) for version in VERSIONS}
        classic, current = theirs["4.1.0"], theirs["5.0.2"]
        forged = [case for case in cases if any(case.text.count(mark) > 1 for mark in (marks.START, marks.END))]
        plain = [case for case in cases if case not in forged]
        agreed = [case for case in plain if same(classic[case.id], current[case.id])]
        record.figures = {
            "rows": len({case.row["instance_id"] for case in cases}),
            "kinds": dict(Counter(case.kind for case in cases)),
            "readers": dict(Counter(case.reader for case in cases)),
            "versions_agree": len(agreed),
            "versions_differ": len(plain) - len(agreed),
            "resolved_by_ours": sum(entry["resolved"] for entry in ours.values()),
        }
        expect(record, "where both versions agree, so do we", agreed, ours, current)
        expect(record, "where they differ, we are with 5.0.2", plain, ours, current)
        taken = [case.id for case in forged if ours[case.id]["resolved"]]
        record.check(f"none of {len(forged)} logs with made-up marks is resolved", not taken, taken or "none")
        record.check("there are enough", len(cases) >= _FEWEST, f"{len(cases)}, {_FEWEST} wanted")


def _cases(folders: Sequence[Path]) -> Iterator[Case]:
    rows = {row.instance_id: row for name in ("verified", "lite") for row in load_rows(name).rows}
    for folder in folders:
        for path in sorted(folder.glob("*/*.log")):
            row = rows[path.parent.name]
            text = path.read_text(encoding="utf-8", errors="replace")
            if not text:
                continue  # nothing was run, so nothing is to be judged
            kept = {
                "instance_id": row.instance_id,
                "repo": row.repo,
                "version": row.version,
                "FAIL_TO_PASS": list(row.fail_to_pass),
                "PASS_TO_PASS": list(row.pass_to_pass),
            }
            which = find_spec(row.repo, row.version or known_versions(row.repo)[0]).log_parser
            kind = path.stem if path.stem in ("gold", "empty") else folder.as_posix()
            yield Case(f"{row.instance_id}.{folder}.{path.stem}", kind, text, kept, which)


if __name__ == "__main__":
    main()
