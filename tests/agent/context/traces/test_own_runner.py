"""Tests that a repository's own runner runs are told apart in a trace, each with the outcome that its log tells."""

from agent.context.traces import trace_by_own_runner
from environments.workbench.outcome import Outcome

CHECKS = b"""import unittest

from shop import discount, total


class Case(unittest.TestCase):
    def test_discount(self):
        self.assertEqual(discount(100, 10), 90)

    def test_nothing(self):
        self.assertEqual(total([]), 0)

    def test_total(self):
        self.assertEqual(total([3, 4]), 7)
"""


def test_the_tests_of_a_file_are_told_apart(shop):
    spec = shop.task.environment.model_copy(
        update={"test_command": "python3 -m unittest -v", "log_parser": "django", "test_args": ()}
    )
    with shop.base.fork() as fork:
        fork.write("checks.py", CHECKS)
        found = trace_by_own_runner(fork, ["checks.py"], spec, {**shop.files, "checks.py": CHECKS}.get, timeout=60)
    ran = {one.test: (one.outcome, {function.id for function in one.case}) for one in found}
    assert {test: outcome for test, (outcome, _) in ran.items()} == {
        "checks.py::test_discount": Outcome.PASS,
        "checks.py::test_nothing": Outcome.PASS,
        "checks.py::test_total": Outcome.FAIL,
    }
    assert "shop/price.py::discount" in ran["checks.py::test_discount"][1]
    assert "shop/price.py::total" not in ran["checks.py::test_discount"][1]
    assert "shop/price.py::total" in ran["checks.py::test_nothing"][1]
