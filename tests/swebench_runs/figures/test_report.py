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
from selection.decision import decide
from selection.rules import RULES
from selection.weighing import RunoffVerdict
from swebench_runs.figures.metrics import GradedTask, TaskState, TrajectorySummary
from swebench_runs.figures.metrics.spending import Spent
from swebench_runs.figures.report import Report, RunHeader, make_report, show, write_report
from swebench_runs.figures.report.ballot_view import LEAST, MARKS, SHOWN_CHARACTERS, Allowance, coloured, view
from swebench_runs.figures.report.model import FEW
from swebench_runs.figures.report.page import render_page
from swebench_runs.figures.report.templating import visible
from verifiers.ballot import BASE, P_YES, Ballot, Candidate, Entry

HOSTILE = "</pre></style><script>alert(1)</script><img src=https://evil.example/x onerror=alert(2)>\ud800\x1b[2J\u202e"
HEADER = RunHeader(
    run_id="demo",
    started="2026-01-02T03:04:05+00:00",
    config={"model": "local", "trajectories": 2},
    versions={"runoff": "0.1.0"},
    machine={"cores": 2},
)


def task(name: str, *, right: bool | None, hostile: str = "", abstain: bool = False) -> GradedTask:
    """A task of two trajectories whose first patch is chosen; ``right``: its grade, None where it has none."""
    test = GeneratedTest(id="t1", source=f"raise SystemExit(2){hostile}", origin="issue:0")
    a, b = f"{name}-aaaa", f"{name}-bbbb"
    ballot = Ballot(
        entries=(Entry(id="edit-0", candidate=a, scores={P_YES: 0.7}), Entry(id="edit-1", candidate=b, test=test.id)),
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
        ballot=ballot,
        resolved={b: False} if right is None else {a: right, b: False},
        spent=(
            Spent(stage="edits", calls=3, usage=Usage(prompt_tokens=1200), cost=0.25, answers={"cut": 1}),
            Spent(stage="judge", calls=1, usage=Usage(prompt_tokens=300), cost=0.05),
        ),
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
        task("lost__4", right=None),
    ]


def graded_pool(hostile: str = "") -> list[GradedTask]:
    return [*pool(hostile)[:3], task("plain__4", right=False)]


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
    tasks = graded_pool(HOSTILE)
    header = HEADER.model_copy(update={"run_id": f"demo{HOSTILE}", "config": {"model": f"m{HOSTILE}"}})
    return render_page(make_report(tasks, header, all_rules=True), tasks).decode()


def test_the_page_loads_nothing_and_runs_nothing(hostile_page):
    page = Page(hostile_page)
    assert not {"script", "img", "link", "iframe", "object", "base", "form"} & set(page.tags)
    assert not {"src", "srcset", "action", "style-src"} & {name for name, _ in page.attributes}
    assert not [name for name, _ in page.attributes if name.startswith("on")]
    assert not [value for name, value in page.attributes if name.endswith("href") and not value.startswith("#")]
    assert not re.search(r"url\((?!#)|@import", hostile_page)
    assert not re.search(r"https?://(?!evil\.example)", hostile_page)
    assert "default-src 'none'" in hostile_page


def test_hostile_text_is_shown_as_text_wherever_it_stands(hostile_page):
    page = Page(hostile_page)
    shown = "</pre></style><script>alert(1)</script>"
    for where in ("Division fails", "+new", "raise SystemExit(2)", "because", "WINNER: A"):
        assert where + shown in page.text
    assert any(name == "title" and shown in value for name, value in page.attributes)
    assert "<script" not in hostile_page


def test_what_would_steer_the_reader_is_shown_as_a_mark(hostile_page):
    assert not {c for c in hostile_page if c != "\n" and not c.isprintable()}
    assert "\u241b[2J" in hostile_page
    assert visible("a\r\nb\rc\x00\x7f\u2066d\te") == "a\nb\u240dc\u2400\u2421\ufffdd\te"


def shown_of(tasks, **options) -> str:
    """The visible words of the page, and its tags."""
    page = Page(render_page(make_report(tasks, HEADER, **options), tasks).decode())
    return " ".join(page.text.split())


def test_the_page_says_what_became_of_each_task():
    words = shown_of(pool())
    assert "1 of 4 tasks resolved, 2 unresolved, 1 not graded" in words
    for name, result in (("good__1", "resolved"), ("bad__2", "unresolved"), ("lost__4", "not graded")):
        assert f"{name} {result}" in words
    assert "unsure__3 unresolved abstained" in words
    assert "Lost at the edits: every patch is wrong" in words
    assert "C1 (chosen)" in words


def test_a_page_tells_stories_and_prices_before_any_rule():
    words = shown_of(graded_pool(), all_rules=True)
    price, answer, tried, took = map(words.index, ("$1.20", "Answer", "Tried", "Took"))
    assert price < answer < tried < took < words.rindex("Took") < words.index("best@2")


def test_rules_are_compared_from_ten_tasks_on_or_when_they_are_asked_for():
    few, many = graded_pool(), [task(f"t__{i}", right=True) for i in range(10)]
    assert "rules are compared from 10 tasks on" in shown_of(few)
    assert "best@2, all (4)" not in shown_of(few)
    assert "best@2, all (4)" in shown_of(few, all_rules=True)
    assert "best@2, all (10)" in shown_of(many)
    assert "<svg" in render_page(make_report(many, HEADER), many).decode()


