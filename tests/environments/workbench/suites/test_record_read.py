"""Class 4: what was written over the record of a run costs the driver no more than its bytes."""

import tracemalloc

import pytest

from environments.workbench.contraries.sent import Said, weighed
from environments.workbench.suites.supervised import read_record

LINES = b"ab\n" * (1 << 20)


@pytest.mark.parametrize(
    "read",
    [
        lambda: read_record(LINES, "secret", None).problem.startswith("somebody has written"),
        lambda: weighed(LINES, {1: 2}) == {1: Said.WRONG},
    ],
    ids=["record", "answers"],
)
def test_a_million_lines_are_not_kept(read):
    tracemalloc.start()
    try:
        assert read()
        assert tracemalloc.get_traced_memory()[1] < 2 * len(LINES)
    finally:
        tracemalloc.stop()
