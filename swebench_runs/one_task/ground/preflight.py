"""The ground that a task stands on, looked at before the first model call: what is there, what is missing, what to do.

Where nothing can be imported or no test can be collected, every model call would be paid for nothing: `runoff fix`
stops then, unless the user forces it; a run over a split tells and goes on.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from environments.workbench.import_probe import Imports, distribution, probe_of, read_answer
from environments.workbench.suites.suite_run import SuiteState
from swebench_runs.errors import UsageError
from swebench_runs.one_task.work import Work
from verifiers.regression import Baseline

FILE = "ground.json"
IN_IMAGE = "install what the tests need in {dockerfile}; --force goes on all the same"
REMEDY = "say what the tests need under environment in runoff.yaml, or give --dockerfile; --force goes on all the same"
_SHOWN = 5
"""Problems of one kind that are told one by one."""


class Ground(BaseModel):
    """What was found, in lines for the user."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    tests: str
    """How many existing tests there are, pass and fail."""
    problems: tuple[str, ...] = ()
    """What is missing or left out, a line each with what to do."""
    stops: str = ""
    """Why no model should be asked, with what to do; empty: nothing speaks against it."""
    forced: bool = False
    """The user goes on all the same."""


class BadGround(UsageError):
    """No model should be asked before the user has done something."""


class NothingFails(BadGround):
    """The issue's own examples do already what the issue asks for."""


def look_at_ground(work: Work, base: Baseline, *, stop: bool = True) -> None:
    """Tell and record the ground of a task. BadGround where ``runoff fix`` should not go on and is not forced to.

    ``stop``: not where a test shows the issue already: what is bad about the ground is then only told.
    """
    config = work.config
    own = config.subset == "fix"
    files = work.bench.contents()
    imports = _imports(work, files) if own and files else Imports()
    stops = _stops(base, imports, _remedy(work.task.environment.dockerfile), anything=bool(files)) if own else ""
    problems = _problems(base, imports, config.suite_seconds)
    ground = Ground(
        tests=_tests(base),
        problems=tuple(problems if stop else [*filter(None, [stops]), *problems]),
        stops=stops if stop else "",
        forced=config.force,
    )
    work.folder.write(FILE, ground)
    for line in (ground.tests, *ground.problems):
        work.progress.note(work.task.instance_id, line)
    if ground.stops:
        if not config.force:
            raise BadGround(ground.stops)
        work.progress.note(work.task.instance_id, f"goes on, as --force says, though {ground.stops}")


def _imports(work: Work, files: dict[str, bytes]) -> Imports:
    probe = probe_of(files, work.task.environment.python_path)
    return read_answer(work.bench.run(probe.script()).output, probe)


def _tests(base: Baseline) -> str:
    known = len(base.passing) + len(base.failing) + len(base.flaky)
    if base.state is SuiteState.NO_TESTS or (not known and base.state is SuiteState.RAN):
        return "existing tests: none found, so that nothing shows what a patch breaks"
    if base.state is SuiteState.NOT_RUN:
        return f"existing tests: none run: {base.problem}"
    flaky = f", {len(base.flaky)} now and then" if base.flaky else ""
    return f"existing tests: {known} collected, {len(base.passing)} pass, {len(base.failing)} do not{flaky}"


def _problems(base: Baseline, imports: Imports, seconds: float) -> list[str]:
    lines = [
        f"the module {name!r} is imported by {path} and not installed: add {distribution(name)!r} to "
        "environment.packages in runoff.yaml"
        for name, path in list(imports.missing.items())[:_SHOWN]
    ]
    if len(imports.missing) > _SHOWN:
        lines.append(f"{len(imports.missing) - _SHOWN} more modules are not installed: {_some(imports.missing)}")
    lines += [f"{name!r} cannot be imported: {why}" for name, why in list(imports.broken.items())[:_SHOWN]]
    lines += [f"left out of the existing tests: {name}: {why}" for name, why in list(base.left_out.items())[:_SHOWN]]
    if len(base.left_out) > _SHOWN:
        lines.append(f"{len(base.left_out) - _SHOWN} more test files are left out")
    if base.state is SuiteState.TIMED_OUT:
        lines.append(
            f"the existing tests take longer than {seconds:.0f} s: those that ended in time, and those near the issue, "
            "are run from now on (-c suite_timeout=600 gives them more)"
        )
    elif base.state is SuiteState.CRASHED:
        lines.append(f"the existing tests do not run to their end: {base.problem}")
    return [*lines, *base.remarks]


def _remedy(dockerfile: str) -> str:
    return IN_IMAGE.format(dockerfile=dockerfile) if dockerfile else REMEDY


def _stops(base: Baseline, imports: Imports, remedy: str = REMEDY, *, anything: bool) -> str:
    if not anything:
        return f"there is no Python file in the tree: give the folder of a Python project ({remedy})"
    missing = f"; not installed: {_some(imports.missing)}" if imports.missing else ""
    if imports.broken and not imports.whole:
        name, why = next(iter(imports.broken.items()))
        return f"no package of the tree can be imported ({name}: {why}{missing}): {remedy}"
    if not base.passing and base.state in (SuiteState.NOT_COLLECTED, SuiteState.CRASHED):
        why = next((f"{path}: {reason}" for path, reason in base.left_out.items()), base.problem or "it crashes")
        return f"no existing test can run ({why.rstrip('.')}{missing}): {remedy}"
    return ""


def _some(names: dict[str, str]) -> str:
    return ", ".join(map(distribution, list(names)[:10]))
