"""A replace block's pair, whatever a model writes around it."""

import pytest

from agent.scaffolds.tools.calling.calls import Malformed
from agent.scaffolds.tools.calling.fenced import fenced_calls

PAIR = "<<<<<<< SEARCH\na\n\x0cb\n=======\nc\n>>>>>>> REPLACE\n"


def read(body):
    (call,) = fenced_calls(f"```replace shop/price.py\n{body}```\n")
    return call


@pytest.mark.parametrize("body", [PAIR, f"so:\n{PAIR}done\n", PAIR.replace("REPLACE", "REPLACE \t")])
def test_one_pair_is_a_call(body):
    assert read(body).arguments["old_str"] == "a\n\x0cb\n"
    assert read(body).arguments["new_str"] == "c\n"


@pytest.mark.parametrize(
    "body", ["", PAIR * 2, PAIR.replace("=======\n", ""), "<<<<<<< SEARCH\n" * 100_000, "=======\n>>>>>>> REPLACE\n"]
)
def test_none_several_and_thousands_are_told(body):
    assert isinstance(read(body), Malformed)
