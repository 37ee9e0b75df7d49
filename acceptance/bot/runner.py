"""A stand-in of GitHub's runner: a job's steps of the composite action, in a plain container, as an ordinary user.

The container's network has this machine's address in it and leads nowhere else. ``uses`` steps are GitHub's own: here a
Python on the PATH and a folder that is copied.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from acceptance.record import ROOT

IMAGE = "runoff/action-runner:1"
_DOCKERFILE = """FROM runoff/test-base:1
RUN apt-get update -q && apt-get install -y -q --no-install-recommends python3-venv libgomp1 procps \\
    && ln -s python3 /usr/bin/python
"""
_USER = "1001"
"""As on GitHub's machines."""
_AUTHORITIES = Path("/etc/ssl/certs/ca-certificates.crt")
_SANDBOXES = ("seccomp=unconfined", "systempaths=unconfined")
"""What ``runoff doctor`` asks for where it finds itself in a container."""
_INPUT = re.compile(r"\$\{\{ inputs\.([\w-]+) \}\}")
_CONDITION = re.compile(r"inputs\.phase == '(\w+)'")


@dataclass(frozen=True)
class Runner:
    """A runner's folders, which the container sees by the same names."""

    folder: Path
    action: Path
    """Where the action lies, as the runner has fetched it."""
    container: str
    index: str
    """The address of the proxy to the package index."""

    @property
    def jobs(self) -> list[Path]:
        """Return the folders that jobs have written to."""
        return [path for path in self.folder.iterdir() if path.is_dir() and path.name not in ("_actions", "cache")]

    def temp(self, phase: str) -> Path:
        """Return a job's RUNNER_TEMP."""
        return self.folder / phase / "temp"

    def job(self, phase: str, inputs: Mapping[str, str], given: Mapping[str, str]) -> tuple[int, str]:
        """Run all of the action's steps that a phase has, in order; the exit code and output of the last that ran."""
        code, said = 0, ""
        for step in self._steps():
            wanted = _CONDITION.fullmatch(step["if"]) if "if" in step else None
            if "if" in step and wanted is None:
                raise ValueError(f"the stand-in of a runner does not know the condition {step['if']}")
            if wanted and wanted[1] != phase:
                continue
            if "uses" in step:
                self._artifact(phase, step["uses"])
            else:
                code, said = self.step(phase, step["name"], inputs, given)
            if code:
                break
        return code, said

    def step(self, phase: str, name: str, inputs: Mapping[str, str], given: Mapping[str, str]) -> tuple[int, str]:
        """Run one of the action's own steps as the runner's bash does; its exit code and its output."""
        step = next(one for one in self._steps() if one.get("name") == name)
        home = self.folder / phase / "home"
        for made in (self.folder / phase, home, self.temp(phase)):
            made.mkdir(exist_ok=True)
            made.chmod(0o777)
        environment = {
            **{"HOME": str(home), "LANG": "C.UTF-8", "CI": "true", "GITHUB_ACTIONS": "true", "RUNNER_OS": "Linux"},
            **{"GITHUB_ACTION_PATH": str(self.action), "RUNNER_TEMP": str(self.temp(phase))},
            **{"GITHUB_OUTPUT": str(self.folder / phase / "output")},
            # As a runner behind a proxy has them.
            **{"HTTPS_PROXY": self.index, "PIP_CACHE_DIR": str(self.folder / "cache"), "PIP_CERT": str(_AUTHORITIES)},
            **given,
            **{name: self._said(value, {"phase": phase, **inputs}) for name, value in step["env"].items()},
        }
        flags = [flag for pair in environment.items() for flag in ("-e", "=".join(pair))]
        bash = ("bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", step["run"])
        code, said = self.command(*bash, flags=("-w", str(home), *flags))
        print(f"--- {phase}: {name}: {code}\n{said[-3000:]}", flush=True)
        return code, said

    def command(self, *command: str, flags: tuple[str, ...] = ()) -> tuple[int, str]:
        """Run a command in the container; its exit code and its output."""
        done = subprocess.run(
            ["docker", "exec", "-u", _USER, *flags, self.container, *command],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout

    def output(self, phase: str) -> dict[str, str]:
        """Return what a job handed to the next ones."""
        lines = (self.folder / phase / "output").read_text().splitlines()
        return dict(line.split("=", 1) for line in lines)

    def _steps(self) -> list[dict[str, Any]]:
        steps: list[dict[str, Any]] = yaml.safe_load((self.action / "action.yml").read_text())["runs"]["steps"]
        return steps

    def _artifact(self, phase: str, uses: str) -> None:
        """Do what GitHub's own actions do with the one artifact."""
        kept, here = self.folder / "artifact", self.temp(phase) / "runoff-artifact"
        if uses.startswith("actions/upload-artifact@"):
            shutil.copytree(here, kept)
        elif uses.startswith("actions/download-artifact@"):
            shutil.copytree(kept, here)
        elif not uses.startswith(("actions/setup-python@", "actions/cache@")):
            raise ValueError(f"the stand-in of a runner does not know {uses}")

    def _said(self, value: str, inputs: Mapping[str, str]) -> str:
        """Return a value of a step's environment as the runner works it out."""
        said = _INPUT.sub(lambda found: inputs.get(found[1], ""), value).replace(
            "${{ github.action_path }}", str(self.action)
        )
        if "${{" in said:
            raise ValueError(f"the stand-in of a runner does not know {said}")
        return said


@contextmanager
def network(name: str) -> Iterator[str]:
    """Make a network that leads to this machine alone, and yield this machine's address in it."""
    _docker("network", "create", "--internal", name)
    try:
        yield _docker("network", "inspect", name, "--format", "{{(index .IPAM.Config 0).Gateway}}")
    finally:
        _docker("network", "rm", name)


@contextmanager
def container(name: str, folder: Path) -> Iterator[str]:
    """Run a container on the network of that name, which sees a folder of this machine, until the block ends."""
    subprocess.run(["docker", "build", "-q", "-t", IMAGE, "-"], input=_DOCKERFILE.encode(), check=True)
    security = [flag for option in _SANDBOXES for flag in ("--security-opt", option)]
    seen = [flag for path in (f"{folder}:{folder}", f"{_AUTHORITIES}:{_AUTHORITIES}:ro") for flag in ("-v", path)]
    _docker("run", "-d", "--init", "--name", name, "--network", name, *security, *seen, IMAGE, "sleep", "infinity")
    try:
        yield name
    finally:
        _docker("rm", "-f", name)


def fetched(folder: Path) -> tuple[Path, str]:
    """Lay the last commit here as a runner fetches an action, without its history; return its folder and the commit."""
    asked = ["git", "rev-parse", "HEAD"]
    commit = subprocess.run(asked, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
    action = folder / "_actions" / "octo" / "runoff"
    action.mkdir(parents=True)
    packed = subprocess.run(["git", "archive", commit], cwd=ROOT, stdout=subprocess.PIPE, check=True).stdout
    subprocess.run(["tar", "-x"], cwd=action, input=packed, check=True)
    if os.getuid() == 0:
        subprocess.run(["chown", "-R", _USER, str(folder)], check=True)  # pip builds where the source lies
    return action, commit


def _docker(*arguments: str) -> str:
    return subprocess.run(["docker", *arguments], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
