"""Runs one generated test script in a sandbox and judges it by what a process beside its own says of it."""

from __future__ import annotations

import re
import secrets
import shlex
import sys
from collections.abc import Sequence

from environments.sandboxes.contract import WORKTREE, Result, Sandbox
from environments.task import EnvironmentSpec
from environments.workbench.forks.bytecode import CACHE
from environments.workbench.outcome import FAIL_EXIT, ISSUE_PRESENT, Execution, GeneratedTest, Outcome, outcome_of
from environments.workbench.scripts.judged_apart import parts_of
from environments.workbench.scripts.start import Start, start_of
from environments.workbench.tests_at_once import TURNS

SCRIPT = "/tmp/runoff/reproduce.py"
"""Where the script lies inside the sandbox: outside the tree, under a name that shows nothing of the host."""

MAX_OUTPUT = 16_000
"""Characters kept of a run's output: head and tail, the cut named between them."""

_RUNNING = f"{sys.version_info.major}.{sys.version_info.minor}"


def prepare_script(sandbox: Sandbox, spec: EnvironmentSpec) -> None:
    """Say that the sandbox's next command will be ``run_script``'s, of whatever script."""
    sandbox.prepare(_command(spec), stdin=True)


def run_script(sandbox: Sandbox, test: GeneratedTest, spec: EnvironmentSpec, *, timeout: float) -> Execution:
    """Run the script on the sandbox's tree; it lies outside the tree.

    It fails by calling ``issue_present()``, and passes by exit code 0 after its last line; everything else is an error
    or a timeout. What it comes to is said by a process that never imports the repository's code (``driver``): that
    process judges it too, where the script's last part looks at plain values alone (``judged_apart``).
    """
    token, parts = secrets.token_hex(16), parts_of(test.source)
    head = f"{' '.join(parts.values)}\n{parts.head}"
    asked = "\0".join([token, parts.tail, head]).encode("utf-8", errors="replace")
    stdin = _start(spec).sent + asked
    with TURNS.turn():
        result = sandbox.run(_command(spec), timeout=timeout, stdin=stdin)
    text, verdict, how = _told(result.text, token)
    found_issue, reached_end = verdict == "F", verdict == "E"
    outcome = outcome_of(result, test.kind, found_issue=found_issue, reached_end=reached_end)
    return Execution(
        outcome=outcome,
        exit_code=result.exit_code,
        output=shorten(text + _note(result, outcome, reached_end=reached_end)),
        seconds=result.seconds,
        apart=how == "apart",
    )


def _command(spec: EnvironmentSpec) -> list[str]:
    return python_command(spec, "-c", _start(spec).program, SCRIPT)


def _start(spec: EnvironmentSpec) -> Start:
    return start_of(same_python=spec.python == _RUNNING and not spec.dockerfile and not spec.test_command)


def python_command(
    spec: EnvironmentSpec, *arguments: str, variables: str = "", folders: Sequence[str] = ()
) -> list[str]:
    """Return the command that runs Python with the task's PYTHONPATH, then ``folders``, before the environment's own.

    By sh, which where it is dash starts in half of bash's time: that counts in the hundreds of cells of a vote matrix.
    """
    own = [f"{WORKTREE}/{folder}".removesuffix("/.") for folder in spec.python_path]
    path = f"PYTHONPATH={shlex.quote(':'.join([*own, *folders]))}${{PYTHONPATH:+:$PYTHONPATH}}"
    set_here = f"{path} PYTHONDONTWRITEBYTECODE=1 PYTHONPYCACHEPREFIX={CACHE} {variables}"
    return ["/bin/sh", "-c", f"{set_here} exec python {shlex.join(arguments)}"]


def shorten(text: str, limit: int = MAX_OUTPUT) -> str:
    """Keep the head and the tail of a long output."""
    if len(text) <= limit:
        return text
    half = limit // 2
    return f"{text[:half]}\n[... {len(text) - 2 * half} characters cut ...]\n{text[-half:]}"


def _told(output: str, token: str) -> tuple[str, str, str]:
    """Return the output without the driver's last line, and what that says: the verdict, and where it was made."""
    found = list(re.finditer(rf"\n{token} ([FE-]) (apart|shared)\n", output))
    if not found:
        return output, "", ""
    last = found[-1]
    return output[: last.start()] + output[last.end() :], last[1], last[2]


def _note(result: Result, outcome: Outcome, *, reached_end: bool) -> str:
    if result.killed is not None:
        return f"\n[ended by the harness: {result.killed}]"
    if result.exit_code == FAIL_EXIT and outcome == Outcome.ERROR:
        return f"\n[exit code 2 without {ISSUE_PRESENT}(): this does not count as a fail]"
    if result.exit_code == 0 and not reached_end:
        return "\n[exit code 0 before the script's last line: this does not count as a pass]"
    return ""
