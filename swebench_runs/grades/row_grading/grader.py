"""Grades a row's patches one by one, and keeps what each evaluation printed and what the official harness would say."""

from __future__ import annotations

import json
import logging
from pathlib import Path

from environments.sandboxes.contract import Sandbox
from environments.specs import RunSpec
from swebench_runs.grades.grading import SHOWN, TRIES, Grade, Grader, unless_suspicious
from swebench_runs.grades.patch_key import patch_key
from swebench_runs.grades.row_grading.evaluation import Evaluation, evaluate
from swebench_runs.official.policy import POLICIES
from swebench_runs.official.reports import instance_report
from swebench_runs.rows import Row, grading_lists
from swebench_runs.run_folder.files import write_whole

logger = logging.getLogger(__name__)


def row_grader(row: Row, base: Sandbox, spec: RunSpec, *, timeout: float, logs: Path) -> Grader:
    """Return what grades patches of a row in forks of ``base``.

    Every evaluation leaves the official harness's files in ``logs/<patch key>/``: ``patch.diff``, ``eval.sh``,
    ``test_output.txt`` and, where the harness would write one, ``report.json``.
    """

    def grade(patch: str) -> Grade:
        found = _evaluated(row, patch, base, spec, timeout)
        keep(found, row, patch, logs / patch_key(patch))
        return unless_suspicious(grade_of(found), patch)

    return grade


def _evaluated(row: Row, patch: str, base: Sandbox, spec: RunSpec, timeout: float) -> Evaluation:
    for number in range(1, TRIES):
        found = evaluate(row, patch, base, spec, timeout=timeout)
        if not POLICIES[found.incident].retry:
            return found
        logger.warning("%s: %s (%s), try %d of %d", row.instance_id, found.incident, found.detail, number, TRIES)
    return evaluate(row, patch, base, spec, timeout=timeout)


def grade_of(found: Evaluation) -> Grade:
    """Return the grade that an evaluation comes to."""
    policy = POLICIES[found.incident]
    evaluated = policy.grade != "not_evaluated"
    verdict = found.verdict
    failing = (*verdict.fail_to_pass.failure, *verdict.pass_to_pass.failure) if verdict else ()
    reason = found.detail
    if verdict and failing and not reason:
        fixed, broken = verdict.fail_to_pass, verdict.pass_to_pass
        reason = (
            f"{len(fixed.success)} of {len(fixed.success) + len(fixed.failure)} failing tests pass; "
            f"{len(broken.failure)} of {len(broken.success) + len(broken.failure)} break"
        )
    return Grade(
        outcome="not_evaluated" if not evaluated else "resolved" if found.resolved else "unresolved",
        reason=reason,
        failing=failing[:SHOWN],
        dropped=found.dropped,
        seconds=found.seconds,
        incident=found.incident.value,
        official=found.official_resolved if evaluated else None,
    )


def keep(found: Evaluation, row: Row, patch: str, folder: Path) -> None:
    """Write the official harness's files of one evaluation; those of an earlier one are replaced."""
    folder.mkdir(parents=True, exist_ok=True)
    texts = {"patch.diff": patch, "eval.sh": found.script, "test_output.txt": found.log}
    for name, text in texts.items():
        write_whole(folder / name, text.encode("utf-8", "surrogateescape"))
    report = folder / "report.json"
    report.unlink(missing_ok=True)
    if POLICIES[found.incident].report and row.fail_to_pass:
        values = instance_report(row.instance_id, patch, found.log, found.reading, grading_lists(row))
        write_whole(report, json.dumps(values, indent=4))
