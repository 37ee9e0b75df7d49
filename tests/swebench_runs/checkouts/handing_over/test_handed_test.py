"""The test that is handed over was seen failing without the patch and passing with it, in the suite's own place."""

import pytest

from agent.patch import make_patch
from environments.workbench.outcome import GeneratedTest
from swebench_runs.checkouts.handing_over.handed_test import free_place, handed_test, speaks_unittest

SCRIPT = (
    "import sys\nfrom shop import total\ntry:\n    _result = total([3, 4])\nexcept Exception as _error:\n"
    "    issue_present()\nif not (_result == 7):\n    print(_result)\n    issue_present()\n"
)
ISSUE = "`total` loses the first price\n\nmore"


@pytest.fixture
def fixed(shop):
    before = shop.files["shop/price.py"]
    return make_patch({"shop/price.py": before}, {"shop/price.py": before.replace(b"prices[1:]", b"prices")})


def test_a_script_becomes_a_file_of_the_suite_that_shows_the_issue(shop, fixed):
    handed = handed_test([GeneratedTest.of(SCRIPT, "issue:0")], fixed, shop.base, shop.task, shop.files, ISSUE)
    assert handed.said == "tests/test_price_issue.py is new: it fails without the patch and passes with it"
    added = [line[1:] for line in handed.patch.splitlines() if line.startswith("+") and not line.startswith("+++")]
    assert added[0] == "from shop import total"
    assert added[-2:] == ["def test_total_loses_the_first_price():", "    assert total([3, 4]) == 7"]


def test_what_shows_nothing_as_a_test_is_not_handed_over(shop, fixed):
    always = GeneratedTest.of("issue_present()\n", "test:0")
    handed = handed_test([always], fixed, shop.base, shop.task, shop.files, ISSUE)
    assert (handed.patch, handed.said[:5]) == ("", "none:")


def test_a_test_of_the_suite_is_named_and_nothing_is_added(shop, fixed):
    known = GeneratedTest.of("", "given:0", "existing", "tests/test_price.py::test_x")
    handed = handed_test([known], fixed, shop.base, shop.task, shop.files, ISSUE)
    assert handed.patch == ""
    assert "tests/test_price.py::test_x is in the suite already" in handed.said
    assert handed_test([], fixed, shop.base, shop.task, shop.files, ISSUE).said.startswith("none: no test")


def test_its_place_is_free_and_beside_the_tests_of_what_changes(shop):
    files = {"pkg/__init__.py": b"", "pkg/tests/test_pkg.py": b"", "other/test_a.py": b"", "other/test_b.py": b""}
    assert free_place(["pkg/__init__.py"], files, shop.task) == "pkg/tests/test_pkg_issue.py"
    files["pkg/tests/test_pkg_issue.py"] = b""
    assert free_place(["pkg/__init__.py"], files, shop.task) == "pkg/tests/test_pkg_issue_2.py"
    assert free_place(["elsewhere.py"], files, shop.task) == "other/test_elsewhere_issue.py"


def test_the_framework_of_most_files_is_spoken():
    case = b"import unittest\nclass A(unittest.TestCase):\n    def test_a(self): pass\n"
    plain = b"def test_a(): pass\n"
    assert speaks_unittest({"tests/test_a.py": case, "tests/test_b.py": case, "tests/test_c.py": plain, "x.py": plain})
    assert not speaks_unittest({"tests/test_a.py": case, "tests/test_b.py": plain, "tests/test_bad.py": b"def ("})
    assert not speaks_unittest({})
