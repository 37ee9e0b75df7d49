"""A stored run in the terminal; what a model wrote cannot steer it."""

import io

import pytest
from hostile_run import NAME as HOSTILE
from hostile_run import hostile_everywhere
from rich.console import Console

from agent.context.traces import ExecutedFunction, TaskTraces, Trace
from agent.trajectory.journal import Journal
from environments.task import Task
from environments.workbench.outcome import Outcome
from selection.decision import Decision
from swebench_runs.after_run.grade_book import Page, read_page, ungraded, write_page
from swebench_runs.config import RunConfig
from swebench_runs.errors import UsageError
from swebench_runs.grades.grading import Grade
from swebench_runs.grades.patch_key import patch_key
from swebench_runs.inspector.plain import show_run, show_task, show_trajectory
from swebench_runs.run_folder.store import Run
from verifiers.ballot import Ballot, Candidate, Entry

NAME = "pkg-1"
PATCH = "--- a/m.py\n+++ b/m.py\n@@ -1 +1 @@\n-old\n+new \x1b[2J\n"


@pytest.fixture
def run(tmp_path):
    task = Task(instance_id=NAME, repo="pkg", base_commit="c", problem_statement="It \x1b[31m breaks.")
    with Run.start(tmp_path, RunConfig(), [task]) as stored:
        folder = stored.task(NAME)
        with Journal(folder.journal_path("edit", 0), {}) as journal:
            request = {"messages": [{"role": "user", "content": "Please \x07 fix"}]}
            answer = {"choices": [{"content": "Done [bold]so[/]"}]}
            journal.step("model", request, lambda: answer)
            journal.step("run", {"test": "t"}, lambda: {"executions": []})
            journal.end({"ending": "submitted", "why": ""}, final=True)
        ballot = Ballot(
            entries=(Entry(id="edit-0", candidate="abc"),),
            candidates=(Candidate(id="abc", patch=PATCH),),
            tests=("t1",),
            outcomes={"t1": {"base": Outcome.FAIL, "abc": Outcome.PASS}},
            regression_tests=("x", "y"),
            regressions={"abc": ("x",)},
        )
        folder.write("ballot.json", ballot)
        decision = Decision(candidate="abc", patch=PATCH, rule="votes", abstained=True, reason="It breaks a test.")
        folder.write("decision.json", decision)
        folder.event("infrastructure_error", reason="disk full", traceback="")
    return stored


def shown(show, *arguments):
    console = Console(file=io.StringIO(), width=150, color_system=None)
    show(*arguments, console)
    text = console.file.getvalue()
    assert not {"\x1b", "\x07", "\u202e"} & set(text)
    return text


def test_nothing_steers_whichever_field_of_whichever_file_is_hostile(tmp_path):
    run, kept = hostile_everywhere(tmp_path / "run")
    assert sum(map(len, kept.values())) > 100
    assert "owned\\x07" in shown(show_run, run)
    assert "[bold red]B[/]" in shown(show_task, run, HOSTILE)
    for number in range(3):
        assert "[bold red]B[/]" in shown(show_trajectory, run, HOSTILE, f"edit-{number}")


def test_why_a_trajectory_ended_stands_beside_how_in_the_list_and_in_its_own_record(run):
    with Journal(run.task(NAME).journal_path("edit", 1), {}) as journal:
        journal.end({"ending": "format_errors", "why": "the last answer: no tool \x1b[2J`sh`"}, final=True)
    assert "edit-1: 0 model calls, format_errors: the last answer: no tool" in shown(show_task, run, NAME)
    assert "ended: format_errors: the last answer: no tool" in shown(show_trajectory, run, NAME, "edit-1")


def test_a_run_lists_its_tasks_with_their_grades(run):
    write_page(run, NAME, Page(grades={patch_key(PATCH): Grade(outcome="resolved")}))
    text = shown(show_run, run)
    assert NAME in text
    assert "abstained (abc)" in text
    assert "resolved" in text


