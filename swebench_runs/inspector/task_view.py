"""One task of a run, from its issue to its patch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from agent.context.traces import TaskTraces
from agent.trajectory.journal import read_journal
from environments.errors import Foreseen
from environments.task import Task
from environments.workbench.outcome import Outcome
from selection.decision import Decision
from selection.rules.evidence import makers, outcome
from selection.weighing import gate
from swebench_runs.after_run.execution_shown import execution_told
from swebench_runs.after_run.steps_shown import counted, ended
from swebench_runs.inspector.sections import Diff, Grid, Section
from swebench_runs.inspector.task_list import NOT_GRADED, decided_word, grade_told
from swebench_runs.one_task.traces_kept import FILE as TRACES
from swebench_runs.run_folder.stored_run import StoredRun
from verifiers.ballot import BASE, Ballot

NOT_RUN = "not run"


@dataclass(frozen=True)
class TaskView:
    """What a task's files say; a part whose file is not there yet is None or empty."""

    name: str
    issue: Section | None
    executed: Section | None
    trajectories: tuple[tuple[str, str], ...]
    """Names, and what each did, in a line."""
    ballot: Section | None
    decision: Section
    """Its patch is ``patch``."""
    patch: Section | None
    candidates: tuple[Section, ...]
    """Every candidate's diff, the decided one's too."""
    not_done: tuple[str, ...]
    """What the machine failed at, a line each."""


def task_view(run: StoredRun, name: str) -> TaskView:
    """Read a task. Foreseen, in one line, where a file of it is damaged."""
    folder = run.task(name)
    task, decision = folder.read("task.json", Task), folder.read("decision.json", Decision)
    ballot, traces = folder.read("ballot.json", Ballot), folder.read(TRACES, TaskTraces)
    said = f"{_word(decision)}: {decision.reason}" if decision else "none yet"
    grade = grade_told(run, name, decision.candidate, decision.patch) if decision else NOT_GRADED
    return TaskView(
        name=name,
        issue=Section(f"{name} ({task.repo})", task.problem_statement) if task else None,
        executed=_executed(traces) if traces else None,
        trajectories=tuple((path.stem, _did(path)) for path in folder.journals()),
        ballot=Section("Ballot", _matrix(ballot)) if ballot else None,
        decision=Section("Decision", f"{' '.join(said.split())}\ngrade: {grade}"),
        patch=Section("Patch", Diff(decision.patch)) if decision and decision.patch else None,
        candidates=tuple(_candidates(ballot)) if ballot else (),
        not_done=tuple(
            f"{event.get('at')} not done: {event.get('reason')}"
            for event in folder.events()
            if event.get("event") == "infrastructure_error"
        ),
    )


def _did(path: Path) -> str:
    """Tell what a trajectory did; of a damaged record, that."""
    try:
        lines = read_journal(path)
    except Foreseen as error:
        return f"cannot be read: {error}"
    endings = [line["ending"] for line in lines if "ending" in line]
    return f"{counted(lines)}, {ended(endings[-1]) if endings else 'not ended'}"


def _executed(traces: TaskTraces) -> Section:
    by = "the issue" if traces.found_by == "examples" else "trajectories"
    return Section(f"Executed (tests of {by})", "\n".join(execution_told(traces)))


def _candidates(ballot: Ballot) -> Iterator[Section]:
    made = makers(ballot)
    for candidate in ballot.candidates:
        by = ", ".join(entry.id for entry in made.get(candidate.id, ()))
        yield Section(f"candidate {candidate.id[:8]} ({by})", Diff(candidate.patch))


def _matrix(ballot: Ballot) -> Grid:
    """Tests as rows, trees as columns."""
    trees = [BASE, *(candidate.id for candidate in ballot.candidates)]
    rows = [(test, *(_ran(outcome(ballot, test, tree)) for tree in trees)) for test in ballot.tests]
    rows.append(("existing tests broken", "", *(_broken(ballot, candidate.id) for candidate in ballot.candidates)))
    if any(candidate.suspicious for candidate in ballot.candidates):
        rows.append(("suspicious", "", *("; ".join(one.suspicious) for one in ballot.candidates)))
    return Grid(("test", *(tree[:8] for tree in trees)), tuple(rows))


def _ran(found: Outcome) -> str:
    return NOT_RUN if found is Outcome.MISSING else found.value


def _broken(ballot: Ballot, candidate: str) -> str:
    return NOT_RUN if gate(ballot, candidate) == "unmeasured" else str(len(ballot.regressions[candidate]))


def _word(decision: Decision) -> str:
    return decided_word(decision.candidate, abstained=decision.abstained)
