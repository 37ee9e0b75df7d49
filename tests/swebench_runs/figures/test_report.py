from __future__ import annotations

import io
import json
import re
from html.parser import HTMLParser

import pytest
from rich.console import Console

from agent.models.contract import Message, Usage
from agent.trajectory.trajectory import Ending
from environments.workbench.outcome import GeneratedTest, Outcome
from selection.decision import RunoffVerdict, decide
from selection.rules import RULES
from swebench_runs.figures.metrics import GradedTask, TrajectorySummary
from swebench_runs.figures.report import Report, RunHeader, make_report, show, write_report
from swebench_runs.figures.report.ballot_view import SHOWN_CHARACTERS, clip, coloured
from swebench_runs.figures.report.page import render_page
from verifiers.ballot import BASE, YES_NO, Ballot, Candidate, Entry

HOSTILE = "</pre></style><script>alert(1)</script><img src=https://evil.example/x onerror=alert(2)>\ud800"
HEADER = RunHeader(
    run_id="demo",
    started="2026-01-02T03:04:05+00:00",
    config={"model": "local", "trajectories": 2},
    versions={"runoff": "0.1.0"},
    machine={"cores": 2},
)


def task(name: str, *, right: bool, hostile: str = "", evaluated: bool = True, abstain: bool = False) -> GradedTask:
    test = GeneratedTest(id="t1", source=f"raise SystemExit(2){hostile}", origin="issue:0")
    a, b = f"{name}-aaaa", f"{name}-bbbb"
    ballot = Ballot(
        entries=(Entry(id="edit-0", candidate=a, scores={YES_NO: 0.7}), Entry(id="edit-1", candidate=b, test=test.id)),
        candidates=(
            Candidate(id=a, patch=f"--- a/x.py\n+++ b/x.py\n@@ -1 +1 @@\n-old\n+new{hostile}\n"),
            Candidate(id=b, patch="-x\n+y\n"),
        ),
        tests=(test.id,),
        issue_tests=(test.id,),
        outcomes={test.id: {BASE: Outcome.FAIL, a: Outcome.PASS, b: Outcome.ERROR}},
        regression_tests=("r",),
        regressions={a: (), b: (f"r{hostile}",)},
    )
    verdict = RunoffVerdict(winner=None if abstain else a, reason=f"because{hostile}")
    return GradedTask(
        instance_id=name,
        kind="example",
        cluster=name,
        statement=f"Division fails{hostile}",
        asked=2,
        evaluated=evaluated,
        ballot=ballot,
        resolved={a: right, b: False},
        decision=decide(ballot, RULES["runoff"](ballot), verdict),
        trajectories=tuple(
            TrajectorySummary(id=f"edit-{i}", kind="edit", ending=Ending.SUBMITTED, usage=Usage(prompt_tokens=1200))
            for i in range(2)
        ),
        tests=(test,),
        transcript=(Message(role="assistant", content=f"WINNER: A{hostile}"),),
        seconds=75,
    )


def pool(hostile: str = "") -> list[GradedTask]:
    return [
        task("good__1", right=True, hostile=hostile),
        task("bad__2", right=False),
        task("unsure__3", right=False, abstain=True),
        task("lost__4", right=False, evaluated=False),
    ]


