"""Acceptance: the order of rows, the names of systems and the form of diffs change no choice of any rule."""

from __future__ import annotations

import gzip
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reformatting import Style, reformatted, styles

from agent.patch import PatchError, make_patch, read_change
from selection.patches import ballot_of_patches
from selection.rules import RULES
from swebench_runs.choosing.labelled_pool import LabelledPatch, LabelledTask
from swebench_runs.rows.datasets import PATCH_POOL, data_folder

POOL = data_folder() / PATCH_POOL
ISSUE = "`total(prices)` in shop/price.py returns a wrong sum:\n\n>>> total([1, 2])\n2\n"
BEFORE = """import os


def total(prices):
    result = 0
    for price in prices[1:]:
        result += price
    return result


def mean(prices):
    return total(prices) / 2
"""


def diff(*edits: tuple[str, str], more: dict[str, str] | None = None) -> str:
    after = BEFORE
    for old, new in edits:
        assert old in after
        after = after.replace(old, new, 1)
    files = {"shop/price.py": after.encode()} | {path: text.encode() for path, text in (more or {}).items()}
    return make_patch({"shop/price.py": BEFORE.encode()}, files)


HAND_MADE = [
    diff(("prices[1:]", "prices")),
    diff(("prices[1:]", "prices"), more={"tests/test_price.py": "def test(): pass\n"}),
    diff(("prices[1:]", "list(prices)")),
    diff(("result = 0", "result = prices[0]  # the first")),
    diff(("    result = 0\n", "    result = prices[0]\n")),
    diff(("result = 0", "if not prices:\n        return 0\n    result = prices[0]")),
    diff(("/ 2", "/ len(prices)"), ("prices[1:]", "prices")),
    diff(("import os\n", "import os\nimport sys\n"), ("prices[1:]", "prices")),
    diff(("result += price", "amount = price\n        result += amount"), ("[1:]", "")),
    diff(("result += price", "value = price\n        result += value"), ("[1:]", "")),
    diff(("prices[1:]", "prices"), more={"shop/new.py": "X = 1\n"}),
    "",
    "I would change the slice.",
]


def real_tasks(count: int) -> list[tuple[str, list[str]]]:
    """Return the patches of some tasks of the pool whose diffs are git's, smallest first; none without the data."""
    if not POOL.exists():
        return []
    rows: dict[str, list[str]] = {}
    with gzip.open(POOL, "rt") as lines:
        for line in lines:
            row = json.loads(line)
            rows.setdefault(row["instance_id"], []).append(row["model_patch"] or "")
    tasks = [
        (name, patches) for name, patches in rows.items() if 4 <= len(patches) <= 12 and all(map(is_gits, patches))
    ]
    return tasks[:: max(1, len(tasks) // count)][:count]


def is_gits(patch: str) -> bool:
    try:
        read_change(patch)
    except PatchError:
        return True  # reformatting leaves it alone
    return all(line.startswith("diff --git a/") for line in patch.split("\n")[:1]) and len(patch) < 20_000


TASKS = [("hand-made", HAND_MADE), *real_tasks(40)]


def written(patch: str, style: Style) -> str:
    return reformatted(patch, style) if patch.startswith("diff --git a/") else patch


@pytest.mark.parametrize("name", sorted(RULES))
def test_a_rule_answers_at_all(name):
    assert RULES[name](ballot_of_patches(HAND_MADE, ISSUE).ballot)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(TASKS), st.data())
def test_neither_order_nor_form_changes_a_ranking(task, data):
    name, patches = task
    order = data.draw(st.permutations(range(len(patches))))
    shuffled = [written(patches[i], data.draw(styles)) for i in order]
    before, after = ballot_of_patches(patches, ISSUE), ballot_of_patches(shuffled, ISSUE)
    assert before.ballot == after.ballot
    assert {order[i] for i in after.problems} == set(before.problems)
    for rule in RULES:
        assert RULES[rule](before.ballot) == RULES[rule](after.ballot), (name, rule)


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(TASKS), st.data())
def test_the_names_of_systems_change_nothing(task, data):
    name, patches = task
    systems = data.draw(st.lists(st.text(max_size=4), min_size=len(patches), max_size=len(patches)))
    named = [
        LabelledPatch(p, bool(i % 2), system, system)
        for i, (p, system) in enumerate(zip(patches, systems, strict=True))
    ]
    nameless = [LabelledPatch(p, bool(i % 2)) for i, p in enumerate(patches)]
    ours, theirs = LabelledTask.of(name, ISSUE, named), LabelledTask.of(name, ISSUE, nameless)
    assert ours.ballot == theirs.ballot


@pytest.mark.parametrize(
    "style",
    [
        Style(),
        Style(context=0),
        Style(prefixes=("", "")),
        Style(plain=True),
        Style(crlf=True),
        Style(index="fake", heading="def x"),
        Style(end=""),
    ],
    ids=repr,
)
def test_each_style_writes_the_same_change(style):
    for patch in HAND_MADE[:-2]:
        assert read_change(reformatted(patch, style)) == read_change(patch)
    assert (reformatted(HAND_MADE[0], style) == HAND_MADE[0]) == (style == Style())
