"""One run of a test: a fork of the base or of a patched tree, and the test in it. Nothing is put on record here."""

from __future__ import annotations

from environments.task import EnvironmentSpec
from environments.workbench.contraries import AS_IT_IS, Look, lay, said
from environments.workbench.forks.patched_trees import DoesNotApply, PatchedTrees
from environments.workbench.outcome import Execution, GeneratedTest, Outcome
from environments.workbench.scripts.script_runner import run_script
from environments.workbench.scripts.standby import StandBy
from environments.workbench.suites.suite_run import SuiteRun, SuiteState
from environments.workbench.suites.suite_runner import run_suite
from environments.workbench.test_module import run_module

_NOT_APPLIED = "The patch does not apply to the base commit:\n"


class OneRun:
    """How each kind of test is run. A patch that does not apply is an outcome; a sandbox that fails raises."""

    def __init__(self, trees: PatchedTrees, standby: StandBy, environment: EnvironmentSpec) -> None:
        """``standby``: forks in which a script's child waits already."""
        self._trees = trees
        self._standby = standby
        self._environment = environment

    def script(self, test: GeneratedTest, patch: str | None, seconds: float) -> Execution:
        """Run a generated script on the base (no patch) or on a patched tree."""
        try:
            with self._standby.fork(patch) as fork:
                return run_script(fork, test, self._environment, timeout=seconds)
        except DoesNotApply as error:
            return _not_applied(error)

    def module(self, test: GeneratedTest, patch: str | None, seconds: float) -> Execution:
        """Run a generated test file of the repository's own framework."""
        try:
            with self._trees.fork(patch) as fork:
                return run_module(fork, test, self._environment, timeout=seconds)
        except DoesNotApply as error:
            return _not_applied(error)

    def suite(self, patch: str | None, paths: tuple[str, ...], seconds: float, look: Look = AS_IT_IS) -> SuiteRun:
        """Run existing test files; ``look``: what stands there in place of the tree's own, and what is not told."""
        try:
            with self._trees.fork(patch) as fork:
                lay(fork, look)
                environment = self._environment.model_copy(update={"test_paths": paths})
                run = run_suite(fork, environment, timeout=seconds)
                return run.model_copy(update={"answers": said(fork, look.answers)}) if look.answers.expected else run
        except DoesNotApply as error:
            problem = f"{_NOT_APPLIED}{error}"
            return SuiteRun(outcomes={}, problem=problem, exit_code=1, output="", seconds=0.0, state=SuiteState.NOT_RUN)


def _not_applied(error: DoesNotApply) -> Execution:
    return Execution(outcome=Outcome.ERROR, exit_code=1, output=f"{_NOT_APPLIED}{error}", seconds=0.0)
