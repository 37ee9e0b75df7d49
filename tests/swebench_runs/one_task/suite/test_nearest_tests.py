"""Which test files are near the code in play: those of failing tests, by name, by what they execute and import."""

from swebench_runs.one_task.suite.nearest_tests import importing, nearest_tests, suite_files

FILES = {
    "pkg/price.py": b"",
    "pkg/late.py": b"import pkg.price\n",
    "tests/test_price.py": b"import os\n",
    "tests/test_far.py": b"import pkg.late\n",
    "tests/test_near.py": b"import pkg.price\n",
    "tests/test_none.py": b"import os\n",
    "tests/test_why.py": b"import os\n",
}
REACHED = {"tests/test_far.py": ("pkg/price.py::f", "pkg/price.py::g"), "tests/test_near.py": ("pkg/other.py::h",)}


def test_neighbours_of_the_failing_test_come_first_then_names_then_imports():
    found = nearest_tests(["tests/test_why.py", "gone.py"], ["pkg/price.py"], FILES, ["."], "")
    assert found == ("tests/test_why.py", "tests/test_price.py", "tests/test_near.py", "tests/test_far.py")


def test_what_was_seen_to_execute_the_code_comes_before_what_imports_it_and_what_does_not_comes_last():
    assert importing(["pkg/price.py"], FILES, ["."]) == ("tests/test_near.py", "tests/test_far.py")
    assert importing(["pkg/price.py"], FILES, ["."], REACHED) == ("tests/test_far.py", "tests/test_near.py")


def test_oddly_named_tests_count_where_there_are_no_others():
    assert suite_files(["tests.py", "pkg/a.py"]) == ["tests.py"]
    assert suite_files(["tests.py", "test_a.py"]) == ["test_a.py"]
    assert suite_files(["x/test_a.py", "y/test_b.py"], ["x"]) == ["x/test_a.py"]
