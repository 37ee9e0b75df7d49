"""Answers about the small shop of tests/conftest.py, and the test that shows its issue."""

from environments.workbench.outcome import GeneratedTest

TEST = GeneratedTest.of(
    "from shop import total\nif total([3, 4]) != 7:\n    print('got', total([3, 4]))\n    issue_present()\n",
    "issue:0",
)
OTHER = GeneratedTest.of("from shop import total\nif total([5]) != 5:\n    issue_present()\n", "test:1")
"""Another test that shows the issue."""
LOOSE = "from shop import total\nif total([0, 4]) != 0 and total([3, 3]) == 3:\n    issue_present()\n"
"""Fails on the base, and passes on ``WRONG``, which ``TEST`` does not."""
BASELINE = ("tests/test_price.py::test_discount", "tests/test_price.py::test_total_of_nothing")


def block(search, replace, path="shop/price.py"):
    return f"{path}\n<<<<<<< SEARCH\n{search}\n=======\n{replace}\n>>>>>>> REPLACE\n"


RIGHT = block("    for price in prices[1:]:", "    for price in prices:")
WRONG = block("    for price in prices[1:]:", "    for price in prices[:1]:")
BREAKS = block("    result = 0\n    for price in prices[1:]:", "    result = 1\n    for price in prices[1:]:")
