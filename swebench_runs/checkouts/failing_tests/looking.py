"""Looks at the failing tests that a user gave, on the checkout as it is: each must fail there, and do so every time.

Nothing was paid for yet. What passes, cannot be collected, breaks before it checks anything, or changes its mind is
refused in one line.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from environments.sandboxes.contract import Sandbox
from environments.task import EnvironmentSpec
from environments.text import one_line
from environments.workbench.import_probe import distribution
from environments.workbench.outcome import Execution, GeneratedTest, Outcome
from environments.workbench.test_module import run_module
from swebench_runs.checkouts.failing_tests.shown_source import shown_source
from swebench_runs.config.nearest_name import nearest
from swebench_runs.errors import UsageError

_TOLD = re.compile(r"^E\s+(?!\[\s*\d+%\])(.+)$", re.MULTILINE)
"""What pytest marks as an error; not a letter of its progress."""
_REFUSED = re.compile(r"^(?:ERROR: |\w+(?:Error|Warning): )(.+)$", re.MULTILINE)
"""What pytest says where it does not start at all."""
_ABSENT = re.compile(r"No module named '?([\w.]+)")
_SUBMODULE = re.compile(r"^[ \t]*path[ \t]*=(.+)$", re.MULTILINE)
_MOST = 100_000
"""Characters of .gitmodules that are read."""
_INSTALL = "say what it needs under environment in runoff.yaml, or mend the test"


class Looked(NamedTuple):
    """A test that fails, with its two runs."""

    test: GeneratedTest
    run: Execution
    again: Execution


def look_at(names: Sequence[str], base: Sandbox, environment: EnvironmentSpec, *, seconds: float) -> list[Looked]:
    """Run each test twice on the tree; return them with what that showed.

    Args:
        names: ids, as ``named_test`` makes them.
        base: a sandbox with the checkout's tree, which stays as it is.
        environment: what the tests are run with.
        seconds: of one run.

    Raises:
        UsageError: a test does not fail there, in one line that says what it does instead.
    """
    looked = []
    for number, name in enumerate(dict.fromkeys(names)):
        asked = GeneratedTest.of("", f"given:{number}", "existing", name)
        run = _run(base, asked, environment, seconds)
        _assert_fails(name, run, seconds, base)
        again = _run(base, asked, environment, seconds)
        if again.cases != run.cases:
            raise UsageError(f"--failing-test {name} does not do the same twice on the checkout as it is: it is flaky")
        file, _, _ = name.partition("::")
        failing = [case.partition("::")[2] for case, outcome in run.cases if outcome is Outcome.FAIL]
        source = shown_source(base.read(file), failing)
        looked.append(Looked(GeneratedTest.of(source, asked.origin, "existing", name), run, again))
    return looked


def _run(base: Sandbox, test: GeneratedTest, environment: EnvironmentSpec, seconds: float) -> Execution:
    with base.fork() as fork:
        return run_module(fork, test, environment, timeout=seconds)


def _assert_fails(name: str, run: Execution, seconds: float, base: Sandbox) -> None:
    """Refuse, in one line, what is no failing test."""
    if run.outcome is Outcome.FAIL:
        return
    if run.outcome is Outcome.PASS:
        raise UsageError(f"--failing-test {name} passes on the checkout as it is: name one that fails there")
    if run.outcome is Outcome.TIMEOUT:
        raise UsageError(
            f"--failing-test {name} takes longer than {seconds:g} s: -c script_timeout={seconds * 4:g} gives it more"
        )
    raise UsageError(_why_not(name, run, base))


def _why_not(name: str, run: Execution, base: Sandbox) -> str:
    """Say why a test that neither fails nor passes is of no use."""
    file, _, inner = name.partition("::")
    told = _TOLD.findall(run.output) or _REFUSED.findall(run.output)
    why = one_line((told or run.output.strip().splitlines() or ["no reason given"])[-1], 300)
    if "(no match in any of" in run.output:
        return f"--failing-test {name}: {file} has no such test{_nearest_test(inner, file, base)}"
    if run.cases and all(outcome is Outcome.MISSING for _, outcome in run.cases):
        return f"--failing-test {name} is skipped on the checkout as it is: name one that fails there"
    remedy = _INSTALL
    if absent := _ABSENT.search(why):
        remedy = _to_get(absent[1].partition(".")[0], base)
    if not any("::" in case for case, _ in run.cases):
        return f"--failing-test {name} cannot be collected, so it shows nothing of the issue ({why}): {remedy}"
    return f"--failing-test {name} breaks before it checks anything ({why}): {remedy}"


def _to_get(module: str, base: Sandbox) -> str:
    """Say how a module is had that is not there: as a package, or as the submodule that its folder is."""
    try:
        submodules = _SUBMODULE.findall(base.read(".gitmodules").decode("utf-8", errors="replace")[:_MOST])
    except FileNotFoundError:
        submodules = []
    here = next((path for path in map(str.strip, submodules) if module in path.split("/")), None)
    if here is not None:
        return f"{one_line(here, 100)} is a submodule that is not checked out: `git submodule update --init` does it"
    return f"add {distribution(module)!r} to environment.packages in runoff.yaml, or mend the test"


def _nearest_test(inner: str, file: str, base: Sandbox) -> str:
    content = base.read(file).decode("utf-8", errors="replace")
    known = re.findall(r"^[ \t]*(?:async[ \t]+)?def[ \t]+(test\w*)", content, re.MULTILINE)
    asked = inner.rpartition("::")[2].partition("[")[0]
    if asked in known:
        return ": look at its class, or at what stands in brackets, with `pytest --collect-only`"
    return nearest(asked, dict.fromkeys(known)) if known else ""
