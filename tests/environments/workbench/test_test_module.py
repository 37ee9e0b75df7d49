"""Generated test files in the repository's own framework, on the real sandbox."""

import pytest

from environments.task import EnvironmentSpec
from environments.workbench.outcome import Execution, GeneratedTest, Outcome
from environments.workbench.test_facts import facts_of
from environments.workbench.test_module import weighed

CASES = """import pytest
from shop import total

def test_three():
    assert total([3, 4]) == 7

def test_nothing():
    assert total([]) == 0

def test_own_mistake():
    assert totl([]) == 0
"""
FIX = '''--- a/shop/price.py
+++ b/shop/price.py
@@ -1,7 +1,7 @@
 def total(prices):
     """Add prices up."""
     result = 0
-    for price in prices[1:]:
+    for price in prices:
         result += price
     return result
 
'''  # noqa: W293 (context lines of a diff)
BREAKS = FIX.replace("+    for price in prices:\n", "+    for price in [*prices, 0 if prices else 1]:\n")


def module(source, path="tests/test_new.py"):
    return GeneratedTest.of(source, "test:0", "module", path)


def run(*outcomes, outcome=Outcome.FAIL):
    cases = tuple((f"t.py::{name}", Outcome(what)) for name, what in outcomes)
    return Execution(outcome=outcome, exit_code=1, output="", seconds=0.0, cases=cases)


def test_a_file_reproduces_by_a_case_that_fails_and_passes_by_that_case(bench):
    on_base, on_fix, broken = bench.run_many([(module(CASES), patch, 0) for patch in (None, FIX, BREAKS)])

    assert {name.split("::")[1]: what for name, what in on_base.cases} == {
        "test_three": "fail",
        "test_nothing": "pass",
        "test_own_mistake": "error",
    }
    assert on_base.outcome == Outcome.FAIL
    assert on_fix.outcome == Outcome.PASS, "a case that errs on the base says nothing"
    assert dict(broken.cases)["tests/test_new.py::test_three"] == Outcome.PASS
    assert broken.outcome == Outcome.FAIL, "a case that passed on the base is broken"


@pytest.mark.parametrize(
    "source, outcome",
    [
        ("from shop import nothing\n\ndef test_a():\n    assert False\n", Outcome.ERROR),
        (
            "import pytest\n\ndef test_a():\n    from shop import nothing\n\ndef test_b(no_such_fixture):\n    pass\n\n"
            "@pytest.mark.skip\ndef test_c():\n    assert False\n",
            Outcome.ERROR,
        ),
        ("import os\n\ndef test_a():\n    os._exit(2)\n", Outcome.ERROR),
        ("def test_a():\n    pass\n", Outcome.PASS),
        ("import pytest\n\ndef test_a():\n    pass\n\ndef test_b():\n    pytest.exit('early')\n", Outcome.ERROR),
        (
            "import unittest\n\nclass Case(unittest.TestCase):\n    def test_a(self):\n        self.fail('seen')\n",
            "fail",
        ),
    ],
)
def test_only_a_case_that_fails_shows_the_issue(bench, source, outcome):
    assert bench.run(module(source)).outcome == outcome


def test_weighed_against_the_base():
    base = run(("a", "fail"), ("b", "pass"), ("c", "error"))
    assert weighed(run(("a", "pass"), ("b", "pass"), ("c", "error")), base).outcome == Outcome.PASS
    assert weighed(run(("a", "fail"), ("b", "pass")), base).outcome == Outcome.FAIL
    assert weighed(run(("a", "pass"), ("b", "fail")), base).outcome == Outcome.FAIL
    assert weighed(run(("a", "pass")), base).outcome == Outcome.ERROR, "a case that is gone passes nothing"
    assert weighed(run(("a", "error"), ("b", "pass")), base).outcome == Outcome.ERROR
    assert weighed(run(outcome=Outcome.TIMEOUT), base).outcome == Outcome.TIMEOUT
    still = run(("b", "pass"), outcome=Outcome.PASS)
    assert weighed(still, run(("b", "pass"), outcome=Outcome.PASS)) == still


def test_facts_name_the_framework_and_a_free_place():
    files = ["tests/test_a.py", "tests/test_issue_0.py", "pkg/a.py", "pkg/test_b.py"]
    facts = facts_of(EnvironmentSpec(python="3.9"), files, seconds=20)
    assert (facts.framework, facts.python, facts.free_path()) == ("pytest", "3.9", "tests/test_issue_1.py")
    django = EnvironmentSpec(test_command="./tests/runtests.py", log_parser="django")
    assert facts_of(django, files, seconds=20).framework == "django"
    rows = EnvironmentSpec(test_command="pytest -rA", log_parser="pytest")
    assert facts_of(rows, [], seconds=20).framework == "pytest"
    assert facts_of(rows, [], seconds=20).free_path() == "test_issue_0.py"
