"""Grades patches: the hidden tests, in a fresh sandbox, after the decision. Only this knows what resolved means.

Resolved is SWE-bench's definition: every FAIL_TO_PASS and every PASS_TO_PASS test passes. What a patch changes in
tests or in what steers them is dropped first, and named.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict

from agent.patch import PatchError, Section, joined, sections
from environments.sandboxes.contract import Sandbox, SandboxError
from environments.task import EnvironmentSpec
from environments.trees.steering import tree_of
from environments.workbench.outcome import Outcome
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


def patch_key(patch: str) -> str:
    """Return the name under which a patch's grade is kept."""
    return hashlib.sha256(patch.encode("utf-8", "surrogateescape")).hexdigest()[:16]


def grade_patch(patch: str, base: Sandbox, spec: EnvironmentSpec, hidden: HiddenTests, *, timeout: float) -> Grade:
    """Grade one patch in a fork of ``base``; ``timeout`` in seconds for the whole suite."""
    for number in range(1, TRIES + 1):
        grade = _graded_once(patch, base, spec, hidden, timeout)
        if grade.outcome != "not_evaluated":
            break
        logger.warning("a grade failed (%s), try %d of %d", grade.reason, number, TRIES)
    return grade


def _graded_once(patch: str, base: Sandbox, spec: EnvironmentSpec, hidden: HiddenTests, timeout: float) -> Grade:
    dropped: tuple[str, ...] = ()
    try:
        kept, dropped = without_tests(patch, tree_of(base))
        if not kept:
            return Grade(outcome="unresolved", reason="the patch changes no source file", dropped=dropped)
        with base.fork() as fork:
            return _run(kept, fork, spec, hidden, timeout).model_copy(update={"dropped": dropped})
    except PatchError as error:
        return Grade(outcome="unresolved", reason=str(error))
    except (SandboxError, OSError) as error:  # the latter: a disk of the host's that is full
        return Grade(outcome="not_evaluated", reason=str(error), dropped=dropped)


def without_tests(patch: str, is_there: Callable[[str], bool]) -> tuple[str, tuple[str, ...]]:
    """Return the patch without its changes of tests and of what steers them, and the paths left out.

    ``is_there``: tells whether the base's tree has a path.
    """
    parts = sections(patch) if patch.strip() else ()
    left_out = [part for part in parts if _steers(part, is_there)]
    kept = joined(part for part in parts if part not in left_out)
    return kept, tuple(sorted({part.path for part in left_out}))


def _steers(part: Section, is_there: Callable[[str], bool]) -> bool:
    return any(steers(path, is_there) for path in (part.before, part.after) if path)


def _run(patch: str, fork: Sandbox, spec: EnvironmentSpec, hidden: HiddenTests, timeout: float) -> Grade:
    applied = fork.run(["git", "apply", "--whitespace=nowarn", "-"], stdin=patch.encode("utf-8", "surrogateescape"))
    if applied.exit_code != 0:
        return Grade(outcome="unresolved", reason=f"the patch does not apply: {' '.join(applied.text.split())[:300]}")
    for path, content in hidden.files.items():
        fork.write(path, content)
    suite = run_suite(fork, spec, timeout=timeout)
    if suite.problem is not None:
        return Grade(outcome="unresolved", reason=suite.problem, seconds=suite.seconds)
    wanted = (*hidden.fail_to_pass, *hidden.pass_to_pass)
    failing = [test for test in wanted if suite.outcome(test) != Outcome.PASS]
    if not failing:
        return Grade(outcome="resolved", seconds=suite.seconds)
    fixed = sum(suite.outcome(test) == Outcome.PASS for test in hidden.fail_to_pass)
    broken = sum(suite.outcome(test) != Outcome.PASS for test in hidden.pass_to_pass)
    reason = f"{fixed} of {len(hidden.fail_to_pass)} failing tests pass; {broken} of {len(hidden.pass_to_pass)} break"
    return Grade(outcome="unresolved", reason=reason, failing=tuple(failing[:SHOWN]), seconds=suite.seconds)
