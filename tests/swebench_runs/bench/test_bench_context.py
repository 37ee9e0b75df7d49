"""What share of the places that a right patch changes the context shows; agents get none of these figures."""

import json

import pytest

from agent.context import build_context
from agent.context.symbols import symbols_of
from agent.patch import make_patch
from environments.trees.worktree import one_commit
from swebench_runs.bench.context import measure, measure_context
from swebench_runs.bench.context.misses import misses
from swebench_runs.bench.context.places import Places, changed_places, shown_lines
from swebench_runs.bench.context.sources import Known
from swebench_runs.cli import run_command

SHOP = """import os


def total(prices):
    result = 1
    for price in prices:
        result += price
    return result


class Basket:
    size = 3

    def price_of_basket(self):
        return total([])
"""
FILLER = "\n\n".join(f"def filler_{n}(value):\n    return value + {n}" for n in range(120)) + "\n"
FILES = {"shop.py": SHOP.encode(), "filler.py": FILLER.encode(), "tests/test_shop.py": b"def test_it():\n    pass\n"}


def patch(*changes):
    """A diff of FILES by (path, old text, new text)."""
    after = dict(FILES)
    for path, old, new in changes:
        assert old.encode() in after[path]
        after[path] = after[path].replace(old.encode(), new.encode())
    return make_patch({path: FILES[path] for path, _, _ in changes}, {path: after[path] for path, _, _ in changes})


def known(name, cluster, *changes, statement="total([1]) is 2"):
    return Known(name, cluster, statement, lambda: dict(FILES), patch(*changes))


def names(places):
    return sorted(f"{one.path}::{one.name}" for one in places.functions)


def test_places_are_the_removed_lines_and_the_innermost_functions_around_them():
    places = changed_places(patch(("shop.py", "result = 1", "result = 0"), ("shop.py", "size = 3", "size = 4")), FILES)
    assert places.lines == {("shop.py", 5), ("shop.py", 12)}
    assert names(places) == ["shop.py::Basket.size", "shop.py::total"]


def test_where_lines_are_only_added_the_place_is_the_code_before_them_and_tests_are_none():
    places = changed_places(
        patch(
            ("shop.py", "import os\n", "import os\nimport re\n"),
            ("shop.py", "\n\nclass Basket", "\n\ndef mean(prices):\n    return 1\n\n\nclass Basket"),
            ("tests/test_shop.py", "pass", "assert 1"),
        ),
        FILES,
    )
    assert places.lines == {("shop.py", 1), ("shop.py", 8)}
    assert names(places) == ["shop.py::total"]


def test_blank_lines_that_are_removed_are_no_places():
    assert changed_places(patch(("shop.py", "    return result\n\n\n", "    return 0\n")), FILES).lines == {
        ("shop.py", 8)
    }


def test_a_larger_budget_shows_what_stands_around_definitions_too():
    small, large = (build_context("total([1])", FILES, budget_tokens=budget) for budget in (500, 30_000))
    assert ("shop.py", 1) not in shown_lines(small, "total([1])", FILES)
    assert {("shop.py", number) for number in (1, 4, 8)} <= shown_lines(large, "total([1])", FILES)
    assert ("tests/test_shop.py", 1) not in shown_lines(large, "total([1])", FILES)


