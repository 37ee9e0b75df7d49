"""``make acceptance-grader_real``: logs of real runs, judged by us and by swebench 4.1.0 and 5.0.2.

Logs are found as FOLDER/<instance id>/<name>.log, or as the official harness names them: of gold and of no patch
(``runoff validate``), of real systems' patches (``graded_patches``) and of tampering ones (``tampering``).
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

from acceptance.grading.grader import Case, compare
from acceptance.record import Record, recording
from acceptance.rows.real_rows import real_rows
from environments.specs import find_spec, known_versions
from swebench_runs.official import marks

_FEWEST = 200
_FOLDERS = ("runs/validate/logs", "runs/graded-patches/graded/grading/logs", "runs/tampering")


def main() -> None:
    """Compare all that is there."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("folders", type=Path, nargs="*", default=[Path(folder) for folder in _FOLDERS])
    cases = list(_cases(options.parse_args().folders))
    with recording(Record("grader_real", n=len(cases), unit="logs")) as record:
        marked = [case for case in cases if any(case.text.count(mark) > 1 for mark in (marks.START, marks.END))]
        compare(record, cases, marked)
        record.check("there are enough", len(cases) >= _FEWEST, f"{len(cases)}, {_FEWEST} wanted")


def _cases(folders: Sequence[Path]) -> Iterator[Case]:
    rows = real_rows()
    for folder in folders:
        for path in sorted([*folder.glob("*/*.log"), *folder.glob("*/*/test_output.txt")]):
            row = rows[path.relative_to(folder).parts[0]]
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
            name = path.stem if path.suffix == ".log" else path.parent.name
            yield Case(f"{row.instance_id}.{folder}.{name}", kind, text, kept, which)


if __name__ == "__main__":
    main()
