"""The official report files, key for key (swebench 5.0.2; 4.1.0's keys are among them)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from swebench_runs.official.evaluation_log import LogReading
from swebench_runs.official.infrastructure import Sign, Tier, infrastructure_sign
from swebench_runs.official.verdict import Sides, TestLists, verdict_of

SCHEMA = 2


def instance_report(
    instance_id: str, patch: str | None, log: str, reading: LogReading, lists: TestLists
) -> dict[str, dict[str, Any]]:
    """Return what goes into an instance's ``report.json``.

    ``reading`` is ``read_log(log, ...)``; ``patch`` None: the prediction has none at all.
    """
    entry: dict[str, Any] = {
        "patch_is_None": patch is None,
        "patch_exists": patch is not None,
        "patch_successfully_applied": False,
        "resolved": False,
        "infra_failure": False,
    }
    if patch is not None and reading.problem is None:
        verdict = verdict_of(reading.statuses, lists)
        tests = {
            "FAIL_TO_PASS": _sides(verdict.fail_to_pass),
            "PASS_TO_PASS": _sides(verdict.pass_to_pass),
            "FAIL_TO_FAIL": _sides(Sides()),
            "PASS_TO_FAIL": _sides(Sides()),
        }
        entry |= {"patch_successfully_applied": True, "resolved": verdict.resolved, "tests_status": tests}
    elif patch is not None and (sign := infrastructure_sign(log)):
        entry |= {"infra_failure": sign.tier is Tier.ENVIRONMENT, "infra_failure_reason": sign.reason}
    return {instance_id: entry}


def summary(
    asked: Iterable[str],
    predictions: Mapping[str, str | None],
    resolved: Mapping[str, bool | None],
    signs: Mapping[str, Sign] | None = None,
) -> dict[str, Any]:
    """Return what goes into ``<model>.<run id>.json``.

    Args:
        asked: instance ids of the split.
        predictions: instance id -> patch, of those that were handed in.
        resolved: instance id -> verdict of those that have a report; None: its evaluation left no report
            (the patch did not apply, the tests ran out of time, the machine failed).
        signs: instance id -> what its log says of the machine.
    """
    ids = set(asked)
    empty = {name for name in ids & predictions.keys() if not predictions[name]}
    graded = (ids & predictions.keys()) - empty
    good = {name for name in graded if resolved.get(name) is True}
    bad = {name for name in graded if resolved.get(name) is False}
    reasons = {name: sign for name, sign in sorted((signs or {}).items()) if name in graded - good}
    environment = {name for name, sign in reasons.items() if sign.tier is Tier.ENVIRONMENT}
    groups = {
        "completed": good | bad,
        "incomplete": ids - predictions.keys(),
        "empty_patch": empty,
        "submitted": set(predictions),
        "resolved": good,
        "unresolved": bad,
        "infra_failure": environment,
        "ambiguous_failure": reasons.keys() - environment,
        "error": graded - good - bad,
    }
    counted = [name for name in groups if name != "incomplete"]
    return {
        "total_instances": len(ids),
        **{f"{name}_instances": len(groups[name]) for name in counted},
        **{f"{name}_ids": sorted(group) for name, group in groups.items()},
        "failure_reasons": {name: sign.reason for name, sign in reasons.items()},
        "schema_version": SCHEMA,
    }


def _sides(sides: Sides) -> dict[str, list[str]]:
    return {"success": list(sides.success), "failure": list(sides.failure)}
