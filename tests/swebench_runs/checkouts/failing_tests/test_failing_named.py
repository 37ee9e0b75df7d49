"""What users call a test, and what is shown of it."""

from pathlib import Path

import pytest

from swebench_runs.checkouts.failing_tests.naming import named_test
from swebench_runs.checkouts.failing_tests.shown_source import shown_source
from swebench_runs.errors import UsageError

FILES = ["pkg/tests/test_a.py", "pkg/mod.py", "tests/test_b.py", "tests/deep/test_a.py"]
ROOT = Path("/somewhere/project")


@pytest.mark.parametrize(
    "said, below, name",
    [
        ("tests/test_b.py::test_y", "", "tests/test_b.py::test_y"),
        ("./tests/test_b.py::test_y[a b-c::d]", "", "tests/test_b.py::test_y[a b-c::d]"),
        ("tests/test_a.py::test_y", "pkg", "pkg/tests/test_a.py::test_y"),
        ("../tests/test_b.py", "pkg", "tests/test_b.py"),
        ("/somewhere/project/tests/test_b.py::T::t", "", "tests/test_b.py::T::t"),
        ("tests.test_b.Case.test_y", "", "tests/test_b.py::Case::test_y"),
        ("pkg.tests.test_a", "", "pkg/tests/test_a.py"),
        ("tests/test_b.py", "", "tests/test_b.py"),
    ],
)
def test_each_way_to_say_it(said, below, name):
    assert named_test(said, ROOT, FILES, below) == name


@pytest.mark.parametrize(
    "said, hint",
    [
        ("test_b.py::test_y", "did you mean 'tests/test_b.py'?"),
        ("tests/test_c.py", "did you mean 'tests/test_b.py'?"),
        ("/etc/passwd", "no file"),
        ("../../etc/passwd", "no file"),
        ("a\nb", "write it as pytest does"),
        ("--collect-only", "no file"),
    ],
)
def test_what_names_no_file_of_the_tree_is_refused_with_the_nearest(said, hint):
    with pytest.raises(UsageError, match=r"^--failing-test") as refused:
        named_test(said, ROOT, FILES)
    assert hint in str(refused.value)
    assert "\n" not in str(refused.value)


SOURCE = '''"""Tests."""
import os
from pkg import f

LIMIT = 3
OTHER = 4


def helper(x):
    return f(x) + LIMIT


def unused():
    pass


class TestF(Base):
    kind = 1

    def setUp(self):
        self.x = 1

    @mark("a")
    def test_one(self):
        assert helper(self.x)

    def test_two(self):
        pass
'''


def test_a_method_is_shown_with_what_it_uses_and_nothing_else():
    shown = shown_source(SOURCE.encode(), ["TestF::test_one[1]"])
    for line in ("from pkg import f", "LIMIT = 3", "def helper(x):", "class TestF(Base):", "    def setUp(self):"):
        assert f"{line}\n" in shown
    assert '    @mark("a")\n    def test_one(self):\n' in shown
    for word in ("OTHER", "unused", "test_two"):
        assert word not in shown


def test_what_cannot_be_parsed_or_found_is_shown_whole_and_never_endless():
    assert shown_source(b"def broken(:\n", ["x"]) == "def broken(:\n"
    assert shown_source(SOURCE.encode(), ["nothing"]) == SOURCE
    assert len(shown_source(b"x = 1\n" * 100_000, [])) < 6_200
