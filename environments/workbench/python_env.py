"""The pinned packages of an environment in one read-only folder, made once and shared by every sandbox."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from platformdirs import user_cache_path

from environments.host_python import HostPython, host_python
from environments.sandboxes.bubblewrap.host_root import find_python
from environments.sandboxes.contract import SandboxError
from environments.task import EnvironmentSpec

INSTALL_TIMEOUT = 900.0
_NO_WHEEL = re.compile(
    r"Could not find a version that satisfies the requirement ([\w.-]+).*?(?: \(from ([\w.-]+).*?\))? \(from versions:"
)


class PythonEnvironmentError(SandboxError):
    """The packages could not be installed. One clear line that says what to do."""

    def __init__(self, message: str, lacking: str = "") -> None:
        """``lacking``: name of the package that was asked for and has no wheel, or needs one that has none."""
        super().__init__(message)
        self.lacking = canonicalize_name(lacking)


def cache_folder(cache: Path | None = None) -> Path:
    """Return the folder that holds what is made once for all runs; ``cache``: another one than the user's."""
    return cache or user_cache_path("runoff")


def site_packages(spec: EnvironmentSpec, cache: Path | None = None) -> Path:
    """Return the folder that holds the spec's packages, installing them the first time.

    Only wheels are installed, so no code of theirs runs on the host. The folder is named by a hash of the Python
    version and the requirements, appears whole or not at all, and is never written to again. A spec in which every
    requirement is pinned (``==``) is taken as complete: pip resolves nothing beside it.
    """
    return made_once(cache_folder(cache) / "site-packages" / _key(spec), lambda staged: _packages(spec, staged))


def made_once(folder: Path, fill: Callable[[Path], None]) -> Path:
    """Return a folder that appears whole or not at all; ``fill`` is given a new, empty one where there is none yet."""
    if folder.is_dir():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".making-", dir=folder.parent) as temporary:
        staged = Path(temporary) / "made"
        staged.mkdir()
        fill(staged)
        try:
            staged.rename(folder)
        except OSError:
            # Another process finished first: its folder holds the same. Any other failure shows here.
            if not folder.is_dir():
                raise
    return folder


def _packages(spec: EnvironmentSpec, staged: Path) -> None:
    if spec.packages:
        _install(spec, staged)


def without_lacking(spec: EnvironmentSpec, error: PythonEnvironmentError) -> EnvironmentSpec:
    """Return a spec without the requirement that has no wheel; the error is raised again where none of them is it."""
    kept = tuple(line for line in spec.packages if canonicalize_name(Requirement(line).name) != error.lacking)
    if len(kept) == len(spec.packages):
        raise error
    return spec.model_copy(update={"packages": kept})


def _key(spec: EnvironmentSpec) -> str:
    # Before pip worked for the interpreter itself, what was installed for another one was not whole.
    parts = json.dumps([spec.python, sorted(spec.packages), *([] if _is_running(spec) else ["its own"])])
    return f"{spec.python}-{hashlib.sha256(parts.encode()).hexdigest()[:16]}"


def _install(spec: EnvironmentSpec, target: Path) -> None:
    pip = _pip(spec, target.absolute())
    try:
        done = subprocess.run(
            pip.command,
            env=pip.environment,
            cwd=pip.folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=INSTALL_TIMEOUT,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise PythonEnvironmentError(
            f"Installing {', '.join(spec.packages)} took over {INSTALL_TIMEOUT:.0f} s: check the network and try again."
        ) from error
    if done.returncode != 0:
        raise PythonEnvironmentError(
            f"pip could not install {', '.join(spec.packages)} as wheels: {_reason(done.stderr)}. "
            "Check the versions and pip's index settings (pip config list).",
            _lacking(done.stderr),
        )
    shutil.rmtree(target / "bin", ignore_errors=True)


def _pip(spec: EnvironmentSpec, target: Path) -> HostPython:
    other = [] if _is_running(spec) else _other_python(spec.python)
    command = ["-m", "pip", *other, "install", "--quiet", "--disable-pip-version-check"]
    command += ["--target", str(target), "--only-binary", ":all:", "--no-compile"]
    if not _is_running(spec) and not other:
        command += ["--python-version", spec.python, "--implementation", "cp"]
    if all("==" in requirement for requirement in spec.packages):
        command.append("--no-deps")
    return host_python(*command, "--", *spec.packages)


def _is_running(spec: EnvironmentSpec) -> bool:
    return spec.python == f"{sys.version_info.major}.{sys.version_info.minor}"


def _other_python(version: str) -> list[str]:
    """Have pip work for an interpreter of this host, so that what holds for its version only is installed too.

    pip reads markers (``python_version < "3.11"``) by the interpreter that it works for, whatever version it is told.
    """
    try:
        return ["--python", str(find_python(version))]
    except SandboxError:
        return []


def _reason(stderr: str) -> str:
    lines = [line.strip() for line in stderr.splitlines() if line.startswith("ERROR")]
    return (lines or stderr.strip().splitlines() or ["no message"])[-1].removeprefix("ERROR: ").rstrip(".")


def _lacking(stderr: str) -> str:
    """Return which package that was asked for has no wheel; empty for another failure, and where no index answers."""
    found = _NO_WHEEL.search(stderr)
    if found is None or "Retrying" in stderr or "Could not fetch URL" in stderr:
        return ""
    return found[2] or found[1]
