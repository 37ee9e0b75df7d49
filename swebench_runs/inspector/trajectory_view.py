"""One trajectory's record, step by step: what the model was told and answered, and what was run."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from agent.trajectory.journal import CUT, read_journal, said
from swebench_runs.after_run.steps_shown import calls_told, ended, step_told
from swebench_runs.errors import UsageError
from swebench_runs.inspector.sections import Section
from swebench_runs.run_folder.stored_run import StoredRun


@dataclass(frozen=True)
class Step:
    """A step of a trajectory."""

    title: str
    """What it was, in a line."""
    sections: tuple[Section, ...]
    """All of it, its title among the headings."""
    output: str = ""
    """What a command printed. Plain lines leave it out: the next message has what the model saw of it."""


def trajectory_view(run: StoredRun, name: str, trajectory: str) -> tuple[Step, ...]:
    """Read a trajectory of a task. UsageError where there is none of that name, Foreseen where it is damaged."""
    journals = {path.stem: path for path in run.task(name).journals()}
    if trajectory not in journals:
        raise UsageError(f"no trajectory {trajectory!r} of {name}; there are: {', '.join(journals) or 'none yet'}")
    return tuple(step for line in read_journal(journals[trajectory]) if (step := _step(line)) is not None)


def _step(line: Mapping[str, Any]) -> Step | None:
    """Return a line of the record as a step; None for one that says nothing of its own.

    A line that is not as Runoff writes them, in somebody else's run, is shown as it stands.
    """
    try:
        return _known(line)
    except (KeyError, TypeError, AttributeError, ValueError):
        return Step("a line of another form", (Section("a line of another form:", _json(line)),))


def _known(line: Mapping[str, Any]) -> Step | None:
    kind = line.get("kind")
    if kind == "model":
        sections = tuple(_conversation(line))
        return Step(f"{line['step']} model: {_first_line(sections[-1])}", sections)
    if kind == "told":
        return None  # it stands in the next message
    if CUT in line:
        return _heading(f"the record is cut at step {line[CUT]}, and goes on anew: {line['why']}")
    if kind is not None and (told := step_told(line)) is not None:
        return Step(f"{line['step']} {told}", (Section(f"step {line['step']}: {told}"),), _output(line))
    if kind is not None:
        return Step(f"{line['step']} {kind}", (Section(f"{kind} (step {line['step']}):", _json(line["answer"])),))
    if "ending" in line:
        return _heading(f"ended: {ended(line['ending'])}")
    return None


def _heading(title: str) -> Step:
    return Step(title, (Section(title),))


def _conversation(line: Mapping[str, Any]) -> Iterator[Section]:
    for message in line["request"]["messages"]:
        calls = message.get("tool_calls", ())
        yield Section(f"{message['role']}:", _together(message["content"], calls))
    choices = line["answer"].get("choices") or [{}]
    yield Section(f"answer (step {line['step']}):", _together(said(line), choices[0].get("tool_calls") or ()))


def _together(text: object, calls: Iterable[Mapping[str, Any]]) -> str:
    return "\n".join(part for part in (str(text or ""), calls_told(calls)) if part)


def _first_line(section: Section) -> str:
    return next((line for line in str(section.body).splitlines() if line.strip()), "nothing")


def _output(line: Mapping[str, Any]) -> str:
    return str(line["answer"].get("output") or "") if line["kind"] == "command" else ""


def _json(value: Any) -> str:
    return json.dumps(value, indent=1, ensure_ascii=False)
