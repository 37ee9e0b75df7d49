"""The environment of a checkout: read and told to the user, then made, before anything is paid for."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from environments.sandboxes.bubblewrap.host_root import find_python
from environments.task import EnvironmentSpec
from environments.text import one_line
from environments.workbench.python_env import PythonEnvironmentError, site_packages, without_lacking
from swebench_runs.checkouts.project_environment import ProjectEnvironment, read_project
from swebench_runs.checkouts.project_environment.requirement_lines import OWN_FILE
from swebench_runs.config import RunConfig
from swebench_runs.errors import EnvironmentMissing, UsageError
from swebench_runs.one_task.ground.preflight import REMEDY

_SHOWN = 12
"""Packages, and notes, that are told one by one."""


def environment_at_hand(
    root: Path, config: RunConfig, console: Console, *, by_image: bool, given: Path | None = None
) -> EnvironmentSpec:
    """Read and tell a checkout's environment, and install it unless an image will hold it; the rest as below."""
    found = told_environment(root, config, console, given=given)
    return found.spec if by_image else made_environment(found, config, console)


def told_environment(
    root: Path, config: RunConfig, console: Console, *, given: Path | None = None
) -> ProjectEnvironment:
    """Read a checkout's environment, and tell what it was taken for; nothing is made yet.

    ``given``: the folder that the user named, where it may be another one than the root. With ``config.force`` what is
    refused is told and left out. Raises UsageError, in one line, for what is malformed or refused.
    """
    found = read_project(root, given or root, config.dockerfile)
    for line in _lines(root, found):
        console.print(one_line(line), markup=False, highlight=False, soft_wrap=True)
    if found.stops and not config.force:
        raise UsageError(f"{found.stops[0]}; --force leaves it out and goes on")
    return found


def made_environment(found: ProjectEnvironment, config: RunConfig, console: Console) -> EnvironmentSpec:
    """Install a checkout's environment on this host, and return it as it is then.

    With ``config.force`` what cannot be installed is told and left out. Raises EnvironmentMissing for what cannot be
    installed, and SandboxError where its Python is not on this host, each in one line that says what to do.
    """
    find_python(found.spec.python)
    try:
        return _installed(found, console)
    except PythonEnvironmentError as error:
        if not config.force:
            raise EnvironmentMissing(f"{error} ({REMEDY})") from error
        console.print(one_line(f"goes on without packages, as --force says: {error}"), markup=False, soft_wrap=True)
        return found.spec.model_copy(update={"packages": ("pytest>=7",)})


def _installed(found: ProjectEnvironment, console: Console) -> EnvironmentSpec:
    """Install what has wheels; the rest is told: whether it is missed is seen before a model is asked.

    Raises PythonEnvironmentError for all else, and for what runoff.yaml lists: somebody wrote that for Runoff.
    """
    spec = found.spec
    while True:
        try:
            site_packages(spec)
            return spec
        except PythonEnvironmentError as error:
            less = without_lacking(spec, error)
            without = sorted(set(spec.packages) - set(less.packages))
            if error.lacking == "pytest" or OWN_FILE in found.sources:
                raise
            said = f"left out: {', '.join(without)}: the index has no wheel of it, or of what it needs, for this Python"
            console.print(one_line(f"{said} ({REMEDY})"), markup=False, highlight=False, soft_wrap=True)
            spec = less


def _lines(root: Path, found: ProjectEnvironment) -> list[str]:
    spec = found.spec
    named = ", ".join(spec.packages[:_SHOWN])
    more = f" and {len(spec.packages) - _SHOWN} more" if len(spec.packages) > _SHOWN else ""
    source = f"from {', '.join(found.sources)}" if found.sources else "no file declares any"
    made = f"built by {spec.dockerfile}" if spec.dockerfile else f"Python {spec.python} with {named}{more} ({source})"
    left_out = [f"left out: {line}" for line in found.refused[:_SHOWN]]
    return [f"project: {root}", f"environment: {made}", *left_out, *(f"note: {n}" for n in found.notes[:_SHOWN])]
