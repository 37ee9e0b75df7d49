"""A run as peers' tools read it: ``<id>/<id>.traj.json`` in mini-swe-agent's format, and ``all_preds.jsonl``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from agent.models.contract import Message
from agent.trajectory.journal import read_journal
from agent.trajectory.trajectory import Trajectory
from agent.trajectory.transcript import transcript
from swebench_runs import __version__
from swebench_runs.after_run.statuses import EXIT_STATUSES, FAILED, chosen
from swebench_runs.after_run.steps_shown import call_of
from swebench_runs.errors import UsageError
from swebench_runs.run_folder.files import write_whole
from swebench_runs.run_folder.store import Run

FORMAT = "mini-swe-agent-1.1"
PREDICTIONS = "all_preds.jsonl"


def export(run: Run, destination: Path) -> list[Path]:
    """Write a run's predictions, and of every task the trajectory that its answer is from; return the files.

    UsageError where no task is done yet.
    """
    predictions = json.loads(run.write_predictions().read_text())
    if not predictions:
        raise UsageError(f"{run.path} has no task that is done: there is nothing to export")
    lines = (json.dumps(_prediction(values)) + "\n" for values in predictions.values())
    written = [destination / PREDICTIONS]
    write_whole(written[0], "".join(lines))
    for name, values in predictions.items():
        path = destination / name / f"{name}.traj.json"
        write_whole(path, json.dumps(trajectory_file(run, name, values["model_patch"]), indent=2))
        written.append(path)
    return written


def trajectory_file(run: Run, instance_id: str, submission: str) -> dict[str, Any]:
    """Return a task's trajectory in mini-swe-agent's format; its last message is the submission, as there."""
    trajectory = chosen(run, instance_id)
    status = EXIT_STATUSES[trajectory.ending] if trajectory else FAILED
    messages = [_message(said) for said in _said(run, instance_id, trajectory)]
    ending = {"exit_status": status, "submission": submission}
    return {
        "info": {
            "model_stats": {
                "instance_cost": trajectory.cost if trajectory else 0.0,
                "api_calls": trajectory.turns if trajectory else 0,
            },
            "config": {
                "model": {"model_name": run.config.model},
                "runoff": run.header["config"],
                "trajectory": trajectory.id if trajectory else None,
            },
            "runoff_version": __version__,
            **ending,
        },
        "messages": [*messages, {"role": "exit", "content": submission, "extra": ending}],
        "trajectory_format": FORMAT,
        "instance_id": instance_id,
    }


def _said(run: Run, instance_id: str, trajectory: Trajectory | None) -> tuple[Message, ...]:
    if trajectory is None:
        return ()
    index = int(trajectory.id.rpartition("-")[2])
    return transcript(read_journal(run.task(instance_id).journal_path(trajectory.kind, index)))


def _message(said: Message) -> dict[str, Any]:
    """Return a message as mini-swe-agent keeps it: calls as the endpoint has them, and as the actions they are."""
    found: dict[str, Any] = {"role": said.role, "content": said.content}
    if said.tool_call_id:
        found["tool_call_id"] = said.tool_call_id
    if said.tool_calls:
        found["tool_calls"] = list(said.tool_calls)
        found["extra"] = {"actions": [_action(call) for call in said.tool_calls]}
    return found


def _action(call: Mapping[str, Any]) -> dict[str, Any]:
    """Return a call as an action: a command as there, another tool's as its name and arguments in one line."""
    name, arguments = call_of(call)
    command = arguments.get("command") if name == "bash" else None
    told = command if isinstance(command, str) else f"{name} {json.dumps(arguments, ensure_ascii=False)}"
    return {"command": told, "tool_call_id": call.get("id", "")}


def _prediction(values: dict[str, Any]) -> dict[str, Any]:
    """Return the three keys that a leaderboard's checker asks for."""
    return {key: values[key] for key in ("instance_id", "model_name_or_path", "model_patch")}
