"""Why each patch was chosen that was run: ``selection.json`` in a run's folder, and the lines on the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from environments.text import amount
from selection.decision import Decision
from selection.rules import NO_PATCH, RULES
from selection.rules.clusters import vector
from selection.rules.evidence import cluster_support, makers
from swebench_runs.choosing.account import ACCOUNT, reading_told
from swebench_runs.choosing.given import Candidates
from swebench_runs.one_task.brought_tests import BROUGHT
from swebench_runs.one_task.given_patches import FILE, GivenPatches
from swebench_runs.run_folder.files import write_json
from swebench_runs.run_folder.store import Run
from swebench_runs.run_folder.task_folder import TaskFolder
from verifiers.ballot import BASE, Ballot

_GATE = ("passing", "failing", "state", "problem", "left_out")
"""What the account repeats of how the existing tests did on the base."""


def write(run: Run, found: Candidates) -> Path:
    """Write the account of a run's tasks as far as they are decided; returns its path."""
    tasks = {name: _task(run.task(name), run.config.rule) for name in run.instances}
    values = {
        "rule": run.config.rule,
        "executed": True,
        "models": list(run.config.models),
        "withheld": run.config.abstain,
        **reading_told(found.reading),
        "outside_the_subset": found.outside,
        "tasks": tasks,
    }
    write_json(run.path / ACCOUNT, values)
    return run.path / ACCOUNT


def _task(folder: TaskFolder, rule: str) -> dict[str, Any]:
    given, ballot = folder.read(FILE, GivenPatches), folder.read("ballot.json", Ballot)
    decision = folder.read("decision.json", Decision)
    if given is None or ballot is None or decision is None:
        return {"chosen": None, "why": "", "abstained": True, "abstention": "not decided yet"}
    return {
        "chosen": decision.candidate,
        "why": "" if decision.abstained else decision.reason,
        "confidence": decision.confidence,
        "abstained": decision.abstained,
        "abstention": decision.reason if decision.abstained else "",
        "attempts": len(given.patches),
        "standings": list(_standings(ballot, given, rule)),
        "tests": {test: _whose(ballot, test) for test in ballot.tests},
        "gate": _gate(folder, ballot),
        "refused": list(_refused(ballot, given)),
    }


def _whose(ballot: Ballot, test: str) -> str:
    if test in ballot.issue_tests:
        return "issue"
    return "brought along" if test.startswith(BROUGHT) else "generated"


def _standings(ballot: Ballot, given: GivenPatches, rule: str) -> Iterator[dict[str, Any]]:
    made, support = makers(ballot), cluster_support(ballot)
    rank = 1
    for group in RULES[rule](ballot) if ballot.candidates else ():
        names = [name for name in dict.fromkeys(group) if name != NO_PATCH]
        for name in names:
            from_ = [given.patches[_index(entry.id)] for entry in made[name]]
            yield {
                "candidate": name,
                "rank": rank,
                "multiplicity": len(made[name]),
                "cluster_size": support[name],
                "outcomes": {test: row[name] for test, row in ballot.outcomes.items() if name in row},
                "behaviour": _behaviour(ballot, name),
                "regressions": _listed(ballot.regressions, name),
                "sources": [one.source for one in from_],
                "systems": sorted({one.system for one in from_} - {""}),
            }
        rank += len(names)


def _behaviour(ballot: Ballot, name: str) -> str:
    """Say what a candidate does on the issue's code that states no outcome; empty where nothing was seen."""
    mine, base = vector(ballot, name), vector(ballot, BASE)
    if not mine:
        return ""
    if mine == base:
        return "as the base"
    alike = sum(vector(ballot, other.id) == mine for other in ballot.candidates) - 1
    return f"as {amount(alike, 'other candidate')}" if alike else "alone"


def _listed(regressions: Mapping[str, tuple[str, ...]], name: str) -> list[str] | None:
    return list(regressions[name]) if name in regressions else None


def _index(entry: str) -> int:
    return int(entry.rpartition("-")[2])


def _gate(folder: TaskFolder, ballot: Ballot) -> dict[str, Any]:
    events = [event for event in folder.events() if event["event"] == "baseline"]
    told = {key: events[-1].get(key) for key in _GATE} if events else {}
    return {"tests": len(ballot.regression_tests), **told}


def _refused(ballot: Ballot, given: GivenPatches) -> Iterator[dict[str, str]]:
    without = {_index(entry.id) for entry in ballot.entries if entry.edits and entry.candidate is None}
    for index in sorted(without):
        one = given.patches[index]
        yield {
            "source": one.source,
            "reason": one.problem or "it does not apply to the task's tree, or changes no source",
        }


def told(run: Run, found: Candidates, asked: int) -> Iterator[str]:
    """Yield what was read and chosen, a line each."""
    attempts = sum(len(given.patches) for given in found.given.values())
    yield f"{amount(len(found.given), 'task')} of {asked} have candidates, {amount(attempts, 'attempt')} in all."
    if found.reading.grades:
        names = ", ".join(f"{name} ({count})" for name, count in sorted(found.reading.grades.items()))
        yield f"Fields that could be grades were dropped on reading, with the number of records: {names}."
    if found.outside:
        count, tasks = sum(found.outside.values()), amount(len(found.outside), "task")
        yield f"Left out, not asked for: {count} predictions for {tasks}."
    yield from (f"Not taken: {unread.source}: {unread.reason}" for unread in found.reading.unread)
    if not run.config.models:
        yield "No model is asked (-m names one): existing tests, the issue's examples and consensus decide."
