"""How the test suite's own result is read and judged."""

import subprocess
import sys

import pytest

from acceptance.record import Record
from acceptance.test import Suite, check, excused, read

CASES = """
import pytest

def test_right():
    assert True

def test_wrong():
    assert False

@pytest.fixture
def broken():
    raise RuntimeError

def test_error(broken):
    assert True

@pytest.mark.skip(reason="no time")
def test_idle():
    assert True
"""


def test_pytests_own_report_is_read(tmp_path):
    (tmp_path / "test_cases.py").write_text(CASES)
    report = tmp_path / "junit.xml"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junit-xml={report}", str(tmp_path)]
    subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
    suite = read(report)
    assert suite.tests == 4
    assert [name.rpartition("::")[2] for name in suite.failures] == ["test_wrong", "test_error"]
    assert list(suite.skips.values()) == ["no time"]


def test_failures_idle_skips_and_an_empty_suite_are_shortfalls():
    record = Record("test", n=0, unit="tests")
    check(record, Suite(0, ("a::b",), {"c::d": "no time"}))
    assert [check.holds for check in record.checks] == [False, False, False]
    assert record.figures["skips"] == {"c::d": "no time"}


def test_a_green_suite_passes():
    record = Record("test", n=0, unit="tests")
    check(record, Suite(5, (), {}))
    assert (record.passed, record.n) == (True, 5)


@pytest.mark.parametrize("reason, tool", [("needs Docker", "docker"), ("docker does not answer", "docker")])
def test_a_missing_tool_excuses_and_a_present_one_does_not(reason, tool, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert excused(reason)
    (tmp_path / tool).write_text("#!/bin/sh\n")
    (tmp_path / tool).chmod(0o755)
    assert not excused(reason)


def test_data_that_is_here_excuses_no_skip(tmp_path, monkeypatch):
    monkeypatch.setenv("RUNOFF_DATA", str(tmp_path))
    assert excused("SWE-bench Lite's rows are not here")
    (tmp_path / "swebench_lite.jsonl.gz").write_bytes(b"")
    assert not excused("SWE-bench Lite's rows are not here")
    assert not excused("no time")
