"""``--shuffle``, ``--filter`` and ``--slice`` choose what mini-swe-agent chooses (2.4.6, run/benchmarks/swebench.py).

What it does, told in our own words by ``as_mini``: sort by id and shuffle by the module's generator seeded with 42;
then keep what ``re.match`` matches; then cut by Python's slice.
"""

import random
import re

import pytest

from environments.task import Task
from swebench_runs.config import RunConfig
from swebench_runs.errors import UsageError
from swebench_runs.rows.datasets import SUBSETS, data_folder, read_rows
from swebench_runs.splits.task_choice import select

LITE = data_folder() / SUBSETS["lite"]
MADE_UP = [f"{repo}-{n}" for repo in ("django__django", "a__b", "sympy__sympy") for n in range(9, 120, 7)]
SHUFFLED_LITE = [
    "django__django-16139",
    "sympy__sympy-13773",
    "django__django-12497",
    "django__django-15320",
    "django__django-12284",
]


@pytest.fixture(scope="module", params=["made up", "lite"])
def ids(request):
    """Instance ids in the order of their data set."""
    if request.param == "made up":
        return MADE_UP
    if not LITE.exists():
        pytest.skip("SWE-bench Lite's rows are not here")
    return [row["instance_id"] for row in read_rows(LITE, "instance_id")]


def as_mini(ids, *, shuffle, filter, slice_text):
    if shuffle:
        ids = sorted(ids)
        before = random.getstate()
        random.seed(42)
        random.shuffle(ids)
        random.setstate(before)
    ids = [name for name in ids if re.match(filter, name)]
    if slice_text:
        bounds = [int(part) if part else None for part in slice_text.split(":")]
        ids = ids[slice(*bounds)]
    return ids


def as_runoff(ids, *, shuffle, filter, slice_text):
    tasks = [Task(instance_id=name, repo="r/r", base_commit="c", problem_statement="s") for name in ids]
    return [task.instance_id for task in select(tasks, RunConfig(shuffle=shuffle, filter=filter, slice=slice_text))]


@pytest.mark.parametrize("shuffle", [False, True])
@pytest.mark.parametrize(
    "filter", ["", "django__.*", "django__django-1", "django-1", ".*-1", "(django|sympy)__", "sympy__sympy-1.$|a"]
)
@pytest.mark.parametrize("slice_text", ["", ":", "0:5", ":3", "2:", "-3:", ":-2", "::3", "1:9:2", "::-1", "5:10"])
def test_the_same_subsets_in_the_same_order(ids, shuffle, filter, slice_text):
    asked = {"shuffle": shuffle, "filter": filter, "slice_text": slice_text}
    expected = as_mini(ids, **asked)
    if expected:
        assert as_runoff(ids, **asked) == expected
    else:  # mini-swe-agent runs nothing and ends well; here that is an error
        with pytest.raises(UsageError, match="no task"):
            as_runoff(ids, **asked)


def test_the_first_five_of_lite_shuffled():
    """As committed constants, so that a change of both sides shows too."""
    if not LITE.exists():
        pytest.skip("SWE-bench Lite's rows are not here")
    ids = [row["instance_id"] for row in read_rows(LITE, "instance_id")]
    assert as_runoff(ids, shuffle=True, filter="", slice_text="0:5") == SHUFFLED_LITE
    assert as_runoff(ids, shuffle=True, filter="django__", slice_text="1:3") == [SHUFFLED_LITE[2], SHUFFLED_LITE[3]]


def test_filter_comes_before_slice_and_after_shuffle(ids):
    """Each other order would choose other tasks, so the comparison above tells them apart."""
    asked = {"shuffle": True, "filter": "django__", "slice_text": "0:5"}
    chosen = as_runoff(ids, **asked)
    shuffled = as_mini(ids, shuffle=True, filter="", slice_text="")
    assert chosen != [name for name in shuffled[:5] if name.startswith("django__")]
    assert chosen != as_mini([n for n in ids if n.startswith("django__")], shuffle=True, filter="", slice_text="0:5")


def test_tasks_whose_issue_shows_an_example_are_drawn_by_the_seed_whatever_order_they_stand_in():
    tasks = [Task(instance_id=name, repo="r/r", base_commit="c", problem_statement="s") for name in MADE_UP]
    shows = set(MADE_UP[::2])

    def drawn(seed, pool=tasks, number=4):
        config = RunConfig(statement="example", draw=number, seed=seed)
        chosen = select(pool, config, kind=lambda name: "example" if name in shows else "prose")
        return [task.instance_id for task in chosen]

    assert drawn(1) == drawn(1, tasks[::-1])
    assert set(drawn(1)) <= shows
    assert len(set(drawn(1))) == 4
    assert drawn(1) != drawn(2)
    assert set(drawn(1, number=1000)) == shows
