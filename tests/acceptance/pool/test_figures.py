"""The figures of the pool beside single calls, and the README's table made of them."""

import json

import pytest

from acceptance.pool import results_page
from acceptance.pool.figures import against_single_calls, check, measure
from acceptance.record import MEASUREMENTS, Record
from agent.trajectory.trajectory import Ending
from selection.decision import decide
from selection.rules import RULES
from swebench_runs.figures.metrics import GradedTask, TrajectorySummary
from verifiers.ballot import Ballot, Candidate, Entry


def graded(name, edits, singles, kind="example", **more):
    """``edits``, ``singles``: a letter per trajectory: r(ight), w(rong), - for no patch."""
    ids = {"r": f"{name}-right", "w": f"{name}-wrong", "-": None}
    made = [ids[letter] for letter in edits]
    candidates = [c for c in dict.fromkeys(made) if c]
    ballot = Ballot(
        entries=tuple(Entry(id=f"edit-{i}", candidate=c) for i, c in enumerate(made)),
        candidates=tuple(Candidate(id=c, patch=f"diff {c}") for c in candidates),
        tests=(),
        outcomes={},
    )

    def ended(kind, letters):
        return tuple(
            TrajectorySummary(id=f"{kind}-{i}", kind=kind, ending=Ending.SUBMITTED, candidate=ids[letter])
            for i, letter in enumerate(letters)
        )

    return GradedTask(
        instance_id=name,
        kind=kind,
        cluster=name,
        asked=len(edits),
        ballot=ballot,
        decision=decide(ballot, RULES["runoff"](ballot)),
        trajectories=ended("edit", edits) + ended("test", "--") + ended("single", singles),
        **{"resolved": {f"{name}-right": True, f"{name}-wrong": False}, **more},
    )


TASKS = [graded("a", "rrw-", "rww-"), graded("b", "wwww", "wwww", kind="prose"), graded("c", "rrrr", "rrrr")]


@pytest.fixture
def record():
    record = Record("pool", n=0, unit="tasks", seed=0)
    record.figures["config"] = {"model": "local"}
    measure(record, TASKS)
    return record


def test_strategies_are_compared_with_one_single_call_task_by_task():
    against = against_single_calls(TASKS)
    # a: 2 of 4 trajectories beside 1 of 4 calls; b and c: no difference
    assert against["pass@1"]["value"] == pytest.approx((0.5 - 0.25) / 3)
    assert against["majority"]["value"] == pytest.approx((1 - 0.25) / 3)
    assert set(against) == {"pass@1", "decision", *RULES}
    assert against["decision"]["low"] <= against["decision"]["value"] <= against["decision"]["high"]


def test_a_missing_single_call_counts_as_failed():
    against = against_single_calls([graded("a", "rrrr", "r")])
    assert against["pass@1"]["value"] == pytest.approx(0.75)


def test_every_figure_is_split_by_the_kind_of_statement(record):
    assert list(record.figures["sections"]) == ["all", "example", "prose"]
    prose = record.figures["sections"]["prose"]
    assert (prose["tasks"], prose["curves"]["pass_at_1"]["value"]) == (1, 0.0)
    assert (record.n, record.figures["asked"]) == (3, 3)
    assert json.loads(json.dumps(record.values()))["sections"]["all"]["losses"]["no valid test"] == 1


def test_a_pool_that_is_too_small_says_so_and_low_figures_do_not_fail(record):
    check(record, TASKS, early_stop=False)
    assert record.shortfalls == ["at least 24 tasks are done: 3 of 3"]


@pytest.mark.parametrize(
    "task, what",
    [
        (graded("d", "rrr", "wwww"), "4 editing trajectories"),
        (graded("d", "rrrr", "www"), "4 single calls"),
        (graded("d", "rrrr", "wwww", resolved={"d-right": True}), "every task is graded"),
        (graded("d", "rrrr", "wwww", seconds=301.0), "at most 5 minutes"),
    ],
)
def test_what_the_pool_lacks_is_a_shortfall(task, what):
    record = Record("pool", n=0, unit="tasks")
    check(record, [graded(f"t{i}", "rrrr", "wwww") for i in range(24)], early_stop=False)
    assert record.passed
    check(record, [*(graded(f"t{i}", "rrrr", "wwww") for i in range(24)), task], early_stop=False)
    assert len(record.shortfalls) == 1
    assert record.shortfalls[0].startswith(what)


def test_early_stop_is_a_shortfall():
    record = Record("pool", n=0, unit="tasks")
    check(record, [graded(f"t{i}", "rrrr", "wwww") for i in range(24)], early_stop=True)
    assert record.shortfalls == ["early stop is off: early_stop: True"]


def test_the_table_says_what_was_measured(record):
    rows = [line for line in results_page.table(record.values()).splitlines() if line.startswith("|")]
    cells = {row.split("|")[1].strip(): [cell.strip() for cell in row.split("|")[2:-1]] for row in rows}
    assert len({len(row) for row in cells.values()}) == 1
    assert cells[""] == ["resolved, all 3", "minus one single call", "gap closed", "example, 2", "prose, 1"]
    assert cells["one single call"][0].startswith("42%")
    assert cells["one trajectory (pass@1)"][:2] == ["50% (0% to 100%)", "8% (0% to 25%)"]
    assert cells["`random` of 4"][0] == cells["one trajectory (pass@1)"][0]
    assert [name for name in cells if name.startswith("`")] == [f"`{name}` of 4" for name in RULES]
    assert cells["best of 4 trajectories, if one knew (oracle@4)"][0].startswith("67%")


def test_two_measurements_stand_beside_each_other(record):
    record.started = "2026-11-30T00:00:00+00:00"
    now = record.values()
    before = {**now, "started": "2026-11-27T00:00:00+00:00", "sections": {"all": fewer(now["sections"]["all"])}}
    rows = [line.strip("| ").split(" | ") for line in results_page.beside(before, now).splitlines()]
    assert rows[0] == ["2026-11-27", "2026-11-30"]
    cells = {row[0]: row[1:] for row in rows[2:]}
    assert cells["resolved by the decision"] == ["0% (0% to 0%)", "67% (0% to 100%)"]
    assert cells["tasks in which a right patch was found"] == ["2 of 3", "2 of 3"]


def fewer(section):
    return {**section, "resolved": {**section["resolved"], "value": 0.0, "low": 0.0, "high": 0.0}, "precision": None}


def test_the_table_stands_between_the_pages_markers_alone(record, tmp_path):
    page = tmp_path / "page.md"
    page.write_text(f"before\n{results_page.BEGIN}\nold\n{results_page.END}\nafter\n")
    assert results_page.update(page, record.values())[0]
    assert results_page.update(page, record.values())[0]
    assert results_page.shown(page) == results_page.tables(record.values())
    assert page.read_text().startswith(f"before\n{results_page.BEGIN}\n|")
    assert page.read_text().endswith(f"{results_page.END}\nafter\n")


def test_a_page_without_markers_is_left_alone(record, tmp_path):
    page = tmp_path / "page.md"
    page.write_text("text\n")
    assert results_page.update(page, record.values())[0] is False
    assert page.read_text() == "text\n"


def test_the_page_shows_the_stored_measurement_and_nothing_else():
    stored = json.loads((MEASUREMENTS / "pool.json").read_bytes())
    assert results_page.shown(results_page.PAGE) == results_page.tables(stored)
