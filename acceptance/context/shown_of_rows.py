"""Rows of SWE-bench whose right patch fits a release's sources: what their contexts show of the code that changes.

No clone of a repository is needed: an sdist of the last release before the fix is the base, but for what other issues
changed meanwhile. Only rows whose patch applies to it as it is are measured. The cache of files is new: an sdist's
first row is a cold one.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from acceptance.record import MEASUREMENTS
from acceptance.rows.real_rows import real_rows
from agent.context.index import IndexCache
from agent.patch import PatchError, apply_patch
from environments.synthesis.sdists import fetch, unpack
from swebench_runs.bench.context import measure_context
from swebench_runs.bench.context.sources import Known, contents
from swebench_runs.rows import Row
from swebench_runs.run_folder.computer import computer, versions

SDISTS = (
    ("pytest-dev/pytest", "pytest", "5.4.1", "84dde37075b8805f3d1f392cc47e38a0e59518fb46a431cfdaf7cf1ce805f970"),
    ("pytest-dev/pytest", "pytest", "7.0.0", "dad48ffda394e5ad9aa3b7d7ddf339ed502e5e365b1350e0af65f4a602344b11"),
    ("psf/requests", "requests", "2.3.0", "1c1473875d846fe563d70868acf05b1953a4472f4695b7b3566d1d978957b8fc"),
    ("psf/requests", "requests", "2.4.0", "7007e03cbc73e357b5055c6ea0ad6e447e2afa00f1a1f843cd792a1ebaa3763e"),
    ("sphinx-doc/sphinx", "Sphinx", "3.3.0", "1c21e7c5481a31b531e6cbf59c3292852ccde175b504b00ce2ff0b8f4adc3649"),
    ("django/django", "Django", "3.0", "d98c9b6e5eed147bc51f47c014ff6826bd1ab50b166956776ee13db5a58804ae"),
    ("django/django", "Django", "3.2", "21f0f9643722675976004eb683c55d33c05486f94506672df3d6a141546f389d"),
    ("django/django", "Django", "4.1", "032f8a6fc7cf05ccd1214e4a2e21dfcd6a23b9d575c6573cacc8c67828dbe642"),
    ("pallets/flask", "flask", "2.2.5", "edee9b0a7ff26621bd5a8c10ff484ae28737a2410d99b0bb9a6850c7fb977aa0"),
)
MOST = 4
"""Rows of one sdist that are measured, the first by their ids."""


def _known() -> Iterator[Known]:
    rows, taken = sorted(real_rows().values(), key=lambda row: row.instance_id), set()
    for repo, name, version, sha256 in SDISTS:
        with tempfile.TemporaryDirectory(prefix="runoff-context-") as folder:
            tree = Path(folder) / "tree"
            unpack(fetch(name, version, sha256), tree)
            files = contents(tree)
        fitting = [row for row in rows if row.repo == repo and row.instance_id not in taken and _fits(row, files)]
        for row in fitting[:MOST]:
            taken.add(row.instance_id)
            yield Known(row.instance_id, repo, row.problem_statement, partial(dict, files), row.patch)


def _fits(row: Row, files: dict[str, bytes]) -> bool:
    try:
        apply_patch(row.patch, lambda path: files[path])
    except (PatchError, KeyError):
        return False
    return True


def main() -> None:
    """Measure, and write docs/measurements/context_rows.json."""
    with tempfile.TemporaryDirectory(prefix="runoff-context-") as folder:
        cache = IndexCache(Path(folder))
        figures = measure_context(_known(), cache=cache, progress=lambda line: print(line, flush=True))
    figures |= {
        "sdists": [f"{name} {version}" for _, name, version, _ in SDISTS],
        "note": f"rows of Lite and Verified whose right patch applies to the sdist as it is; {MOST} of each at most",
        "versions": versions(),
        "machine": computer(),
    }
    (MEASUREMENTS / "context_rows.json").write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
