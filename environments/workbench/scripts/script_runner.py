"""Runs one generated test script in a sandbox and judges it by the tokens that it cannot know."""

from __future__ import annotations

import secrets
import shlex
from collections.abc import Sequence

from environments.sandboxes.contract import WORKTREE, Result, Sandbox
from environments.task import EnvironmentSpec
from environments.workbench.forks.bytecode import CACHE
from environments.workbench.outcome import FAIL_EXIT, ISSUE_PRESENT, Execution, GeneratedTest, Outcome, outcome_of
from environments.workbench.tests_at_once import TURNS

SCRIPT = "/tmp/runoff/reproduce.py"
"""Where the script lies inside the sandbox: outside the tree, under a name that shows nothing of the host."""

MAX_OUTPUT = 16_000
"""Characters kept of a run's output: head and tail, the cut named between them."""

_DRIVER = """
import os, sys

def drive(path):
    end, found, source = sys.stdin.buffer.read().split(b"\\n", 2)
    channel = os.dup(1)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(source)

    def tell(token):
        for stream in (sys.stdout, sys.stderr):
            try:
                stream.flush()
            except (AttributeError, ValueError, OSError):
                pass
        os.write(channel, b"\\n" + token + b"\\n")

    def issue_present(*why):
        if why:
            print(*why)
        tell(found)
        os._exit(2)

    sys.argv, sys.path[0] = [path], os.path.dirname(path)
    names = sys.modules["__main__"].__dict__
    names.pop("drive")
    names["__file__"], names[issue_present.__name__] = path, issue_present
    try:
        exec(compile(source, path, "exec", dont_inherit=True), names)
    except Exception as error:
        import traceback
        traceback.print_exception(type(error), error, error.__traceback__.tb_next)
        sys.exit(1)
    tell(end)

drive(sys.argv[1])
"""
# The driver, not the script's text, holds both tokens: a script that exits early, prints or reads its own file
# cannot show them. Code that searches the interpreter's frames on purpose could, for its own test only.
# Script and tokens come by stdin, since writing a file beforehand would cost a sandboxed command of its own. They go
# out by a descriptor of their own, which a script that redirects its output does not reach.


def prepare_script(sandbox: Sandbox, spec: EnvironmentSpec) -> None:
    """Say that the sandbox's next command will be ``run_script``'s, of whatever script."""
    sandbox.prepare(_command(spec), stdin=True)


def run_script(sandbox: Sandbox, test: GeneratedTest, spec: EnvironmentSpec, *, timeout: float) -> Execution:
    """Run the script on the sandbox's tree; it lies outside the tree.

    It fails by calling ``issue_present()``, which shows the run's token for that, and passes by exit code 0 after the
    driver showed the other token behind the script's last line; everything else is an error or a timeout.
    """
    end, found = secrets.token_hex(16), secrets.token_hex(16)
    stdin = f"{end}\n{found}\n{test.source}".encode("utf-8", errors="replace")
    with TURNS.turn():
        result = sandbox.run(_command(spec), timeout=timeout, stdin=stdin)
    text, found_issue = _without_token(result.text, found)
    text, reached_end = _without_token(text, end)
    outcome = outcome_of(result, test.kind, found_issue=found_issue, reached_end=reached_end)
    return Execution(
        outcome=outcome,
        exit_code=result.exit_code,
        output=shorten(text + _note(result, outcome, reached_end=reached_end)),
        seconds=result.seconds,
    )


def _command(spec: EnvironmentSpec) -> list[str]:
    return python_command(spec, "-c", _DRIVER, SCRIPT)


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


def _without_token(output: str, token: str) -> tuple[str, bool]:
    before, found, after = output.rpartition(f"\n{token}\n")
    return (before + after, True) if found else (output, False)


def _note(result: Result, outcome: Outcome, *, reached_end: bool) -> str:
    if result.killed is not None:
        return f"\n[ended by the harness: {result.killed}]"
    if result.exit_code == FAIL_EXIT and outcome == Outcome.ERROR:
        return f"\n[exit code 2 without {ISSUE_PRESENT}(): this does not count as a fail]"
    if result.exit_code == 0 and not reached_end:
        return "\n[exit code 0 before the script's last line: this does not count as a pass]"
    return ""
