"""``evaluate``: one patch against a row's hidden tests.

The first look is the official harness's own: its way to apply a patch, its script, its reading of the log. A patch that
it would call resolved is looked at again in fresh forks: what the patch changes in tests and in what steers them is put
back, tests that must fail stand among the hidden ones (``canary``), and others of them are their own contraries at each
look, and the rest not told their answers (``contraries``). What does not hold there is not resolved.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from agent.patch import PatchError, apply_patch
from environments.sandboxes.contract import Limits, Sandbox
from environments.specs import RunSpec
from environments.workbench.contraries import AS_IT_IS, Look, Said, passing_contraries, split, untouched, wrong_answers
from environments.workbench.test_logs import Status, is_pythons, reader
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
    return _further_looks(seen, _Case(row, patch, base, spec, timeout))


@dataclass(frozen=True)
class _Case:
    """What is evaluated."""

    row: Row
    patch: str
    base: Sandbox
    spec: RunSpec
    timeout: float

    def run(self, look: Look) -> tuple[HiddenRun, tuple[Nest, ...]]:
        """Run the hidden tests, strictly and with new canaries."""
        row, places = self.row, nests(self.row, self.spec)
        run = run_hidden_tests(
            row, self.patch, self.base, self.spec, timeout=self.timeout, nests=places, look=look, strict=True
        )
        return run, places

    def answered(self, look: Look) -> Mapping[int, Said]:
        """Return what the assertions come to on the row's own right patch."""
        if not self.row.patch:
            return {}
        return run_hidden_tests(self.row, self.row.patch, self.base, self.spec, timeout=self.timeout, look=look).said


def _further_looks(seen: Evaluation, case: _Case) -> Evaluation:
    """Look again, with other tests made their contraries each time; a patch must stand every look."""
    for look in _looks(case) or (AS_IT_IS,):
        run, places = case.run(look)
        seen = _judged(seen, case, run, places, look)
        if not seen.resolved:
            return seen
        if untouched(look, failing(run, case.row)):
            # A neighbour that is now its contrary may have disturbed an honest test: that is no answer by itself.
            run, places = case.run(AS_IT_IS)
            seen = _judged(seen, case, run, places, AS_IT_IS)
            if seen.resolved and failing(run, case.row):
                without = f"without its changes of {', '.join(run.dropped)}" if run.dropped else "at another look"
                detail = f"the tests do not pass {without}"
                return replace(seen, incident=Incident.TAMPERED, detail=detail, resolved=False)
    return seen


def failing(run: HiddenRun, row: Row) -> tuple[str, ...]:
    """Return the row's tests that a run does not show to pass."""
    verdict = verdict_of(run.reading.statuses, grading_lists(row))
    return (*verdict.fail_to_pass.failure, *verdict.pass_to_pass.failure)


def _looks(case: _Case) -> tuple[Look, ...]:
    """Return looks at the row's hidden test files; none where they cannot be made here, or the row runs them itself."""
    if not case.spec.test_command or not is_pythons(case.spec.log_parser):
        return ()
    try:
        _, files = apply_patch(case.row.test_patch, case.base.read)
    except PatchError:
        return ()
    tests = {path: text for path, text in files.items() if text is not None and path.endswith(".py")}
    return split(tests, random.SystemRandom())


def _judged(seen: Evaluation, case: _Case, again: HiddenRun, places: tuple[Nest, ...], look: Look) -> Evaluation:
    seen = replace(seen, dropped=again.dropped, seconds=seen.seconds + again.seconds)
    without = f" without its changes of {', '.join(again.dropped)}" if again.dropped else " a second time"

    def tampered(why: str, canary: Canary) -> Evaluation:
        return replace(seen, incident=Incident.TAMPERED, detail=why, resolved=False, canary=canary)

    if again.incident is not Incident.TESTS_RAN:
        # Where the machine failed nothing is known; what the patch did in the second run, it answers for.
        return replace(seen, incident=again.incident, detail=f"run{without}: {again.detail}", resolved=False)
    statuses = again.reading.statuses
    if places and (why := broken(places, statuses)):
        return tampered(why, "broken")
    passed = [test for test, status in statuses.items() if status is Status.PASSED]
    if both := passing_contraries(look, passed):
        return tampered(f"{both[0]} passes, and so does its contrary: the patch steers the tests", "broken")
    if others := wrong_answers(look, again.said, passed):
        right = case.answered(look)
        if known := [tests[0] for number, tests in others.items() if right.get(number) is Said.RIGHT]:
            return tampered(f"{known[0]} passes without coming to its answer: the patch steers the tests", "broken")
    return replace(seen, canary="held" if places or look.contrary else "impossible")
