import subprocess
import sys
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from environments.workbench.outcome import Outcome
from environments.workbench.suites import junit
from environments.workbench.suites.junit import MAX_FAILURE, MAX_REPORT, ReportError, parse_failures, parse_junit

MODULE = """
import unittest, pytest

class Base:
    def test_inherited(self):
        assert True

class TestIt(Base):
    class TestInner:
        def test_deep(self):
            assert False, "<&>]]> and \\x00"

@pytest.mark.parametrize("x", ["a/b.py::c", "[", "."])
def test_params(x):
    assert x != "["

@pytest.mark.skip
def test_skipped(): pass

@pytest.mark.xfail
def test_expected_failure(): assert False

@pytest.fixture
def broken_teardown():
    yield
    raise RuntimeError

def test_teardown(broken_teardown): pass
"""


def pytest_report(folder, *arguments):
    report = folder / "out" / "report.xml"
    command = [
        sys.executable,
        "-m",
        "pytest",
        "--continue-on-collection-errors",
        "-p",
        "no:cacheprovider",
        f"--rootdir={folder}",
        "-c",
        "/dev/null",
    ]
    subprocess.run([*command, f"--junitxml={report}", *arguments], cwd=folder, capture_output=True, check=False)
    return report.read_bytes()


def test_pytest_s_own_report_is_read_by_node_id(tmp_path):
    (tmp_path / "pkg.tests").mkdir()
    (tmp_path / "pkg.tests" / "test_it.py").write_text(MODULE)
    (tmp_path / "test_broken.py").write_text("import nowhere_to_be_found\n")

    outcomes = parse_junit(pytest_report(tmp_path), ["pkg.tests/test_it.py", "test_broken.py"])

    assert outcomes == {
        "pkg.tests/test_it.py::TestIt::test_inherited": Outcome.PASS,
        "pkg.tests/test_it.py::TestIt::TestInner::test_deep": Outcome.FAIL,
        "pkg.tests/test_it.py::test_params[a/b.py::c]": Outcome.PASS,
        "pkg.tests/test_it.py::test_params[[]": Outcome.FAIL,
        "pkg.tests/test_it.py::test_params[.]": Outcome.PASS,
        "pkg.tests/test_it.py::test_skipped": Outcome.MISSING,
        "pkg.tests/test_it.py::test_expected_failure": Outcome.PASS,
        "pkg.tests/test_it.py::test_teardown": Outcome.ERROR,
        "test_broken.py": Outcome.ERROR,
    }


def cases(*lines):
    return f"<testsuites><testsuite>{''.join(lines)}</testsuite></testsuites>".encode()


def test_a_test_reported_twice_has_its_worst_outcome():
    passed = '<testcase classname="t" name="a"/>'
    failed = '<testcase classname="t" name="a"><failure message="no"/></testcase>'
    assert parse_junit(cases(passed, failed), ["t.py"]) == {"t.py::a": Outcome.FAIL}
    assert parse_junit(cases(failed, passed), ["t.py"]) == {"t.py::a": Outcome.FAIL}


def test_a_module_that_the_tree_does_not_have_keeps_its_dotted_name():
    assert parse_junit(cases('<testcase classname="x.y" name="a"/>'), []) == {"x.y::a": Outcome.PASS}


BOMB = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><testsuites>&b;</testsuites>'
EXTERNAL = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]><testsuites>&a;</testsuites>'

ENCODINGS = [f'<?xml version="1.0" encoding="{name}"?><a/>'.encode() for name in ("no", "utf-7")]


@pytest.mark.parametrize("report", [b"", b"<testsuites>", BOMB, EXTERNAL, *ENCODINGS])
def test_a_hostile_or_broken_report_is_refused_with_a_reason(report):
    with pytest.raises(ReportError, match="test report"):
        parse_junit(report, [])


@given(st.binary(max_size=200))
def test_no_report_crashes_the_parser(junk):
    for report in (junk, b"<testsuites>" + junk + b"</testsuites>"):
        assert isinstance(read_or_reason(report), dict | str)


def read_or_reason(report):
    try:
        return parse_junit(report, [])
    except ReportError as error:
        return str(error)


def test_a_report_of_too_many_tests_is_refused(monkeypatch):
    monkeypatch.setattr("environments.workbench.suites.junit.MAX_CASES", 3)
    with pytest.raises(ReportError, match="more than 3"):
        parse_junit(cases(*(f'<testcase classname="t" name="{i}"/>' for i in range(4))), [])


OWN = "tests/test_a.py"


def test_what_failures_printed_is_kept_by_head_and_tail_and_blames_the_last_place():
    text = f"a.py:1: x\n{'y' * 2_000_000}\n{OWN}:3: NameError"
    report = cases(f'<testcase classname="t" name="a"><failure message="NameError: z">{text}</failure></testcase>')
    assert parse_junit(report, [], own=OWN) == {"t::a": Outcome.ERROR}
    (said,) = parse_failures(report, []).values()
    assert said.startswith("a.py:1: x")
    assert said.endswith(f"{OWN}:3: NameError")
    assert len(said) < 2 * MAX_FAILURE


@pytest.mark.parametrize(
    "report, why",
    [
        (b"<a>" * 100_000, "nests more"),
        (cases('<testcase classname="' + "a." * 5000 + '" name="b"/>'), "class name of over"),
        (cases(f'<testcase classname="a" name="{"n" * 70_000}"/>'), "name of over"),
        (b" " * (MAX_REPORT + 1), "over 64 MiB"),
        (b"<t>" + b"<a/>" * 60 + b"</t>", "more than 50 elements"),
    ],
)
def test_a_report_without_measure_is_refused(report, why, monkeypatch):
    monkeypatch.setattr(junit, "_MAX_ELEMENTS", 50 if len(report) < 1000 else 2_000_000)
    with pytest.raises(ReportError, match=why):
        parse_junit(report, [])


def test_a_report_takes_no_memory_for_what_is_no_test():
    """Class 4: a megabyte of elements that are no tests; a tree of them would take some 40."""
    report = b"<t>" + b"<a/>" * 300_000 + b"</t>"
    tracemalloc.start()
    try:
        assert parse_junit(report, []) == {}
        assert tracemalloc.get_traced_memory()[1] < 8 << 20
    finally:
        tracemalloc.stop()
