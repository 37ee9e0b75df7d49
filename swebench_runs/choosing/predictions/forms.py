"""The forms of a record that holds patches: what tells each, and where in it the parts are."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from environments.text import one_line

Values = Mapping[str, Any]


@dataclass(frozen=True)
class Attempts:
    """What a record says, unchecked: whatever JSON can hold may stand where a text should."""

    instance_id: Any
    patches: Any
    """A list of patches."""
    issue: Any = ""
    system: Any = ""
    doubted: str = ""
    """Why the system itself would not stand by them, in words; empty where it says nothing of the kind."""


@dataclass(frozen=True)
class Form:
    """One form: ``matches`` tells a record of it, ``attempts`` takes it apart (given the name its file implies)."""

    name: str
    matches: Callable[[Values], bool]
    attempts: Callable[[Values, str], Attempts]
    summary: bool = False
    """Files of this form often gather what others hold in full."""


def implied_id(path: Path) -> str:
    """Return the instance id that a file's name implies: a trajectory's is ``<id>.traj.json`` or ``<id>.traj``.

    Runoff names the folder of a task by its id instead.
    """
    if path.name in ("ballot.json", "candidates.json"):
        return path.parent.name
    return re.sub(r"(\.traj)?(\.jsonl?|\.pred)?(\.gz)?$", "", path.name)


def _swe_bench(record: Values, name: str) -> Attempts:
    patches = _listed(record["model_patch"])
    system = record.get("model_name_or_path")
    return Attempts(record.get("instance_id", name), patches, _issue_of(record), system, _marked(record))


def _marked(record: Values) -> str:
    """Return how a prediction is marked as one that its system does not stand by."""
    return next((f"marked {name}" for name in ("abstained", "best_so_far") if record.get(name) is True), "")


def _ended_otherwise(info: Values) -> str:
    """Return how a trajectory ended that did not submit: what was in its tree then is its patch all the same."""
    status = info.get("exit_status")
    if not isinstance(status, str) or not status or status.lower() == "submitted":
        return ""
    return f"it ended with {one_line(status, 60)}"


def _pro(record: Values, name: str) -> Attempts:
    return Attempts(record.get("instance_id"), _listed(record["patch"]), "", record.get("prefix"))


def _multi(record: Values, name: str) -> Attempts:
    return Attempts(f"{record['org']}__{record['repo']}-{record['number']}", _listed(record["fix_patch"]))


def _trajectory(record: Values, name: str) -> Attempts:
    info = record["info"]
    return Attempts(record.get("instance_id", name), [info.get("submission")], doubted=_ended_otherwise(info))


def _trae(record: Values, name: str) -> Attempts:
    return Attempts(record.get("instance_id"), record["patches"], record.get("issue"))


def _augment(record: Values, name: str) -> Attempts:
    return Attempts(record.get("id", record.get("instance_id")), record["diffs"], record.get("instruction"))


def _r2e_gym(record: Values, name: str) -> Attempts:
    row = record["ds"] if isinstance(record.get("ds"), Mapping) else {}
    image = record.get("docker_image") or row.get("docker_image")
    known = record.get("instance_id") or row.get("instance_id")
    named = re.search(r"sweb\.eval\.[^.]+\.([^:/]+)", image) if isinstance(image, str) else None
    implied = named[1].replace("_1776_", "__").replace("_s_", "__") if named else image
    arguments = record.get("agent_args")
    system = arguments.get("llm_name") if isinstance(arguments, Mapping) else ""
    return Attempts(known or implied, [record["output_patch"]], record.get("problem_statement"), system)


def _open_hands(record: Values, name: str) -> Attempts:
    result = record.get("test_result")
    patch = result.get("git_patch") if isinstance(result, Mapping) else record.get("git_patch")
    row = record["instance"] if isinstance(record.get("instance"), Mapping) else {}
    return Attempts(record.get("instance_id"), [patch], _issue_of(row))


def _runoff(record: Values, name: str) -> Attempts:
    made = {candidate["id"]: candidate["patch"] for candidate in record["candidates"]}
    return Attempts(name, [made.get(str(m.get("candidate")), "") for m in _entries(record) if _edits(m)])


def _entries(record: Values) -> Any:
    """A ballot's entries; its files called them machines once."""
    return record.get("entries", record.get("machines"))


def _edits(entry: Values) -> bool:
    return not str(entry.get("id")).startswith("test-")


def _issue_of(record: Values) -> Any:
    return record.get("problem_statement", "")


def _is_trajectory(record: Values) -> bool:
    info = record.get("info")
    return isinstance(info, Mapping) and ("submission" in info or "exit_status" in info)


def _is_open_hands(record: Values) -> bool:
    result = record.get("test_result")
    return "git_patch" in record or (isinstance(result, Mapping) and "git_patch" in result)


def _is_runoff(record: Values) -> bool:
    entries, candidates = _entries(record), record.get("candidates")
    return _objects(entries, "id") and _objects(candidates, "id", "patch")


def _is_pro(record: Values) -> bool:
    """Tell a prediction from a row, whose ``patch`` is the reference: rows have no prefix, and tests."""
    return "patch" in record and "prefix" in record and "test_patch" not in record


def _is_multi(record: Values) -> bool:
    return record.keys() >= {"org", "repo", "number", "fix_patch"} and not record.keys() & {"test_patch", "base"}


def _listed(patches: Any) -> Any:
    """Return a list of patches where one stands for several, else the patch alone as one."""
    return patches if isinstance(patches, list) else [patches]


def _objects(values: Any, *keys: str) -> bool:
    """Tell a list of objects that have these keys, with texts under them."""
    return isinstance(values, list) and all(
        isinstance(v, Mapping) and all(isinstance(v.get(key), str) for key in keys) for v in values
    )


FORMS = (
    Form("Agentless samples", lambda r: "model_patch" in r and "original_file_content" in r, _swe_bench),
    Form("SWE-bench predictions", lambda r: "model_patch" in r, _swe_bench, summary=True),
    Form("SWE-bench Pro predictions", _is_pro, _pro, summary=True),
    Form("Multi-SWE-bench predictions", _is_multi, _multi, summary=True),
    Form("trae-agent candidates", lambda r: isinstance(r.get("patches"), list), _trae),
    Form("augment candidates", lambda r: isinstance(r.get("diffs"), list), _augment),
    Form("R2E-Gym trajectories", lambda r: "output_patch" in r, _r2e_gym),
    Form("OpenHands output", _is_open_hands, _open_hands),
    Form("mini-swe-agent or SWE-agent trajectory", _is_trajectory, _trajectory),
    Form("Runoff ballot", _is_runoff, _runoff),
)
"""In the order in which they are tried."""


def form_of(record: Values) -> Form | None:
    """Return the form of a record; None where it is of none."""
    return next((form for form in FORMS if form.matches(record)), None)
