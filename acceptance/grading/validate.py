"""``make acceptance-validate REPOS=DIR ROWS=FILE``: gold is resolved and no patch is not, over many real instances.

The rows are whoever's runs it; ``$RUNOFF_DATA/../reference/validated.json`` names instances that must be valid.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from pathlib import Path
from statistics import median

from acceptance.record import ROOT, Record, recording
from swebench_runs.after_run.validation import Validation, stored
from swebench_runs.after_run.validation.table import markdown
from swebench_runs.rows.datasets import data_folder
from swebench_runs.run_folder.files import write_whole

_FEWEST, _REPOSITORIES = 150, 9
_LARGEST = 65.0
"""Megabytes that a task's image adds to its environment layer at the median."""
_TABLE = ROOT / "docs" / "validated.md"
_NOTHING_TOLD = "its FAIL_TO_PASS tests pass on CPython 3.9 without the patch too"
_CAUSES = {
    "psf__requests-1724": _NOTHING_TOLD,
    "psf__requests-2674": _NOTHING_TOLD,
    "psf__requests-863": f"{_NOTHING_TOLD}; the local httpbin closes a connection that its keep-alive test wants kept",
    "psf__requests-2148": "the bundled urllib3 does not take the local httpbin's self-signed certificate in one test",
}
"""Instance id -> what was found out about why it is not valid."""
_HEAD = """# Validated instances

Written by `make acceptance-validate` from the records of `runoff validate --gold`, in Docker without a network: with
the gold patch every FAIL_TO_PASS and PASS_TO_PASS test passes, without any patch not. *strict*: no FAIL_TO_PASS test
passes without a patch. Seconds and megabytes are medians (most); builds ran two at a time beside the tests.

"""


def main() -> None:
    """Judge the records of a validation."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("records", type=Path, nargs="?", default=Path("runs/validate/validation.jsonl"))
    latest = {one.instance_id: one for one in stored(options.parse_args().records)}
    found = [latest[name] for name in sorted(latest)]
    with recording(Record("validate", n=len(found), unit="instances")) as record:
        _judge(record, found)
        write_whole(_TABLE, _HEAD + markdown(found) + _causes(found))


def _causes(found: list[Validation]) -> str:
    failed = [one.instance_id for one in found if not one.valid]
    told = [f"- {name}: {_CAUSES[name]}." for name in failed if name in _CAUSES]
    return "\n".join(["", "## Causes", "", *told, ""]) if told else ""


def _judge(record: Record, found: list[Validation]) -> None:
    valid = {one.instance_id for one in found if one.valid}
    repositories = Counter(one.repo for one in found)
    must = _known()
    added = [one.image_bytes / 1e6 for one in found if one.image_bytes is not None]
    record.figures = {
        "valid": len(valid),
        "strict": sum(one.strict for one in found if one.valid),
        "repositories": {
            repo: [sum(one.valid for one in found if one.repo == repo), n] for repo, n in repositories.items()
        },
        "environment_layers": len({one.layer for one in found if one.layer}),
        "added_mb_median": round(median(added), 1) if added else None,
        "gold_seconds_median": median(one.gold.seconds for one in found if one.gold),
        "canary": dict(Counter(one.gold.canary for one in found if one.gold)),
        "not_valid": {one.instance_id: one.why for one in found if not one.valid},
    }
    record.check("enough instances", len(found) >= _FEWEST, f"{len(found)}, {_FEWEST} wanted")
    record.check("enough repositories", len(repositories) >= _REPOSITORIES, f"{len(repositories)} of {_REPOSITORIES}")
    missing = sorted(must - valid)
    record.check(f"all {len(must)} that validated before do", bool(must) and not missing, missing or "all")
    size = record.figures["added_mb_median"]
    record.check(
        "what an image adds at the median", size is not None and size < _LARGEST, f"{size} MB, under {_LARGEST}"
    )


def _known() -> set[str]:
    path = data_folder().parent / "reference" / "validated.json"
    return set(json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else set()


if __name__ == "__main__":
    main()
