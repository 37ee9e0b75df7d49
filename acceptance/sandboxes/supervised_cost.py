"""``make acceptance-supervised``: what it costs that a process watches over a suite's run, in processor time.

The same suites are run by ``python -m pytest`` with a report of its own, and under the supervisor, in turns, on this
host: the sandbox around them is the same for both. Bound: 1.3 times the processor time.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from acceptance.record import Record, recording
from environments.sandboxes.contract import Result
from environments.workbench.suites.junit import read_report
from environments.workbench.suites.supervised import PROGRAM, asked, read_record

PAIRS, BOUND = 7, 1.3
SUITES = {"3 tests": (1, 3), "500 tests in 10 files": (10, 50), "300 tests of 2 ms": (3, 100)}
_WORK = "    end = time.process_time() + 0.002\n    while time.process_time() < end:\n        pass\n"
_SECRET = "0" * 64


def main() -> None:
    """Measure each suite in pairs, in turns."""
    record = Record("supervised", n=PAIRS, unit="pairs of runs of each suite")
    with recording(record):
        for name, (files, tests) in SUITES.items():
            with tempfile.TemporaryDirectory() as folder:
                _lay(Path(folder), files, tests, works="ms" in name)
                plain, watched = _pairs(Path(folder), files * tests)
            ratios = sorted(after / before for before, after in zip(plain, watched, strict=True))
            middle = statistics.median(ratios)
            record.figures[name] = {
                "seconds_plain": round(statistics.median(plain), 3),
                "seconds_supervised": round(statistics.median(watched), 3),
                "ratio": round(middle, 3),
                "ratio_lowest_highest": [round(ratios[0], 3), round(ratios[-1], 3)],
            }
            print(name, record.figures[name], flush=True)
            record.check(f"{name}: at most {BOUND} times the processor time", middle <= BOUND, round(middle, 3))
        record.notes.append(
            "processor time of all processes of a run, user and system; plain: a junit report is written"
        )


def _lay(folder: Path, files: int, tests: int, *, works: bool) -> None:
    for number in range(files):
        body = _WORK if works else f"    assert {number} + 1 == {number + 1}\n"
        text = "import time\n\n" + "\n".join(f"def test_{one}():\n{body}" for one in range(tests))
        (folder / f"test_{number}.py").write_text(text)


def _pairs(folder: Path, tests: int) -> tuple[list[float], list[float]]:
    words = ["-q", "--tb=short", "-p", "no:cacheprovider", f"--rootdir={folder}", "-o", "junit_logging=no"]
    report, kept = folder / "report.xml", folder / "record"
    plain, watched = [], []
    for _ in range(PAIRS):
        plain.append(_seconds(["-m", "pytest", *words, f"--junitxml={report}"], b"", folder))
        assert len(read_report(report.read_bytes(), []).outcomes) == tests
        watched.append(_seconds(["-c", PROGRAM], asked(_SECRET, str(kept), words), folder))
        ended = Result(exit_code=0, output=b"", timed_out=False, seconds=0.0)
        told = read_record(kept.read_bytes(), _SECRET, ended)
        assert told.ended, told.problem
        assert len(read_report(told.report, []).outcomes) == tests
    return plain, watched


def _seconds(command: list[str], asked_for: bytes, folder: Path) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    own = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    subprocess.run([sys.executable, *command], input=asked_for, cwd=folder, env=own, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    main()
