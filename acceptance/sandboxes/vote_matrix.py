"""Item 6: a cell of the vote matrix takes at most 15 ms beyond its test by forks; a fresh container for each beside."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from acceptance.commands import run, runoff
from acceptance.record import Record, recording

TARGET_MS = 15.0
FORKS = "bubblewrap_forks"


def main() -> None:
    """Run the bench and judge the file that it writes."""
    with (
        recording(Record("vote_matrix", n=0, unit="cells", seed=0)) as record,
        tempfile.TemporaryDirectory() as folder,
    ):
        file = Path(folder) / "matrix.json"
        done = run(runoff("bench", "matrix", "--seed", "0", "--json", str(file)), timeout=900)
        record.check("the bench ends well", done.exit_code == 0, f"exit code {done.exit_code}: {done.last_line}")
        measured = json.loads(file.read_bytes())
        record.n = measured["n"]
        record.figures |= {name: measured[name] for name in ("image", "ways", "python_start", "target_ms")}
        record.notes += [
            "A test's own time is measured by the test: what its process computed before its first line, and the time "
            "from there to its last. beyond_lines counts the start of Python as overhead.",
            "The next cells' sandboxes are set up while a test runs (scripts/standby.py), on a core that waits: "
            "whole and two_workers spread the vote's whole wall-clock time, less the tests' own, over its cells.",
            "docker_forks and fresh_container are for comparison and have no target.",
        ]
        for seconds, cells in measured["ways"][FORKS].items():
            record.check(
                f"a test of {seconds} s costs at most {TARGET_MS:.0f} ms more by forks, at p50",
                cells["p50_ms"] <= TARGET_MS,
                f"{cells['p50_ms']:.1f} ms (n = {cells['n']}); with the start of Python "
                f"{cells['beyond_lines']['p50_ms']:.1f} ms; the whole vote's time spread, "
                f"{cells['whole']['mean_ms']:.1f} ms",
            )


if __name__ == "__main__":
    main()
