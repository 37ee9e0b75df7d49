"""A user's failing test must fail on the checkout: what does anything else is refused in one line."""

import pytest

from environments.workbench.outcome import GeneratedTest, Outcome
from environments.workbench.test_module import run_module
from swebench_runs.checkouts.failing_tests.as_issue import statement_of
from swebench_runs.checkouts.failing_tests.looking import look_at
from swebench_runs.errors import UsageError

CASES = """import pytest
from shop import total


@pytest.fixture
def broken():
    raise ValueError("no such luck")


@pytest.mark.parametrize("prices, what", [([3, 4], 7), ([2, 1], 3)], ids=["a b", "c[d]"])
def test_sum(prices, what):
    assert total(prices) == what


def test_set_up(broken):
    assert total([3]) == 3


@pytest.mark.skip
def test_skipped():
    assert total([3]) == 3
"""
BROKEN = "import nowhere_at_all\n\n\ndef test_a():\n    assert 0\n"
DOCTEST = '"""\n>>> from shop import total\n>>> total([3, 4])\n7\n"""\n'


@pytest.fixture(scope="module")
def tree(shop):
    with shop.base.fork() as fork:
        fork.write("tests/test_cases.py", CASES.encode())
        fork.write("tests/test_broken.py", BROKEN.encode())
        fork.write("shop/told.py", DOCTEST.encode())
        yield fork


def look(tree, shop, *names):
    return look_at(names, tree, shop.task.environment, seconds=20.0)


@pytest.mark.parametrize(
    "name, said",
    [
        ("tests/test_price.py::test_discount", "passes on the checkout as it is"),
        ("tests/test_cases.py::test_sums", "has no such test; did you mean 'test_sum'?"),
        ("tests/test_cases.py::test_sum[e]", "has no such test: look at its class"),
        ("tests/test_cases.py::test_set_up", "breaks before it checks anything (ValueError: no such luck)"),
        ("tests/test_cases.py::test_skipped", "is skipped"),
        ("tests/test_broken.py::test_a", "cannot be collected, so it shows nothing of the issue (ModuleNotFound"),
        ("tests/test_broken.py::test_a", "add 'nowhere-at-all' to environment.packages in runoff.yaml, or mend"),
    ],
)
def test_what_does_not_fail_is_refused_in_one_line(tree, shop, name, said):
    with pytest.raises(UsageError) as refused:
        look(tree, shop, name)
    assert str(refused.value).startswith(f"--failing-test {name}")
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_submodule_that_is_not_checked_out_is_named_as_one(tree, shop):
    with tree.fork() as fork:
        fork.write(".gitmodules", b'[submodule "v"]\n\tpath = lib/nowhere_at_all\n\turl = ../v\n')
        with pytest.raises(UsageError, match="lib/nowhere_at_all is a submodule that is not checked out: `git submod"):
            look(fork, shop, "tests/test_broken.py::test_a")


def test_odd_ids_doctests_and_files_fail_as_themselves_and_are_told_once(tree, shop):
    odd = ["tests/test_cases.py::test_sum[a b]", "tests/test_cases.py::test_sum[c[d]]"]
    names = [*odd, "shop/told.py::shop.told", "shop/told.py"]
    looked = look(tree, shop, *names, names[0])
    assert [test.path for test, *_ in looked] == names
    assert [(one.run.outcome, one.again.outcome) for one in looked] == [(Outcome.FAIL, Outcome.FAIL)] * 4
    assert [len(one.run.cases) for one in looked] == [1, 1, 1, 1]
    text = statement_of("", looked[:1])
    assert text.startswith("test_sum[a b] fails\n")
    assert "assert total(prices) == what" in text
    assert "test_skipped" not in text
    assert "E   assert 4 == 7" in text
    assert statement_of("It loses one.", looked).startswith("It loses one.\n\nThe test `tests/test_cases.py::test_")


def test_a_right_patch_passes_it_and_one_that_edits_the_test_alone_is_seen_through(bench):
    existing = GeneratedTest.of("shown", "given:0", "existing", "tests/test_price.py")
    breaking = (
        "--- a/shop/price.py\n+++ b/shop/price.py\n@@ -7,4 +7,4 @@\n \n \n def discount(price, percent):\n"
        "-    return price - price * percent / 100\n+    return price\n"
    )
    assert [run.outcome for run in bench.run_many([(existing, None, 0), (existing, breaking, 0)])] == ["pass", "fail"]


def test_the_tree_is_not_written_to(tree, shop):
    shown = GeneratedTest.of("nonsense (", "given:0", "existing", "tests/test_price.py::test_discount")
    with tree.fork() as fork:
        assert run_module(fork, shown, shop.task.environment, timeout=20.0).outcome is Outcome.PASS
        assert b"nonsense" not in fork.read("tests/test_price.py")


@pytest.mark.parametrize(
    "settings",
    ["addopts = -n auto --cov\nrequired_plugins = pytest-nowhere", "filterwarnings =\n  error\n  ignore::nowhere.Odd"],
)
def test_settings_that_this_place_cannot_fulfil_are_set_aside(shop, settings):
    test = GeneratedTest.of("", "given:0", "existing", "tests/test_price.py::test_discount")
    with shop.base.fork() as fork:
        fork.write("pytest.ini", f"[pytest]\n{settings}\n".encode())
        assert run_module(fork, test, shop.task.environment, timeout=20.0).outcome is Outcome.PASS


def test_a_setting_is_set_aside_though_pytest_ends_as_if_tests_had_failed(shop):
    """As pytest 9 does for a warning of a package that is not installed."""
    test = GeneratedTest.of("", "given:0", "existing", "tests/test_price.py::test_discount")
    odd = "class PytestConfigWarning(BaseException): pass\nimport sys\n"
    odd += "if 'filterwarnings=' not in sys.argv:\n    raise PytestConfigWarning\n"
    with shop.base.fork() as fork:
        fork.write("tests/conftest.py", odd.encode())
        assert run_module(fork, test, shop.task.environment, timeout=20.0).outcome is Outcome.PASS