def test_a_task_is_shown_from_its_issue_to_its_patch(run):
    text = shown(show_task, run, NAME)
    for part in (
        "breaks.",
        "edit-0: 1 model calls, submitted",
        "t1",
        "fail",
        "pass",
        "It breaks a test.",
        "+new",
        "disk full",
    ):
        assert part in text
    assert "grade: not graded" in text


def test_what_its_tests_executed_is_shown_where_it_was_traced(run):
    assert "Executed" not in shown(show_task, run, NAME)
    function = ExecutedFunction(path="m.py", name="f\x1b", line=1, lines=(1,), phase="case")
    trace = Trace(test="example-1", outcome=Outcome.FAIL, functions=(function,), python="3.12")
    run.task(NAME).write("trace.json", TaskTraces.of([trace], [], found_by="tests"))
    text = shown(show_task, run, NAME)
    assert text.index("Executed (tests of trajectories)") < text.index("m.py::f") < text.index("edit-0:")


def test_where_nothing_was_handed_in_the_grade_is_the_reports(run):
    nothing = Decision(candidate=None, rule="votes", abstained=True, reason="No patch.")
    run.task(NAME).write("decision.json", nothing)
    assert "grade: unresolved (no patch)" in shown(show_task, run, NAME)
    assert "unresolved (no patch)" in shown(show_run, run)
    assert "1 tasks" not in shown(show_run, run)


@pytest.mark.parametrize("unmeasured", [{"regression_tests": ()}, {"regressions": {}}])
def test_what_was_not_run_is_shown_as_that(run, unmeasured):
    folder = run.task(NAME)
    whole = folder.read("ballot.json", Ballot)
    folder.write("ballot.json", whole.model_copy(update={"outcomes": {"t1": {"base": Outcome.FAIL}}, **unmeasured}))
    lines = [line.split() for line in shown(show_task, run, NAME).splitlines()]
    assert ["t1", "fail", "not", "run"] in lines
    assert ["existing", "tests", "broken", "not", "run"] in lines


def test_a_trajectory_is_shown_step_by_step(run):
    text = shown(show_trajectory, run, NAME, "edit-0")
    assert text.index("fix") < text.index("Done [bold]so[/]") < text.index("executions") < text.index("submitted")


def test_calls_of_tools_commands_and_a_cut_of_the_record_are_shown(run):
    call = {"id": "1", "function": {"name": "bash", "arguments": '{"command": "ls \x1b[2J"}'}}
    same = [{"exit_code": 0, "timed_out": False, "seconds": 0.1, "output": text} for text in ("a", "b")]
    with Journal(run.task(NAME).journal_path("edit", 1), {}) as journal:
        answer = {"choices": [{"content": "I look.", "tool_calls": [call]}], "usage": {}, "cost": 0.0, "latency": 1.0}
        journal.step("told", {"answers": 0}, lambda: {"text": "unseen"})
        journal.step("model", {"messages": []}, lambda: answer)
        journal.redo("command", {"command": "ls -a"}, lambda recorded: same[0], lambda one, other: "")
    with Journal(run.task(NAME).journal_path("edit", 1), {}) as journal:
        journal.step("told", {"answers": 0}, lambda: {})
        journal.step("model", {"messages": []}, lambda: {})
        journal.redo("command", {"command": "ls -a"}, lambda recorded: same[1], lambda one, other: "other output")
    text = shown(show_trajectory, run, NAME, "edit-1")
    assert "-> bash\n   command: ls " in text
    assert "\x1b" not in text
    assert "ran ls -a: exit code 0" in text
    assert "the record is cut at step 2, and goes on anew: other output" in text
    assert "unseen" not in text


def test_a_trajectory_that_is_not_there_names_those_that_are(run):
    with pytest.raises(UsageError, match="there are: edit-0"):
        shown(show_trajectory, run, NAME, "edit-9")


def test_only_what_the_machine_failed_on_is_graded_again(run):
    page = Page(grades={patch_key("a"): Grade(outcome="unresolved"), patch_key("b"): Grade(outcome="not_evaluated")})
    write_page(run, NAME, page)
    assert ungraded(read_page(run, NAME), ["a", "b", "c", "c"]) == ["b", "c"]
