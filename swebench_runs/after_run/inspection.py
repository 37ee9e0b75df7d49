"""A run's files, read for the terminal. Whatever a model or a repository wrote is shown without control characters."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from rich.console import Console
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from agent.context.traces import TaskTraces
from agent.trajectory.journal import CUT, read_journal, said
from environments.task import Task
from environments.text import amount, inert, one_line
from environments.workbench.outcome import Outcome
from selection.decision import Decision
from selection.rules.evidence import outcome
from selection.weighing import gate
from swebench_runs.after_run.execution_shown import execution_told
from swebench_runs.after_run.grade_book import Page, read_page
from swebench_runs.after_run.steps_shown import calls_told, counted, step_told
from swebench_runs.errors import UsageError
from swebench_runs.one_task.traces_kept import FILE as TRACES
from swebench_runs.run_folder.store import Run
from swebench_runs.run_folder.task_folder import TaskFolder
from verifiers.ballot import BASE, Ballot

NOT_RUN = "not run"


def show_run(run: Run, console: Console) -> None:
    """List the tasks with their decisions, and their grades where they were graded."""
    table = Table(title=f"{run.id}: {run.config.model}, {amount(len(run.instances), 'task')}", box=None)
    for name in ("task", "trajectories", "decision", "confidence", "grade"):
        table.add_column(name)
    for name in run.instances:
        folder = run.task(name)
        decision = folder.read("decision.json", Decision)
        table.add_row(
            name,
            str(len(_journals(folder))),
            _word(decision),
            decision.confidence if decision else "",
            _grade(read_page(run, name), decision),
        )
    console.print(table)


def show_task(run: Run, name: str, console: Console) -> None:
    """Show one task from its issue to its patch."""
    folder = run.task(name)
    task, decision = folder.read("task.json", Task), folder.read("decision.json", Decision)
    ballot = folder.read("ballot.json", Ballot)
    if task:
        _heading(console, f"{name} ({task.repo})")
        console.print(Text(inert(task.problem_statement)))
    if traces := folder.read(TRACES, TaskTraces):
        _heading(console, f"Executed (tests of {'the issue' if traces.found_by == 'examples' else 'trajectories'})")
        for line in execution_told(traces):
            console.print(Text(line))
    _heading(console, "Trajectories")
    for journal, lines in _journals(folder).items():
        console.print(Text(f"{journal}: {_trajectory(lines)}"))
    if ballot:
        _heading(console, "Ballot")
        console.print(_matrix(ballot))
    _heading(console, "Decision")
    console.print(Text(f"{_word(decision)}: {one_line(decision.reason)}" if decision else "none yet"))
    console.print(Text(f"grade: {_grade(read_page(run, name), decision) or 'not graded'}"))
    if decision and decision.patch:
        console.print(Syntax(inert(decision.patch), "diff", background_color="default"))
    for event in folder.events():
        if event["event"] == "infrastructure_error":
            console.print(Text(f"{event['at']} not done: {one_line(str(event['reason']))}"))


def show_trajectory(run: Run, name: str, trajectory: str, console: Console) -> None:
    """Show a trajectory's record: what the model was told and answered, and what was run."""
    journals = _journals(run.task(name))
    if trajectory not in journals:
        raise UsageError(f"no trajectory {trajectory!r} of {name}; there are: {', '.join(journals) or 'none yet'}")
    for line in journals[trajectory]:
        if line.get("kind") == "model":
            for message in line["request"]["messages"]:
                _heading(console, f"{message['role']}:")
                _say(console, message["content"], message.get("tool_calls", ()))
            _heading(console, f"answer (step {line['step']}):")
            choices = line["answer"].get("choices") or [{}]
            _say(console, said(line), choices[0].get("tool_calls") or ())
        elif line.get("kind") == "told":
            continue  # it stands in the next message
        elif CUT in line:
            _heading(console, f"the record is cut at step {line[CUT]}, and goes on anew: {line['why']}")
        elif "kind" in line and (told := step_told(line)) is not None:
            _heading(console, f"step {line['step']}: {told}")
        elif "kind" in line:
            _heading(console, f"{line['kind']} (step {line['step']}):")
            console.print(Text(inert(json.dumps(line["answer"], indent=1, ensure_ascii=False))))
        elif "ending" in line:
            _heading(console, f"ended: {_ended(line['ending'])}")


def _say(console: Console, text: str, calls: Iterable[Mapping[str, Any]]) -> None:
    for part in (text, calls_told(calls)):
        if part:
            console.print(Text(inert(part)))


def _heading(console: Console, text: str) -> None:
    console.print(Text(f"\n{one_line(text)}", style="bold"))


def _journals(folder: TaskFolder) -> dict[str, list[dict[str, Any]]]:
    return {path.stem: read_journal(path) for path in folder.journals()}


def _trajectory(lines: list[dict[str, Any]]) -> str:
    endings = [line["ending"] for line in lines if "ending" in line]
    if not endings:
        return f"{counted(lines)}, not ended"
    return f"{counted(lines)}, {_ended(endings[-1])}"


def _ended(ending: Mapping[str, Any]) -> str:
    word, why = (one_line(str(ending.get(key) or "")) for key in ("ending", "why"))
    return f"{word}: {why}" if why else word


def _matrix(ballot: Ballot) -> Table:
    """Tests as rows, trees as columns."""
    trees = [BASE, *(candidate.id for candidate in ballot.candidates)]
    table = Table("test", *(tree[:8] for tree in trees), box=None)
    for test in ballot.tests:
        table.add_row(test, *(_ran(outcome(ballot, test, tree)) for tree in trees))
    table.add_row("existing tests broken", "", *(_broken(ballot, candidate.id) for candidate in ballot.candidates))
    if any(candidate.suspicious for candidate in ballot.candidates):
        table.add_row("suspicious", "", *(inert("; ".join(one.suspicious)) for one in ballot.candidates))
    return table


def _ran(found: Outcome) -> str:
    return NOT_RUN if found is Outcome.MISSING else found.value


def _broken(ballot: Ballot, candidate: str) -> str:
    return NOT_RUN if gate(ballot, candidate) == "unmeasured" else str(len(ballot.regressions[candidate]))


def _word(decision: Decision | None) -> str:
    if decision is None:
        return "not done"
    if decision.candidate is None:
        return "no patch"
    return f"abstained ({decision.candidate[:8]})" if decision.abstained else f"patch {decision.candidate[:8]}"


def _grade(page: Page, decision: Decision | None) -> str:
    """Return the grade of what was decided, as the report has it; nothing where nothing is decided."""
    if decision is None:
        return ""
    if decision.candidate is None:
        return "unresolved (no patch)"
    found = page.of(decision.patch)
    return found.outcome if found else "not graded"
