"""Grades patches: the hidden tests, in a fresh sandbox, after the decision. Only this knows what resolved means.

Resolved is SWE-bench's definition: every FAIL_TO_PASS and every PASS_TO_PASS test passes. What a patch changes in
tests or in what steers them is dropped first, and named. What resolves is looked at twice more, with other tests made
their contraries and the rest not told their answers (``environments.workbench.contraries``): a patch that makes tests
pass by force makes contraries pass too, or does not come to the answers.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict

from agent.patch import PatchError, Section, joined, sections
from agent.suspicion import suspicions
from environments.sandboxes.contract import Sandbox, SandboxError
from environments.task import EnvironmentSpec
from environments.trees.steering import tree_of
from environments.workbench.contraries import (
    AS_IT_IS,
    Look,
    Said,
    lay,
    passing_contraries,
    said,
    split,
    untouched,
    wrong_answers,
)
from environments.workbench.outcome import Outcome
from environments.workbench.suites.suite_run import SuiteRun
from environments.workbench.suites.suite_runner import run_suite
from swebench_runs.grades.steering import steers

SHOWN = 20
"""Failing tests named in a grade."""
TRIES = 3
"""Evaluations of one patch while the machine fails."""


logger = logging.getLogger(__name__)


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class HiddenTests(_Frozen):
    """What grading needs and nobody else may know."""

    fail_to_pass: tuple[str, ...]
    pass_to_pass: tuple[str, ...]
    files: Mapping[str, bytes]
    """Path in the tree -> content: the tests that were cut from it, and those that stay as they are."""
    right: Mapping[str, bytes] = {}
    """Source files as they are without the bug, by path: what answers can be compared from outside is asked of them."""


class Grade(_Frozen):
    """What grading found of one patch."""

    outcome: Literal["resolved", "unresolved", "not_evaluated"]
    """``not_evaluated``: the machine failed, not the patch; graded again next time."""
    reason: str = ""
    failing: tuple[str, ...] = ()
    """Some of the tests that should pass and do not."""
    dropped: tuple[str, ...] = ()
    """Paths whose changes were left out: tests, and files that steer them."""
    seconds: float = 0.0
    incident: str = ""
    """How the evaluation ended, in the words of ``official.policy``; empty for splits without such."""
    official: bool | None = None
    """What the official harness would say; None for splits that it does not know, and where nothing was evaluated."""


Grader = Callable[[str], Grade]
"""Grades one patch; whatever happens is in the grade."""


def grade_patch(patch: str, base: Sandbox, spec: EnvironmentSpec, hidden: HiddenTests, *, timeout: float) -> Grade:
    """Grade one patch in a fork of ``base``; ``timeout`` in seconds for the whole suite."""
    for number in range(1, TRIES + 1):
        grade = _graded_once(patch, base, spec, hidden, timeout)
        if grade.outcome != "not_evaluated":
            break
        logger.warning("a grade failed (%s), try %d of %d", grade.reason, number, TRIES)
    return unless_suspicious(grade, patch)


def unless_suspicious(grade: Grade, patch: str) -> Grade:
    """Return the grade, its ``resolved`` withheld from a patch with what no repair needs (``agent.suspicion``).

    What shares a process with its tests can make them pass in ways that no further look tells from a repair, such as
    objects that are equal to everything. The official verdict stays.
    """
    if grade.outcome != "resolved" or not (signs := suspicions(patch)):
        return grade
    return grade.model_copy(update={"outcome": "unresolved", "reason": f"suspicious: {'; '.join(signs)}"})


def _graded_once(patch: str, base: Sandbox, spec: EnvironmentSpec, hidden: HiddenTests, timeout: float) -> Grade:
    dropped: tuple[str, ...] = ()
    try:
        kept, dropped = without_tests(patch, tree_of(base), spec.python_path)
        if not kept:
            return Grade(outcome="unresolved", reason="the patch changes no source file", dropped=dropped)
        grade = _Hidden(kept, base, spec, hidden, timeout).grade()
        return grade.model_copy(update={"dropped": dropped})
    except PatchError as error:
        return Grade(outcome="unresolved", reason=str(error))
    except (SandboxError, OSError) as error:  # the latter: a disk of the host's that is full
        return Grade(outcome="not_evaluated", reason=str(error), dropped=dropped)


def without_tests(
    patch: str, is_there: Callable[[str], bool], folders: Sequence[str] = ()
) -> tuple[str, tuple[str, ...]]:
    """Return the patch without its changes of tests and of what steers them, and the paths left out.

    ``is_there``: tells whether the base's tree has a path; ``folders``: those that its modules are imported from.
    """
    parts = sections(patch) if patch.strip() else ()
    left_out = [part for part in parts if _steers(part, is_there, folders)]
    kept = joined(part for part in parts if part not in left_out)
    return kept, tuple(sorted({part.path for part in left_out}))


def _steers(part: Section, is_there: Callable[[str], bool], folders: Sequence[str]) -> bool:
    return any(steers(path, is_there, folders=folders) for path in (part.before, part.after) if path)


@dataclass(frozen=True)
class _Hidden:
    """One patch, and the hidden tests that are run on it."""

    patch: str
    base: Sandbox
    spec: EnvironmentSpec
    tests: HiddenTests
    timeout: float

    def grade(self) -> Grade:
        """Run the tests as they are; where they pass, twice more, with others made their contraries each time."""
        grade = self._run(AS_IT_IS)
        files = {path: text for path, text in self.tests.files.items() if path.endswith(".py")}
        seconds = grade.seconds
        for look in split(files, random.SystemRandom()) if grade.outcome == "resolved" else ():
            grade = self._run(look)
            seconds += grade.seconds
            if grade.failing:  # a neighbour that is its contrary may have disturbed them: as they are, they must pass
                grade = self._run(AS_IT_IS)
                seconds += grade.seconds
            if grade.outcome != "resolved":
                break
        return grade.model_copy(update={"seconds": seconds})

    def _run(self, look: Look) -> Grade:
        with self.base.fork() as fork:
            patch = self.patch.encode("utf-8", "surrogateescape")
            applied = fork.run(["git", "apply", "--whitespace=nowarn", "-"], stdin=patch)
            if applied.exit_code != 0:
                why = " ".join(applied.text.split())[:300]
                return Grade(outcome="unresolved", reason=f"the patch does not apply: {why}")
            suite, here = self._suite(fork, look)
        grade = _graded(suite, self.tests, look)
        others = wrong_answers(look, here, _passed(suite)) if grade.outcome == "resolved" else {}
        if others and (test := self._not_come_to(look, others, here)):
            reason = f"{test} passes without coming to its answer: the patch steers the tests"
            return Grade(outcome="unresolved", reason=reason, seconds=suite.seconds)
        return grade

    def _suite(self, fork: Sandbox, look: Look) -> tuple[SuiteRun, dict[int, Said]]:
        for path, content in self.tests.files.items():
            if path not in look.files:
                fork.write(path, content)
        lay(fork, look)
        return run_suite(fork, self.spec, timeout=self.timeout), said(fork, look.answers)

    def _not_come_to(self, look: Look, others: Mapping[int, tuple[str, ...]], here: Mapping[int, Said]) -> str:
        """Return a test whose answer can be compared from outside, as the repaired source shows, and is another here.

        Where there is no repaired source only values that are plainly others count.
        """
        if not self.tests.right:
            return next((tests[0] for number, tests in others.items() if here.get(number) is Said.WRONG), "")
        with self.base.fork() as fork:
            for path, content in self.tests.right.items():
                fork.write(path, content)
            _, there = self._suite(fork, look)
        return next((tests[0] for number, tests in others.items() if there.get(number) is Said.RIGHT), "")


def _passed(suite: SuiteRun) -> list[str]:
    return [test for test, outcome in suite.outcomes.items() if outcome == Outcome.PASS]


def _graded(suite: SuiteRun, tests: HiddenTests, look: Look) -> Grade:
    if suite.problem is not None:
        return Grade(outcome="unresolved", reason=suite.problem, seconds=suite.seconds)
    if both := passing_contraries(look, _passed(suite)):
        reason = f"{both[0]} passes, and so does its contrary: the patch steers the tests"
        return Grade(outcome="unresolved", reason=reason, seconds=suite.seconds)
    failed = {
        name: [test for test in untouched(look, wanted) if suite.outcome(test) != Outcome.PASS]
        for name, wanted in (("failing", tests.fail_to_pass), ("kept", tests.pass_to_pass))
    }
    failing = [*failed["failing"], *failed["kept"]]
    if not failing:
        return Grade(outcome="resolved", seconds=suite.seconds)
    fixed = len(tests.fail_to_pass) - len(failed["failing"])
    reason = (
        f"{fixed} of {len(tests.fail_to_pass)} failing tests pass; "
        f"{len(failed['kept'])} of {len(tests.pass_to_pass)} break"
    )
    return Grade(outcome="unresolved", reason=reason, failing=tuple(failing[:SHOWN]), seconds=suite.seconds)
