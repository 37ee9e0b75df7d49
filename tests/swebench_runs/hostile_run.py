"""A stored run whose every text tries to steer the terminal or to be markup."""

import yaml
from every_field import hostile_in_every_field

from agent.context.traces import ExecutedFunction, TaskTraces, Trace
from agent.trajectory.journal import Journal
from environments.task import Task
from environments.workbench.outcome import Outcome
from selection.decision import Decision
from swebench_runs.after_run.grade_book import Page, write_page
from swebench_runs.config import RunConfig
from swebench_runs.grades.grading import Grade
from swebench_runs.grades.patch_key import patch_key
from swebench_runs.inspector.task_list import task_row
from swebench_runs.inspector.task_view import task_view
from swebench_runs.inspector.trajectory_view import trajectory_view
from swebench_runs.run_folder.store import Run
from verifiers.ballot import Ballot, Candidate, Entry

NAME = "pkg-1"
EVIL = "\x1b[2J\x1b]0;owned\x07[bold red]B[/][@click=app.quit]x[/]<script>alert(1)</script>\u202e&{{ 7*7 }}"
PATCH = f"--- a/m.py\n+++ b/m.py\n@@ -1 +1 @@\n-old\n+new {EVIL}\n"


def hostile_run(path, steps=3):
    """Make it: one task of one trajectory, and a second trajectory whose lines have other forms."""
    task = Task(instance_id=NAME, repo="pkg", base_commit="c", problem_statement=f"It breaks. {EVIL}")
    with Run.start(path, RunConfig(), [task]) as stored:
        folder = stored.task(NAME)
        with Journal(folder.journal_path("edit", 0), {}) as journal:
            for number in range(steps):
                request = {"messages": [{"role": f"user{EVIL}", "content": f"Please {number} {EVIL}"}]}
                answer = {"choices": [{"content": f"Done {number} {EVIL}"}]}
                journal.step("model", request, lambda answer=answer: answer)
            ran = {"exit_code": 0, "timed_out": False, "seconds": 0.1, "output": f"printed {EVIL}"}
            journal.step("command", {"command": f"ls {EVIL}"}, lambda: ran)
            journal.end({"ending": f"submitted{EVIL}", "why": EVIL}, final=True)
        with Journal(folder.journal_path("edit", 1), {}) as journal:
            journal.step("model", {"messages": [{"no": "role"}]}, lambda: {"choices": 7})
        ballot = Ballot(
            entries=(Entry(id="edit-0", candidate="abc"),),
            candidates=(Candidate(id="abc", patch=PATCH, suspicious=(EVIL,)),),
            tests=(f"t{EVIL}",),
            outcomes={f"t{EVIL}": {"base": Outcome.FAIL, "abc": Outcome.PASS}},
        )
        folder.write("ballot.json", ballot)
        decided = Decision(candidate="abc", patch=PATCH, rule="votes", abstained=True, reason=f"It breaks. {EVIL}")
        folder.write("decision.json", decided)
        folder.event("infrastructure_error", reason=EVIL, traceback="")
    return Run.load(path)


def hostile_everywhere(path):
    """Make it, with records of every kind, and put the same behind every text in them that Runoff still reads.

    Returns the run, and the places of those texts.
    """
    run = hostile_run(path)
    folder = run.task(NAME)
    call = {"id": "1", "function": {"name": "bash", "arguments": '{"command": "ls"}'}}
    with Journal(folder.journal_path("edit", 2), {}) as journal:
        answer = {"choices": [{"content": "I look.", "tool_calls": [call]}], "usage": {}, "cost": 0.0, "latency": 1.0}
        journal.step("model", {"messages": [{"role": "user", "content": "x", "tool_calls": [call]}]}, lambda: answer)
        journal.step("write", {"path": "m.py", "content": "0"}, lambda: {"error": "OSError"})
        journal.step("window", {"answers": 1}, lambda: {"done": "cut"})
        journal.step("places", {}, lambda: {"line": "m.py"})
        ran = {"exit_code": 0, "timed_out": False, "seconds": 0.1, "output": "a"}
        journal.redo("command", {"command": "ls"}, lambda recorded: ran, lambda one, other: "")
    with Journal(folder.journal_path("edit", 2), {}) as journal:
        for kind, request in (("model", {"messages": [{"role": "user", "content": "x", "tool_calls": [call]}]}),):
            journal.step(kind, request, lambda: {})
        journal.redo("write", {"path": "m.py", "content": "0"}, lambda recorded: {}, lambda one, other: "otherwise")
    function = ExecutedFunction(path="m.py", name="f", line=1, lines=(1,), phase="case")
    trace = Trace(test="example-1", outcome=Outcome.FAIL, functions=(function,), python="3.12", remarks=("cut",))
    folder.write("trace.json", TaskTraces.of([trace], [], remarks=["left out"], found_by="tests"))
    write_page(run, NAME, Page(grades={patch_key(PATCH): Grade(outcome="resolved", reason="r")}))
    header = yaml.safe_load((path / "run.yaml").read_text())
    header["run_id"] += EVIL.replace("/", "|")
    header["config"]["model"] = f"openai/x{EVIL}"
    (path / "run.yaml").write_text(yaml.safe_dump(header))

    def read():
        task_row(run, NAME)
        task_view(run, NAME)
        for journal in folder.journals():
            trajectory_view(run, NAME, journal.stem)

    kept = hostile_in_every_field(path / "tasks", EVIL, read) | hostile_in_every_field(path / "grading", EVIL, read)
    return Run.load(path), kept