class Page(HTMLParser):
    """Collects tags, attributes and visible text."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.text = ""
        self.feed(source)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.text += " "
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_data(self, data):
        self.text += data


@pytest.fixture(scope="module")
def hostile_page() -> str:
    tasks = pool(HOSTILE)
    return render_page(make_report(tasks, HEADER), tasks).decode()


def test_the_page_loads_nothing_and_runs_nothing(hostile_page):
    page = Page(hostile_page)
    assert not {"script", "img", "link", "iframe", "object", "base", "form"} & set(page.tags)
    assert not {"src", "href", "srcset", "action", "style-src"} & {name for name, _ in page.attributes}
    assert not [name for name, _ in page.attributes if name.startswith("on")]
    assert not re.search(r"url\(|@import", hostile_page)
    assert not re.search(r"https?://(?!evil\.example)", hostile_page)
    assert "default-src 'none'" in hostile_page


def test_hostile_text_is_shown_as_text_wherever_it_stands(hostile_page):
    page = Page(hostile_page)
    shown = "</pre></style><script>alert(1)</script>"
    for where in ("Division fails", "+new", "raise SystemExit(2)", "because", "WINNER: A"):
        assert where + shown in page.text
    assert any(name == "title" and shown in value for name, value in page.attributes)
    assert "<script" not in hostile_page


def test_the_page_says_what_became_of_each_task():
    tasks = pool()
    page = Page(render_page(make_report(tasks, HEADER), tasks).decode())
    words = " ".join(page.text.split())
    assert "1 of 4 tasks resolved" in words
    for name, result in (("good__1", "resolved"), ("bad__2", "unresolved"), ("lost__4", "not evaluated")):
        assert f"{name} {result}" in words
    assert "unsure__3 unresolved abstained" in words
    assert "lost at: wrong fix" in words
    assert "C1 (chosen)" in words
    assert {"svg", "polyline"} <= set(page.tags)


def test_the_json_holds_every_figure_and_reads_back(tmp_path):
    tasks = pool()
    report = make_report(tasks, HEADER, seed=3)
    data, page = write_report(report, tasks, tmp_path)
    values = json.loads(data.read_text())
    assert Report.model_validate(values) == report
    assert (values["summary"]["seed"], values["run"]["versions"], values["run"]["machine"]) == (
        3,
        {"runoff": "0.1.0"},
        {"cores": 2},
    )
    resolved = values["summary"]["sections"]["all"]["resolved"]
    assert (resolved["value"], resolved["n"], resolved["clusters"]) == (0.25, 4, 4)
    assert resolved["low"] < 0.25 < resolved["high"]
    assert [task["stage"] for task in values["tasks"]] == ["resolved", "wrong fix", "wrong fix", "not evaluated"]
    assert page.read_bytes() == render_page(report, tasks)


def test_the_terminal_shows_tasks_rules_and_losses():
    console = Console(file=io.StringIO(), width=160)
    show(make_report(pool(), HEADER), console)
    text = console.file.getvalue()
    assert "demo: 1 of 4 tasks resolved (1 not evaluated)" in text
    assert "unresolved, abstained" in text
    assert all(name in text for name in RULES)
    assert "oracle@2" in text
    assert "Tasks: 1 resolved, 1 not evaluated, 2 wrong fix." in text


def test_neither_markup_nor_control_characters_of_a_task_reach_the_terminal():
    console = Console(file=io.StringIO(), width=300)
    hostile = task("[red]good__1", right=True, hostile="[blue]boo[/nonsense]\x1b]0;title\x07", abstain=True)
    show(make_report([hostile], RunHeader(run_id="[bold]run")), console)
    assert all(raw in console.file.getvalue() for raw in ("[bold]run: 1 of 1", "[red]good__1", "[blue]boo[/non"))
    assert not {"\x1b", "\x07"} & set(console.file.getvalue())


def test_a_run_without_tasks_or_trajectories_is_reported_too():
    console = Console(file=io.StringIO(), width=120)
    nothing = make_report([], HEADER)
    show(nothing, console)
    assert "0 of 0 tasks" in console.file.getvalue()
    assert b"The run holds no tasks" in render_page(nothing, [])
    empty = Ballot(entries=(), candidates=(), tests=(), outcomes={})
    idle = [GradedTask(instance_id="x", kind="prose", cluster="x", asked=0, ballot=empty)]
    show(make_report(idle, HEADER), console)
    assert "No editing trajectories were asked for" in console.file.getvalue()
    assert b"None: the task was not decided." in render_page(make_report(idle, HEADER), idle)


def test_long_texts_are_cut_with_a_word_and_diffs_are_coloured():
    assert clip("x" * SHOWN_CHARACTERS) == "x" * SHOWN_CHARACTERS
    assert clip("x" * (SHOWN_CHARACTERS + 1500)).endswith("[... 1,500 more characters in the run's files]")
    assert coloured("--- a\n+++ b\n@@ -1 +1 @@\n-x\n+y\n z") == (
        ("file", "--- a"),
        ("file", "+++ b"),
        ("hunk", "@@ -1 +1 @@"),
        ("removed", "-x"),
        ("added", "+y"),
        ("same", " z"),
    )
    assert coloured("") == ()
