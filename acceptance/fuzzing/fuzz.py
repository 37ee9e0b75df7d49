"""``make acceptance-fuzz``: every reader of what strangers wrote, for some minutes each; goes on where it was cut off.

python -m acceptance.fuzzing.fuzz [--minutes 60] [--reader junit]
"""

from __future__ import annotations

import argparse
import subprocess
from pathlib import Path

from platformdirs import user_cache_path

from acceptance.fuzzing.readers import READERS
from acceptance.fuzzing.worker import MEMORY, SECONDS, progress
from acceptance.record import Record, recording
from environments.host_python import host_python

ASKED_MINUTES = 60


def measure(minutes: float, names: list[str], kept: Path) -> None:
    """Try the readers one after the other, and record what came of all that were ever tried here."""
    with recording(Record("fuzz", 0, "inputs")) as record:
        for name in names:
            (kept / name).mkdir(parents=True, exist_ok=True)
            _run(name, minutes * 60, kept / name)
        found = {name: progress(kept / name) for name in READERS}
        record.n = sum(one["inputs"] for one in found.values())
        record.figures = {"minutes_asked": ASKED_MINUTES, "readers": found}
        record.notes.append(
            f"each input within {MEMORY >> 20} MiB (RLIMIT_AS) and {SECONDS:.0f} s of processor time, nice 19"
        )
        for name, one in found.items():
            told = (
                f"{one['inputs']} inputs, {one['seconds'] / 60:.1f} min, {one['processor_seconds']} s of processor time"
            )
            record.check(f"{name} refuses or reads every input", bool(one["inputs"]) and not one["broken"], told)


def _run(name: str, seconds: float, folder: Path) -> None:
    while progress(folder)["seconds"] < seconds:
        before = progress(folder)
        words = ("-m", "acceptance.fuzzing.worker", name, str(seconds), str(folder))
        child = host_python(*words, variables={"OPENBLAS_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "1"})
        done = subprocess.run(child.command, env=child.environment, cwd=child.folder, check=False)
        if done.returncode and progress(folder)["rounds"] == before["rounds"]:
            raise SystemExit(f"the worker of {name} ended with {done.returncode}: its last words are above")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=ASKED_MINUTES)
    parser.add_argument("--reader", choices=sorted(READERS), action="append")
    asked = parser.parse_args()
    measure(asked.minutes, asked.reader or list(READERS), user_cache_path("runoff") / "fuzz")
