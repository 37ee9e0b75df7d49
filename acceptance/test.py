"""Item 2: ``make test``: all green in under 15 minutes after set-up, and nothing skipped that could run here."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from defusedxml import ElementTree

from acceptance.commands import run
from acceptance.record import Record, recording
from swebench_runs.rows.datasets import SUBSETS, data_folder

LIMIT = 15 * 60.0

EXCUSES: Mapping[str, Callable[[], bool]] = {
    "docker": lambda: shutil.which("docker") is None,
    "run as an ordinary user already": lambda: os.geteuid() != 0,
    "no interpreter here that an ordinary user may run": lambda: not any(map(_anybody_runs, _interpreters())),
    "SWE-bench Lite's rows": lambda: not (data_folder() / SUBSETS["lite"]).exists(),
}
"""Words of a skip's reason -> whether this machine indeed lacks that. Any other reason is no excuse."""


@dataclass(frozen=True)
class Suite:
    """What pytest reports."""

    tests: int
    failures: tuple[str, ...]
    skips: Mapping[str, str]
    """Test -> reason."""


def main() -> None:
    """Run the suite and record its time, its failures and its skips."""
    with recording(Record("test", n=0, unit="tests")) as record, tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "junit.xml"
        options = f"{os.environ.get('PYTEST_ADDOPTS', '')} --junit-xml={report}"
        done = run(["make", "test"], timeout=2 * LIMIT, env={"PYTEST_ADDOPTS": options})
        record.figures |= {"seconds": round(done.seconds, 1), "last_line": done.last_line}
        record.check("make test ends well", done.exit_code == 0, f"exit code {done.exit_code}: {done.last_line}")
        record.check("in under 15 minutes", done.seconds < LIMIT, f"{done.seconds / 60:.1f} minutes")
        check(record, read(report))


def check(record: Record, suite: Suite) -> None:
    """Check that nothing failed, that no skip lacks an excuse, and that tasks were rebuilt."""
    record.n = suite.tests
    record.figures |= {"failures": list(suite.failures), "skips": dict(suite.skips)}
    idle = [test for test, reason in suite.skips.items() if not excused(reason)]
    record.check("tests ran", suite.tests > 0, f"{suite.tests} tests")
    record.check("no test failed", not suite.failures, ", ".join(suite.failures) or "none failed")
    record.check("no test skipped that could run here", not idle, ", ".join(idle) or f"{len(suite.skips)} skipped")


def read(report: Path) -> Suite:
    """Read a junit XML report."""
    failures, skips, tests = [], {}, 0
    for case in ElementTree.parse(report).iter("testcase"):
        tests += 1
        name = f"{case.get('classname')}::{case.get('name')}"
        if case.find("failure") is not None or case.find("error") is not None:
            failures.append(name)
        if (skip := case.find("skipped")) is not None:
            skips[name] = skip.get("message") or ""
    return Suite(tests, tuple(failures), skips)


def excused(reason: str) -> bool:
    """Tell whether this machine lacks what a skip says it needs."""
    return any(lacks() for words, lacks in EXCUSES.items() if words.lower() in reason.lower())


def _interpreters() -> tuple[str, ...]:
    return sys.executable, f"/usr/bin/python3.{sys.version_info.minor}"


def _anybody_runs(python: str) -> bool:
    """Tell whether a user other than the present one could start an interpreter."""
    command = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", python, "-c", ""]
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False


if __name__ == "__main__":
    main()
