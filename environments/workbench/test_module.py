"""Runs a test in the repository's own framework, and weighs its cases against those of the base.

A generated file is put into a fork of the tree, where the repository's fixtures and settings reach it; a test that the
tree holds already is run by its id. What its cases did is the word of a process that watches over the run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

from environments.sandboxes.contract import WORKTREE, Sandbox
from environments.task import EnvironmentSpec
from environments.workbench.outcome import Execution, GeneratedTest, Outcome, TestKind
from environments.workbench.scripts.script_runner import shorten
from environments.workbench.suites.junit import ReportError, parse_junit
from environments.workbench.suites.pytest_suite import set_aside
from environments.workbench.suites.suite_runner import run_suite
from environments.workbench.suites.supervised import Told, run_supervised
from environments.workbench.test_facts import framework_of

IN_TREE: frozenset[TestKind] = frozenset({"module", "existing"})
"""Kinds of tests that are run where they stand in the tree, an outcome a case."""
MOST_CASES = 500
_TO_THE_END = (0, 1)
"""pytest's exit codes where every case that it collected has run."""
_NO_TESTS = 5
_PYTEST = (
    *("-q", "--tb=short", f"--rootdir={WORKTREE}", "-p", "no:cacheprovider", "-p", "no:randomly"),
    *("-o", "addopts=", "-o", "junit_logging=no", "-o", "junit_family=xunit2"),
)


def run_module(sandbox: Sandbox, test: GeneratedTest, spec: EnvironmentSpec, *, timeout: float) -> Execution:
    """Run a test of a kind ``IN_TREE`` on the sandbox's tree; what comes of it says nothing yet of the base.

    It fails if a case fails, passes if all that ran passed, and everything else is an error or a timeout.
    """
    file = test.path.partition("::")[0]
    generated = test.kind == "module"
    if generated:
        sandbox.write(f"{WORKTREE}/{file}", test.source.encode("utf-8", errors="replace"))
    if framework_of(spec) != "pytest":
        return _by_own_runner(sandbox, file, spec, timeout)
    words = (*spec.test_args, *_doctest(test.path), test.path)
    own = file if generated else ""
    told = _pytest(sandbox, spec, words, timeout)
    if told.result.exit_code == _NO_TESTS and test.path == file and file.endswith(".py"):  # its tests may be doctests
        words = ("--doctest-modules", *words)
        told = _pytest(sandbox, spec, words, timeout)
    problem, cases = _read(told, file, own=own)
    if problem and not cases and (options := set_aside(told.result.text)):  # a setting may end it with any exit code
        told = _pytest(sandbox, spec, (*options, *words), timeout)
        problem, cases = _read(told, file, own=own)
    result = told.result
    return _execution(cases, problem, result.exit_code, result.text, result.seconds, timed_out=result.timed_out)


def _pytest(sandbox: Sandbox, spec: EnvironmentSpec, words: Sequence[str], timeout: float) -> Told:
    return run_supervised(sandbox, spec, [*_PYTEST, *words], timeout=timeout, variables=_plugins(spec))


def _doctest(path: str) -> list[str]:
    """Return what pytest needs to collect a doctest: one of a module is named after it, one of a text by its file."""
    file, _, name = path.partition("::")
    if not file.endswith(".py"):
        return [f"--doctest-glob={PurePosixPath(file).name}"]
    module = file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    dotted = name.partition("::")[0]
    named_after = any(module == start or module.endswith(f".{start}") for start in _starts(dotted))
    return ["--doctest-modules"] if named_after else []


def _starts(dotted: str) -> list[str]:
    parts = dotted.split(".")
    return [".".join(parts[:end]) for end in range(1, len(parts) + 1)]


def weighed(run: Execution, base: Execution) -> Execution:
    """Return a run on a patched tree, judged by the base's: what failed there passes, and nothing else breaks.

    A case that errs on the base says nothing of any patch.
    """
    on_base, here = dict(base.cases), dict(run.cases)
    failed = [name for name, outcome in on_base.items() if outcome == Outcome.FAIL]
    if not failed or run.outcome == Outcome.TIMEOUT or not here:
        return run
    kept = [name for name, outcome in on_base.items() if outcome == Outcome.PASS]
    seen = [here.get(name, Outcome.MISSING) for name in failed + kept]
    if all(outcome == Outcome.PASS for outcome in seen):
        return run.model_copy(update={"outcome": Outcome.PASS})
    worst = Outcome.FAIL if Outcome.FAIL in seen else Outcome.ERROR
    return run.model_copy(update={"outcome": worst})


def _plugins(spec: EnvironmentSpec) -> str:
    """Load installed plugins only where the environment is known to want them, as its suite does."""
    pinned = any(package.lower().startswith("pytest-") for package in spec.packages)
    return "" if spec.dockerfile or spec.test_command or pinned else "PYTEST_DISABLE_PLUGIN_AUTOLOAD=1"


def _read(told: Told, path: str, *, own: str) -> tuple[str, dict[str, Outcome]]:
    """Return why there are no cases to go by, if there are none, and the cases; ``own``: see ``parse_junit``."""
    result = told.result
    if result.timed_out or result.killed is not None:
        return "" if result.timed_out else f"ended by the harness: {result.killed}", {}
    if told.problem:
        return told.problem, {}
    if not told.ended or result.exit_code not in _TO_THE_END:
        return f"the test runner ended with exit code {result.exit_code} before its end", {}
    try:
        return "", parse_junit(told.report, [path], own=own)
    except ReportError as error:
        return str(error), {}


def _by_own_runner(sandbox: Sandbox, file: str, spec: EnvironmentSpec, timeout: float) -> Execution:
    run = run_suite(sandbox, spec.model_copy(update={"test_paths": (file,)}), timeout=timeout)
    timed_out = run.state == "timed_out"
    return _execution(run.outcomes, run.problem or "", run.exit_code, run.output, run.seconds, timed_out=timed_out)


def _execution(
    cases: Mapping[str, Outcome], problem: str, exit_code: int, output: str, seconds: float, *, timed_out: bool
) -> Execution:
    if len(cases) > MOST_CASES:
        problem, cases = f"more than {MOST_CASES} cases", {}
    ran = {outcome for outcome in cases.values() if outcome != Outcome.MISSING}
    outcome = Outcome.ERROR
    if timed_out:
        outcome = Outcome.TIMEOUT
    elif Outcome.FAIL in ran:
        outcome = Outcome.FAIL
    elif ran == {Outcome.PASS}:
        outcome = Outcome.PASS
    elif not problem:
        problem = "a case errs" if ran else "no case ran"
    note = f"\n[{problem}]" if problem else ""
    return Execution(
        outcome=outcome,
        exit_code=exit_code,
        output=shorten(output + note),
        seconds=seconds,
        cases=tuple(sorted(cases.items())),
    )
