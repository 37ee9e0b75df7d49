"""mini-swe-agent at one task: its process thinks, its commands run in a fork of the same base that Runoff works in."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from agent.patch import PatchError, normalise
from environments.host_python import python_module
from environments.sandboxes.contract import Result, SandboxError
from environments.task import Task
from environments.workbench.forks.live_fork import LiveFork
from environments.workbench.workbench import Workbench
from swebench_runs.bench.sandboxes.mini_environment import mini_python
from swebench_runs.errors import EnvironmentMissing

_IMPORTED_FROM = Path(__file__).resolve().parents[3]
_VARIABLES = {
    "MSWEA_SILENT_STARTUP": "1",
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    "NO_PROXY": "127.0.0.1,localhost",
}
SECONDS = 60.0
"""Of one command, as its own batch has it."""


def solve(task: Task, bench: Workbench, api_base: str, *, temperature: float, seed: int) -> dict[str, Any]:
    """Have it work at a task; return how it ended, what it handed in, and its tree's change as Runoff reads it."""
    child = python_module(
        "swebench_runs.bench.embedded_agents.mini_process",
        found_in=_IMPORTED_FROM,
        python=mini_python(),
        variables=_VARIABLES,
    )
    order = {"issue": task.problem_statement, "api_base": api_base, "temperature": temperature, "seed": seed}
    fork = bench.live(None)
    try:
        with subprocess.Popen(
            child.command,
            cwd=child.folder,
            env=child.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            ended = _carried_out(process, fork, order)
        return {**ended, "patch": _change(fork, bench)}
    finally:
        fork.close()


def _carried_out(process: subprocess.Popen[str], fork: LiveFork, order: dict[str, Any]) -> dict[str, Any]:
    assert process.stdin
    assert process.stdout
    commands = 0
    line = order
    while True:
        process.stdin.write(json.dumps(line) + "\n")
        process.stdin.flush()
        asked = process.stdout.readline()
        if not asked:
            raise EnvironmentMissing("mini-swe-agent's process has ended; its words stand above")
        told: dict[str, Any] = json.loads(asked)
        if "ended" in told:
            return {**told, "commands": commands}
        commands += 1
        line = _output(fork.run(told["command"], timeout=SECONDS))


def _output(result: Result) -> dict[str, Any]:
    """Return what came of a command as its environments say it."""
    late = f"An error occurred while executing the command: timed out after {SECONDS:g} seconds"
    return {
        "output": result.output.decode("utf-8", "replace"),
        "returncode": -1 if result.timed_out else result.exit_code,
        "exception_info": late if result.timed_out else "",
    }


def _change(fork: LiveFork, bench: Workbench) -> str:
    """Return the tree's change of source files; empty where there is none that can be read."""
    try:
        return normalise(fork.diff(), bench.read)
    except (PatchError, OSError, SandboxError):
        return ""
