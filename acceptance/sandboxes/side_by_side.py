"""Item 5: every kind of sandbox side by side, at 1, 8 and 32; forks of an unpacked image stay under 15 ms alone."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from acceptance.commands import run, runoff
from acceptance.record import Record, recording

TARGET_MS = 20.0
FORK_TARGET_MS = 15.0
SANDBOXES = 10
FIGURES = ("image", "kinds_at", "left_out", "bubblewrap", "subprocess", "command")


def main() -> None:
    """Run the bench and judge the file that it writes."""
    with (
        recording(
            Record("sandbox", n=SANDBOXES, unit="sandboxes of each kind at each count, at least", seed=0)
        ) as record,
        tempfile.TemporaryDirectory() as folder,
    ):
        file = Path(folder) / "sandbox.json"
        done = run(runoff("bench", "sandbox", "-n", str(SANDBOXES), "--seed", "0", "--json", str(file)), timeout=900)
        record.check("the bench ends well", done.exit_code == 0, f"exit code {done.exit_code}: {done.last_line}")
        measured = json.loads(file.read_bytes())
        record.figures |= {name: measured[name] for name in FIGURES}
        record.notes += [
            "mini-swe-agent's environment is made with its defaults: its container has a network, ours have none; it "
            "has no forks; its removal returns at once and is timed until the container has ended.",
            "create makes the sandbox; a Docker sandbox's fork starts its container at the first command.",
        ]
        record.check("every kind was measured", not measured["left_out"], measured["left_out"] or "all four")
        median = measured["bubblewrap"]["fork_run_close"]["p50_ms"]
        record.check(
            f"fork, run and close: the median is under {TARGET_MS:.0f} ms", median < TARGET_MS, f"{median:.1f} ms"
        )
        forks = measured["kinds_at"]["1"].get("bubblewrap_unpacked", {}).get("fork_and_command")
        record.check(
            f"a fork of an unpacked image and its first command: the median is under {FORK_TARGET_MS:.0f} ms alone",
            forks is not None and forks["p50_ms"] < FORK_TARGET_MS,
            f"{forks['p50_ms']:.1f} ms (n = {forks['n']})" if forks else "not measured",
        )


if __name__ == "__main__":
    main()
