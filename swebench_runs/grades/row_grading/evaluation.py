"""``evaluate``: one patch against a row's hidden tests.

Two looks. The first is the official harness's own: its way to apply a patch, its script, its reading of the log. A
patch that it would call resolved gets a second look in a fresh fork: what the patch changes in tests and in what steers
them is put back, and tests that must fail stand among the hidden ones (``canary``). What does not hold there is not
resolved.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

from environments.sandboxes.contract import Limits, Sandbox
from environments.specs import RunSpec
from environments.workbench.test_logs import is_pythons, reader
from swebench_runs.errors import UsageError
from swebench_runs.grades.row_grading.canary import Nest, broken, nests
from swebench_runs.grades.row_grading.contradictions import contradiction
from swebench_runs.grades.row_grading.hidden_run import HiddenRun, run_hidden_tests
from swebench_runs.official import LogReading, Verdict, verdict_of
from swebench_runs.official.policy import Incident
from swebench_runs.rows import Row, grading_lists

Canary = Literal["not_needed", "impossible", "held", "broken"]
"""not_needed: the first look ended it. impossible: no hidden test file can take one. held: the tests that must fail
did. broken: one of them did not."""

LIMITS = Limits(memory=6 << 30, processes=1024, cpu_seconds=3600, output=48 << 20, file_size=2 << 30, disk=4 << 30)
"""Ceilings for a sandbox in which a benchmark's repository is worked on and graded."""

TIMEOUT = 1800.0
"""Seconds for the hidden tests of one look, as the official harness has it."""


@dataclass(frozen=True)
class Evaluation:
    """What came of a patch."""

    incident: Incident
    detail: str = ""
    """One line on what happened; empty where the tests say it all."""
    log: str = ""
    """What the official look printed."""
    reading: LogReading = field(default_factory=LogReading)
    """Of that log."""
    verdict: Verdict | None = None
    """Of that log; None where no test was run, or the log tells nothing."""
    resolved: bool = False
    """Runoff's verdict."""
    official_resolved: bool = False
    """What the official harness would say; never less than ``resolved``."""
    dropped: tuple[str, ...] = ()
    """Paths whose changes were put back for the second look."""
    canary: Canary = "not_needed"
    seconds: float = 0.0
    """That the tests ran, of both looks."""
    script: str = ""
    """The script of the official look."""


def evaluate(row: Row, patch: str | None, base: Sandbox, spec: RunSpec, *, timeout: float = TIMEOUT) -> Evaluation:
    """Evaluate one patch in forks of ``base``; whatever happens is in the answer, nothing of it is raised.

    Args:
        row: with the hidden tests.
        patch: a unified diff; None: the tree as it is, which says what the tests do without any patch.
        base: a sandbox whose tree is at the row's base commit, made with the spec's variables and services.
        spec: how its tests are run, and who reads what they print.
        timeout: in seconds, for the tests of one look.
    """
    if patch is not None and not patch:
        return Evaluation(Incident.EMPTY_PATCH, "the patch is empty")
    try:
        lists = grading_lists(row)
    except UsageError as error:
        return Evaluation(Incident.ROW_UNUSABLE, str(error))
    run = run_hidden_tests(row, patch, base, spec, timeout=timeout)
    seen = Evaluation(run.incident, run.detail, run.log, run.reading, seconds=run.seconds, script=run.script)
    if run.incident is not Incident.TESTS_RAN:
        return seen
    verdict = verdict_of(run.reading.statuses, lists)
    seen = replace(seen, verdict=verdict, resolved=verdict.resolved, official_resolved=verdict.resolved)
    if not verdict.resolved or patch is None:
        return seen
    tests = (*lists.fail_to_pass, *lists.pass_to_pass)
    if is_pythons(spec.log_parser) and (why := contradiction(run.log, reader(spec.log_parser), tests)):
        return replace(seen, incident=Incident.TAMPERED, detail=why, resolved=False)
    places = nests(row, spec)
    again = run_hidden_tests(row, patch, base, spec, timeout=timeout, nests=places, strict=True)
    return _second_look(seen, again, row, places)


def _second_look(seen: Evaluation, again: HiddenRun, row: Row, places: tuple[Nest, ...]) -> Evaluation:
    seen = replace(seen, dropped=again.dropped, seconds=seen.seconds + again.seconds)
    without = f" without its changes of {', '.join(again.dropped)}" if again.dropped else " a second time"
    if again.incident is not Incident.TESTS_RAN:
        # Where the machine failed nothing is known; what the patch did in the second run, it answers for.
        return replace(seen, incident=again.incident, detail=f"run{without}: {again.detail}", resolved=False)
    if places and (why := broken(places, again.reading.statuses)):
        return replace(seen, incident=Incident.TAMPERED, detail=why, resolved=False, canary="broken")
    seen = replace(seen, canary="held" if places else "impossible")
    if again.dropped and not verdict_of(again.reading.statuses, grading_lists(row)).resolved:
        return replace(seen, incident=Incident.TAMPERED, detail=f"the tests do not pass{without}", resolved=False)
    return seen
