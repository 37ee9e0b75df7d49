"""The composite action as a runner runs it: its own steps in clean folders, with GitHub's variables and nothing else.

Installing reaches the package registry; then the phases run in a network namespace that has loopback alone, where the
stand-in and the scripted model are. ``uses`` steps are GitHub's own: here a Python on PATH and a copied folder.
"""

from __future__ import annotations

import ctypes
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from acceptance.bot.ground import CONFIG, REPOSITORY, Ground, ground
from acceptance.record import ROOT, Record, recording

_KEY = "sk-test-0123456789abcdef0123"
_SETTINGS = CONFIG.replace("model: openai/scripted\n", "")
"""The model is the workflow's: its inputs are what is tried."""
_NEW_NETWORK = 0x40000000
"""CLONE_NEWNET; os.unshare came with Python 3.12."""
_INPUT = re.compile(r"\$\{\{ inputs\.([\w-]+) \}\}")


@dataclass(frozen=True)
class Runner:
    """A runner's folders and the variables of its jobs."""

    folder: Path
    action: Path
    """Where the action lies, as the runner has fetched it."""

    def temp(self, phase: str) -> Path:
        """Return a job's RUNNER_TEMP."""
        return self.folder / phase / "temp"

    def step(self, phase: str, name: str, inputs: Mapping[str, str], given: Mapping[str, str]) -> tuple[int, str]:
        """Run one of the action's own steps as the runner's bash does; its exit code and its output."""
        steps = yaml.safe_load((self.action / "action.yml").read_text())["runs"]["steps"]
        step = next(one for one in steps if one.get("name") == name)
        home = self.folder / phase / "home"
        for made in (home, self.temp(phase)):
            made.mkdir(parents=True, exist_ok=True)
        environment = {
            **{"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin", "HOME": str(home), "LANG": "C.UTF-8"},
            **{"CI": "true", "GITHUB_ACTIONS": "true", "RUNNER_OS": "Linux", "GITHUB_ACTION_PATH": str(self.action)},
            **{"RUNNER_TEMP": str(self.temp(phase)), "GITHUB_OUTPUT": str(self.folder / phase / "output")},
            **given,
            **{name: self._said(value, {"phase": phase, **inputs}) for name, value in step["env"].items()},
        }
        command = ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", step["run"]]
        done = subprocess.run(
            command, cwd=home, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
        )
        print(f"--- {phase}: {name}: {done.returncode}\n{done.stdout[-3000:]}", flush=True)
        return done.returncode, done.stdout

    def output(self, phase: str) -> dict[str, str]:
        """Return what a job handed to the next ones."""
        lines = (self.folder / phase / "output").read_text().splitlines()
        return dict(line.split("=", 1) for line in lines)

    def _said(self, value: str, inputs: Mapping[str, str]) -> str:
        """Return a value of a step's environment as the runner works it out."""
        said = _INPUT.sub(lambda found: inputs.get(found[1], ""), value).replace(
            "${{ github.action_path }}", str(self.action)
        )
        if "${{" in said:
            raise ValueError(f"the stand-in of a runner does not know {said}")
        return said


def fetched(folder: Path) -> Path:
    """Lay the last commit of this checkout as a runner fetches an action: without its history."""
    action = folder / "_actions" / "octo" / "runoff"
    action.mkdir(parents=True)
    packed = subprocess.run(["git", "archive", "HEAD"], cwd=ROOT, stdout=subprocess.PIPE, check=True).stdout
    subprocess.run(["tar", "-x"], cwd=action, input=packed, check=True)
    return action


def offline() -> None:
    """Leave the network for a namespace that has loopback alone: this process and all that it starts. Needs root."""
    if ctypes.CDLL(None, use_errno=True).unshare(_NEW_NETWORK):
        raise OSError(ctypes.get_errno(), "a network namespace of its own: run this as root")
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)


