"""How the demo's result is judged."""

import contextlib

import pytest

from acceptance.demo import SEEDS, add, check, external_loads, main, set_aside, summed_up, wilson
from acceptance.record import Record
from swebench_runs.figures.metrics import GradedTask
from swebench_runs.figures.report import RunHeader, make_report, write_report
from verifiers.ballot import Ballot

NAMES = ["a-1", "b-1", "c-1", "d-1"]


@pytest.fixture
def finished(tmp_path):
    ballot = Ballot(entries=(), candidates=(), tests=(), outcomes={})
    tasks = [GradedTask(instance_id=n, kind="prose", cluster=n[0], asked=1, ballot=ballot) for n in NAMES]
    write_report(make_report(tasks, RunHeader(run_id="demo")), tasks, tmp_path)
    return tmp_path


def failed(record):
    return [check.what for check in record.checks if not check.holds]


def test_an_unresolved_task_is_no_shortfall_but_is_told(finished):
    record = Record("demo", n=4, unit="tasks")
    check(record, finished, "\n".join([*NAMES, *NAMES, "demo: 0 of 4 tasks resolved"]))
    assert record.passed
    assert (record.figures["resolved"], record.figures["tasks"]["a-1"]["result"]) == (0, "undecided")


def test_silence_and_a_missing_table_are_shortfalls(finished):
    record = Record("demo", n=4, unit="tasks")
    check(record, finished, "\n".join([*NAMES, *NAMES[:3]]))
    assert failed(record) == ["progress is shown for every task", "the table says how many were resolved"]
    assert "d-1" in record.shortfalls[0]


def test_a_page_that_loads_something_is_a_shortfall(finished):
    page = finished / "report.html"
    page.write_text(page.read_text().replace("</body>", "<img src='https://example.org/x.png'></body>"))
    record = Record("demo", n=4, unit="tasks")
    check(record, finished, "\n".join([*NAMES, *NAMES, "demo: 0 of 4 tasks resolved"]))
    assert failed(record) == ["report.html loads nothing"]


@pytest.mark.parametrize(
    "page",
    [
        "<script>1</script>",
        "<img src='x.png'>",
        "<link rel=stylesheet href='https://example.org/x.css'>",
        "<style>@import 'x.css';</style>",
        "<style>b { background: url(x.png) }</style>",
        "<p style='background: url(//example.org/x)'>",
        "<svg><use xlink:href='other.svg#a'/></svg>",
    ],
)
def test_every_kind_of_load_is_found(page):
    assert len(external_loads(page)) == 1


def test_links_fragments_and_data_are_no_loads():
    assert external_loads("<a href='https://example.org'>x</a><img src='data:image/png;base64,AA'>") == []
    assert external_loads("<svg><use href='#a'/></svg><style>b { background: url(data:x) }</style>") == []


def test_an_earlier_demo_is_set_aside_not_deleted(tmp_path):
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / "run.yaml").write_text("x")
    set_aside(tmp_path / "demo")
    kept = [path.relative_to(tmp_path) for path in tmp_path.rglob("run.yaml")]
    assert len(kept) == 1
    assert str(kept[0]).startswith("demo-before-")
    set_aside(tmp_path / "demo")


def test_every_seed_counts_and_none_is_left_out(finished):
    whole = Record("demo", n=12, unit="tasks", figures={"seeds": {}})
    for seed, resolved in zip(SEEDS, (3, 0, 2), strict=True):
        one = Record("demo", n=4, unit="tasks", seed=seed, figures={"resolved": resolved, "model_was_cached": True})
        one.check("at least 2 of 4 tasks are resolved", resolved >= 2, resolved)
        add(whole, seed, one.values())
    summed_up(whole)
    assert whole.figures["resolved"] == 5
    assert failed(whole) == ["seed 1: at least 2 of 4 tasks are resolved"]
    assert [one["resolved"] for one in whole.figures["seeds"].values()] == [3, 0, 2]


def test_a_seed_that_was_measured_is_not_run_again(tmp_path, monkeypatch):
    ran = []

    def one(seed):
        ran.append(seed)
        if len(ran) == 2:
            raise KeyboardInterrupt
        return Record("demo", n=4, unit="tasks", seed=seed, figures={"resolved": 2, "model_was_cached": False})

    monkeypatch.setattr("acceptance.demo.one_demo", one)
    monkeypatch.setattr("acceptance.demo.KEPT", tmp_path)
    monkeypatch.setattr("acceptance.demo.recording", lambda record: contextlib.nullcontext(record))
    monkeypatch.setattr("sys.argv", ["demo"])
    with pytest.raises(KeyboardInterrupt):
        main()
    main()
    assert ran == [SEEDS[0], SEEDS[1], SEEDS[1], SEEDS[2]]


def test_the_interval_of_a_share():
    assert wilson(6, 12) == (0.254, 0.746)