def test_without_every_grade_no_rule_is_compared_whoever_asks():
    tasks = [task(f"t__{i}", right=None if i else True) for i in range(12)]
    report = make_report(tasks, HEADER, all_rules=True)
    assert report.no_rules.startswith("11 patches are not graded: `runoff grade --all RUN`")
    assert report.summary.sections["all"].curves is None
    page = render_page(report, tasks).decode()
    assert report.no_rules in page
    assert "best@" not in page
    console = Console(file=io.StringIO(), width=160)
    show(report, console)
    assert "11 patches are not graded" in console.file.getvalue()
    assert "pass@1" not in console.file.getvalue()


def test_what_was_not_run_is_shown_as_that():
    one = task("a__1", right=None)
    ballot = one.ballot.model_copy(
        update={"regressions": {"a__1-aaaa": ()}, "outcomes": {"t1": {"a__1-aaaa": Outcome.PASS}}}
    )
    unmeasured = one.model_copy(update={"ballot": ballot})
    (seen,) = (view(unmeasured, result) for result in make_report([unmeasured], HEADER).tasks)
    assert [(c.regressions, c.measured, c.grade) for c in seen.columns] == [
        ("0", True, "not graded"),
        ("not run", False, "wrong"),
    ]
    assert seen.rows[0].note == "was not run on the base"
    assert [MARKS[found] for found in seen.rows[0].outcomes] == ["not run", "pass", "not run"]


def test_details_of_hundreds_of_tasks_stay_within_the_page():
    room = Allowance(100_000)
    assert len(room.clip("x" * SHOWN_CHARACTERS)) < LEAST + 100
    assert room.clip("more") == "\n[... 4 more characters in the run's files]"


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
    assert [task["state"] for task in values["tasks"]] == ["resolved", "unresolved", "unresolved", "not graded"]
    assert [task["stage"] for task in values["tasks"]] == ["resolved", "wrong fix", "wrong fix", "not graded"]
    assert values["tasks"][0]["story"]["cost"].startswith("4 calls, 1,500 tokens, $0.30")
    assert page.read_bytes() == render_page(report, tasks)


def test_the_terminal_tells_stories_then_spending_then_rules():
    console = Console(file=io.StringIO(), width=160)
    show(make_report(graded_pool(), HEADER, all_rules=True), console)
    text = console.file.getvalue()
    assert "demo: 1 of 4 tasks resolved, 3 unresolved" in text
    assert "unresolved, abstained" in text
    assert all(name in text for name in RULES)
    assert "oracle@2" in text
    assert "Tasks: 1 resolved, 3 wrong fix." in text
    assert "Spent: 16 calls, 6,000 tokens, $1.20" in text
    order = [text.index(what) for what in ("good__1", "Answer", "Spent:", "best@2")]
    assert order == sorted(order)


def test_many_tasks_are_summed_up_on_the_terminal():
    console = Console(file=io.StringIO(), width=160)
    show(
        make_report([task(f"t__{i}", right=True) for i in range(41)], HEADER, rules={"first": RULES["first"]}), console
    )
    assert "t__7" not in console.file.getvalue()
    assert "Tasks: 41 resolved." in console.file.getvalue()


def test_neither_markup_nor_control_characters_of_a_task_reach_the_terminal():
    console = Console(file=io.StringIO(), width=300)
    hostile = task("[red]good__1", right=True, hostile="[blue]boo[/nonsense]\x1b]0;title\x07", abstain=True)
    show(make_report([hostile], RunHeader(run_id="[bold]run")), console)
    assert all(raw in console.file.getvalue() for raw in ("[bold]run: 1 of 1", "[red]good__1", "[blue]boo[/nonsense]"))
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
    assert "no decision: the work was stopped before it" in console.file.getvalue()
    assert idle[0].state is TaskState.UNDECIDED
    assert b"None: the task is not decided." in render_page(make_report(idle, HEADER), idle)


def test_long_texts_are_cut_with_a_word_and_diffs_are_coloured():
    room = Allowance(1)
    assert room.clip("x" * SHOWN_CHARACTERS) == "x" * SHOWN_CHARACTERS
    assert room.clip("x" * (SHOWN_CHARACTERS + 1500)).endswith("[... 1,500 more characters in the run's files]")
    assert coloured("--- a\n+++ b\n@@ -1 +1 @@\n-x\n+y\n z") == (
        ("file", "--- a"),
        ("file", "+++ b"),
        ("hunk", "@@ -1 +1 @@"),
        ("removed", "-x"),
        ("added", "+y"),
        ("same", " z"),
    )
    assert coloured("") == ()


def printed(tasks) -> str:
    console = Console(width=100, file=io.StringIO())
    show(make_report(tasks, HEADER), console)
    return console.file.getvalue()


def test_few_tasks_show_the_patches_that_resolve_them_and_many_do_not():
    few = printed([task("b-1", right=True), task("c-1", right=False)])
    assert few.count("+new") == 1
    assert few.index("b-1") < few.index("+new") < few.index("c-1") < few.index("Spent:")
    many = [task(f"b-{number}", right=True) for number in range(FEW + 1)]
    assert "+new" not in printed(many)
    pages = [render_page(make_report(tasks, HEADER), tasks).decode() for tasks in (many[:2], many)]
    assert [" open>" in page for page in pages] == [True, False]
    assert [page.index("Where tasks were lost") < page.index('id="tasks"') for page in pages] == [False, True]
