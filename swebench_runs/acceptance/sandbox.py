"""Item 5: fork + run + close of a sandbox, beside a plain subprocess; the median stays under 20 ms."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from swebench_runs.acceptance.commands import run, runoff
from swebench_runs.acceptance.record import Record, recording

TARGET_MS = 20.0
ROUNDS = 200


def main() -> None:
    """Run the bench and judge the file that it writes."""
    with (
        recording(Record("sandbox", n=ROUNDS, unit="rounds", seed=0)) as record,
        tempfile.TemporaryDirectory() as folder,
    ):
        file = Path(folder) / "sandbox.json"
        done = run(runoff("bench", "sandbox", "-n", str(ROUNDS), "--seed", "0", "--json", str(file)), timeout=300)
        record.check("the bench ends well", done.exit_code == 0, f"exit code {done.exit_code}: {done.last_line}")
        measured = json.loads(file.read_bytes())
        record.n = measured["n"]
        record.figures |= {name: measured[name] for name in ("bubblewrap", "subprocess", "command")}
        median = measured["bubblewrap"]["fork_run_close"]["p50_ms"]
        record.check(f"the median is under {TARGET_MS:.0f} ms", median < TARGET_MS, f"{median:.1f} ms")


if __name__ == "__main__":
    main()
