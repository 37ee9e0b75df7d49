"""What an acceptance item measured: its figures and checks, written to docs/measurements and told on the terminal."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from swebench_runs.run_folder.computer import computer, versions
from swebench_runs.run_folder.files import write_whole

ROOT = Path(__file__).resolve().parents[1]
"""The checkout."""
MEASUREMENTS = ROOT / "docs" / "measurements"


@dataclass(frozen=True)
class Check:
    """One thing that must hold."""

    what: str
    holds: bool
    found: str
    """What was found, in one line."""


@dataclass
class Record:
    """One item's measurement while it is being made."""

    item: str
    n: int
    """Of what the figures count: tasks, tests, rounds, kills."""
    unit: str
    seed: int | None = None
    figures: dict[str, Any] = field(default_factory=dict)
    """Further keys of the file."""
    checks: list[Check] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    """What a reader must know to judge the figures."""
    started: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))
    load: tuple[float, float, float] = field(default_factory=os.getloadavg)
    """The machine's load averages at the start: figures in seconds depend on what else runs."""
    _clock: float = field(default_factory=time.monotonic)

    def check(self, what: str, holds: bool, found: object) -> None:
        """Note a check; a failed one is a shortfall and fails the item in the end."""
        self.checks.append(Check(what, holds, " ".join(str(found).split())))

    @property
    def shortfalls(self) -> list[str]:
        """What does not hold."""
        return [f"{check.what}: {check.found}" for check in self.checks if not check.holds]

    @property
    def passed(self) -> bool:
        """Something was checked, and everything holds."""
        return bool(self.checks) and not self.shortfalls

    def values(self) -> dict[str, Any]:
        """Return the record as JSON values."""
        return {
            "schema": 1,
            "item": self.item,
            "passed": self.passed,
            "n": self.n,
            "unit": self.unit,
            "seed": self.seed,
            "shortfalls": self.shortfalls,
            **self.figures,
            "checks": [asdict(check) for check in self.checks],
            "notes": self.notes,
            "started": self.started,
            "seconds": round(time.monotonic() - self._clock, 1),
            "load_average": list(self.load),
            "machine": computer(),
            "versions": versions(),
        }


@contextmanager
def recording(record: Record, folder: Path = MEASUREMENTS) -> Iterator[Record]:
    """Write the record when the block ends, however it ends; exits the process with 1 when a check fails."""
    ended = False
    try:
        yield record
        ended = True
    finally:
        if not ended:
            record.check("the measurement came to its end", False, "it was cut off by the error above")
        write_whole(folder / f"{record.item}.json", json.dumps(record.values(), indent=1) + "\n")
    tell(record)
    if not record.passed:
        raise SystemExit(1)


def tell(record: Record) -> None:
    """Print the checks."""
    for check in record.checks:
        print(f"{'ok  ' if check.holds else 'FAIL'} {check.what}: {check.found}", flush=True)
    print(f"acceptance {record.item}: {'passed' if record.passed else 'NOT PASSED'}", flush=True)
