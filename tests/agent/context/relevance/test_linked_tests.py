"""A test file that has to do with an issue points to the modules that it imports."""

import numpy as np
import pytest

from agent.context.index import tree_index
from agent.context.ranking import pool, rank
from agent.context.relevance import Candidates
from agent.context.relevance.linked_tests import linked_by_tests

FILES = {
    "pkg/__init__.py": b"",
    "pkg/kettle.py": b"def pour():\n    return 1\n",
    "pkg/spout.py": b"def drip():\n    return 2\n",
    "pkg/lid.py": b"def shut():\n    return 3\n",
    "tests/test_kettle.py": (
        b"from pkg.kettle import pour\nfrom pkg import spout\n\ndef test_leaks_never():\n    pass\n"
    ),
    "tests/test_lid.py": b"import pkg.lid\n\nclass TestShut:\n    pass\n",
    "tests/test_init.py": b"import pkg.lid\n",
}


def told(statement, likely=None):
    candidates = Candidates.of(tree_index(FILES, pool(statement, FILES)))
    values = np.array([float(name == likely) for name in candidates.names])
    found = linked_by_tests(statement, values, candidates, FILES)
    return {name: round(float(value), 3) for name, value in zip(candidates.names, found, strict=True)}


HALF = round(float(1 / (1 + np.log(2))), 3)
QUARTER = round(HALF / 2, 3)


@pytest.mark.parametrize(
    ("statement", "likely", "expected"),
    [
        ("run tests/test_kettle.py", None, {"pour": HALF, "drip": HALF, "shut": 0}),
        ("test_leaks_never fails", None, {"pour": HALF, "drip": HALF, "shut": 0}),
        ("see TestShut", None, {"pour": 0, "drip": 0, "shut": 1}),
        ("nothing", "pour", {"pour": QUARTER, "drip": QUARTER, "shut": 0}),
        ("test_leaks fails, test_pour", None, {"pour": 0, "drip": 0, "shut": 0}),
    ],
)
def test_links(statement, likely, expected):
    assert told(statement, likely) == expected


def test_what_a_named_test_imports_comes_first():
    assert rank("test_leaks_never is red", FILES)[-1].name == "shut"
    assert rank("TestShut is red", FILES)[0].name == "shut"