def measure(record: Record, at: Ground, runner: Runner) -> None:
    """Fill the record: one label, three jobs."""
    state, number = at.github.state, at.issue()
    headers, body = at.labelled(number)
    event = runner.folder / "event.json"
    event.write_bytes(body)
    me = "github-actions[bot]"
    tokens = {
        "start": state.token(me, contents="read", issues="write", pull_requests="read"),
        "solve": state.token(me, contents="read", issues="read"),
        "publish": state.token(me, contents="write", issues="write", pull_requests="write"),
    }
    given = {
        **{name: at.environment[name] for name in ("GITHUB_API_URL", "GITHUB_SERVER_URL", "OPENAI_API_BASE")},
        **{"GITHUB_EVENT_PATH": str(event), "GITHUB_EVENT_NAME": headers["X-GitHub-Event"]},
        **{"GITHUB_REPOSITORY": REPOSITORY, "GITHUB_RUN_ID": "4711"},
    }
    name = "Run the phase"
    code, said = runner.step("start", name, {"token": tokens["start"]}, given)
    begun = runner.output("start")
    record.check("start says that it begins", code == 0 and begun.get("go") == "yes", begun or said)
    model = {"model": "openai/scripted", "model-key-name": "OPENAI_API_KEY", "model-key": _KEY}
    inputs = {"token": tokens["solve"], "budget": begun.get("budget", "0"), **model}
    code, said = runner.step("solve", name, inputs, given)
    made = runner.temp("solve") / "runoff-artifact"
    names = sorted(path.name for path in made.iterdir()) if made.is_dir() else []
    record.check("solve leaves one artifact", code == 0 and "artifact.json" in names, names or said[-300:])
    kept = [runner.temp("solve") / "runoff-records", made]
    found = [path.name for folder in kept for path in _files_with([_KEY, *tokens.values()], folder)]
    record.check("no key and no token is in the artifact or the records", not found, found or "none")
    shutil.copytree(made, runner.temp("publish") / "runoff-artifact")
    code, said = runner.step("publish", name, {"token": tokens["publish"]}, given)
    record.check(
        "publish opens one draft", code == 0 and [one.pull.draft for one in state.pulls] == [True], said[-200:]
    )
    comments = [one.body for one in state.issues[number].comments]
    record.check("one comment on the issue", len(comments) == 1 and "draft" in comments[0], comments[0][:120])
    bad = {**inputs, "model-key-name": "LD_PRELOAD"}
    code, said = runner.step("solve", name, bad, given)
    record.check("a key's name that is none is refused", code == 2 and "model-key-name must be" in said, said.strip())
    code, said = runner.step("publish", name, {"token": ""}, given)
    record.check("without a token it says what to do", code != 0 and "set GITHUB_TOKEN" in said, said.strip()[-200:])
    record.check("nothing was asked against GitHub's description", not state.violations, "none")


def _files_with(values: list[str], folder: Path) -> list[Path]:
    files = [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
    return [path for path in files if any(value.encode() in path.read_bytes() for value in values)]


def _install(record: Record, runner: Runner) -> None:
    """Run the action's installation, each phase in a job of its own, as on GitHub."""
    cache: dict[str, str] = {"PIP_CACHE_DIR": str(Path.home() / ".cache" / "pip")}
    for phase in ("start", "solve", "publish"):
        code, said = runner.step(phase, "Install Runoff", {}, cache)
        record.check(f"{phase}: installs", code == 0, said.strip()[-200:] or "no output")
        if code:
            raise SystemExit(f"the installation for {phase} failed")


def main() -> None:
    """Measure and record."""
    with (
        tempfile.TemporaryDirectory(prefix="runoff-action-") as scratch,
        recording(Record("bot-action", n=3, unit="phases")) as record,
    ):
        folder = Path(scratch)
        runner = Runner(folder, fetched(folder))
        _install(record, runner)
        offline()
        (folder / "ground").mkdir()
        with ground(folder / "ground", _SETTINGS) as at:
            measure(record, at, runner)
        record.figures["commit"] = _commit()


def _commit() -> str:
    command = ["git", "rev-parse", "--short=12", "HEAD"]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()


if __name__ == "__main__":
    main()