def test_figures_are_means_over_tasks_with_an_interval_over_packages(monkeypatch):
    deep = ("filler.py", "value + 119", "value - 119")
    monkeypatch.setattr(measure, "half_of", lambda name, seed: "report" if name == "b-1" else "develop")
    found = measure_context(
        [
            known("a-1", "a", ("shop.py", "result = 1", "result = 0")),
            known("b-1", "b", ("shop.py", "result = 1", "result = 0"), deep),
            known("b-2", "b", ("tests/test_shop.py", "pass", "assert 1")),
        ],
        budgets=(400, 30_000),
    )
    assert (found["n"], found["clusters"], found["nothing_changed"]) == (2, 2, ["b-2"])
    halves = {half: (told["n"], told["budgets"][400]["lines"]["value"]) for half, told in found["halves"].items()}
    assert halves == {"develop": (1, 1.0), "report": (1, 0.5)}
    tight, wide = found["budgets"][400], found["budgets"][30_000]
    assert (tight["functions"]["value"], tight["all_functions"]["value"]) == (0.75, 0.5)
    assert (tight["lines"]["value"], tight["any_function"]["value"], tight["tokens"] <= 400) == (0.75, 1.0, True)
    assert (tight["lines"]["low"], tight["lines"]["high"]) == (0.5, 1.0)
    assert [wide[name]["value"] for name in ("functions", "all_functions", "lines", "all_lines", "files")] == [1.0] * 5
    assert tight["missed"] == {"left_aside": 0, "file": 0, "too_long": 0, "symbol": 1, "around": 0}
    assert wide["missed"] == dict.fromkeys(tight["missed"], 0)


def test_a_kept_row_is_taken_where_it_tells_all_that_is_asked_for():
    task, kept = known("a-1", "a", ("shop.py", "result = 1", "result = 0")), []
    measure_context([task], budgets=(400,), keep=kept.append)
    again = {"measured": {"a-1": kept[0]}, "keep": kept.append}
    measure_context([task], budgets=(400,), **again)
    assert len(kept) == 1
    measure_context([task], budgets=(400, 900), **again)
    assert len(kept) == 2


def test_each_missing_line_has_a_reason():
    files = FILES | {
        "long.py": b"def long():\n" + b"    call_it()\n" * 200,
        "docs/conf.py": b"x = 1\n",
        "b.py": b"y = 1\n",
    }
    changed = ("shop.py", 1), ("shop.py", 5), ("long.py", 9), ("docs/conf.py", 1), ("b.py", 1)
    functions = [one for path in ("shop.py", "long.py", "b.py") for one in symbols_of(path, files[path])]
    places = Places(frozenset(changed), tuple(one for one in functions if one.name in ("total", "long", "y")))
    shown = {("shop.py", 12), ("long.py", 300)}
    told = {"left_aside": 1, "file": 1, "too_long": 1, "symbol": 1, "around": 1}
    assert misses(places, shown, 1000) == told
    assert misses(places, shown, 100_000) == {"left_aside": 1, "file": 1, "symbol": 2, "around": 1}
    assert misses(places, set(changed), 1000) == {}


@pytest.fixture
def rows(tmp_path):
    """A file of two rows; the repository of one is at hand."""
    source = tmp_path / "source"
    for path, data in FILES.items():
        (source / path).parent.mkdir(parents=True, exist_ok=True)
        (source / path).write_bytes(data)
    (tmp_path / "repos").mkdir()
    commit = one_commit(source, tmp_path / "repos/own__shop")
    row = {
        "instance_id": "own__shop-1",
        "repo": "own/shop",
        "base_commit": commit,
        "problem_statement": "total([1]) is 2",
        "patch": patch(("shop.py", "result = 1", "result = 0")),
    }
    gone = {**row, "instance_id": "own__shop-2", "base_commit": "0" * 40}
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(one) + "\n" for one in (row, gone)))
    return tmp_path / "rows.jsonl"


def test_the_command_measures_rows_whose_tree_is_at_hand_and_names_the_others(rows, tmp_path, capsys, caplog):
    command = ["bench", "context", "--subset", str(rows), "--repos", str(tmp_path / "repos"), "--budget", "2000"]
    assert run_command([*command, "--json", str(tmp_path / "figures.json")]) == 0
    figures = json.loads((tmp_path / "figures.json").read_text())
    assert (figures["n"], figures["budgets"]["2000"]["all_lines"]["value"]) == (1, 1.0)
    assert "own__shop-2 is left out" in caplog.text + capsys.readouterr().err
    assert run_command([*command, "-i", "own__shop-2"]) == 2
    assert "--repos" in capsys.readouterr().err
