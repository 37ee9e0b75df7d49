"""A sandbox whose commands are traced: whatever Python they start tells what it executes of the tree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Self

from agent.context.traces.record import MOST_BYTES
from environments.sandboxes.contract import WORKTREE, Result, Sandbox, SandboxError
from environments.sandboxes.wrapped import WrappedSandbox

FOLDER = "/tmp/runoff/trace"
"""Where the tracer lies inside the sandbox, and writes."""

_SCRIPTS = ("sitecustomize", "runoff_trace", "runoff_settrace", "runoff_monitoring", "runoff_values")
_LAY = f"""
mkdir -p {FOLDER} && cd {FOLDER} && rm -f out.* || exit 1
while [ $# -gt 0 ]; do printf '%s' "$2" > "$1.py" || exit 1; shift 2; done
"""
_RUN = f'PYTHONPATH="{FOLDER}${{PYTHONPATH:+:$PYTHONPATH}}" exec "$@"'
_COLLECT = f"""
cd {FOLDER} && cat -- $(ls | grep -xE 'out[.][0-9]+' | sort -t. -k2n | head -n 200) < /dev/null \
| head -c {MOST_BYTES} > /tmp/runoff/trace.record
"""
_SECONDS = 30.0


class TracedSandbox(WrappedSandbox):
    """The ``Sandbox`` protocol over another one, with a tracer for what ``run`` starts; ``close`` is its owner's."""

    def __init__(self, sandbox: Sandbox, *, tests: Sequence[str], seconds: float, parts: bool = False) -> None:
        """Lay the tracer into the sandbox.

        ``tests``: absolute paths inside of the test's own files. ``seconds``: after which a process is traced no more.
        ``parts``: each test function of these files gets a part of the record, where pytest does not see to that.
        """
        super().__init__(sandbox)
        self._tracing = {"RUNOFF_TRACE_TESTS": "\n".join(tests), "RUNOFF_TRACE_SECONDS": f"{seconds:.2f}"}
        if parts:
            self._tracing["RUNOFF_TRACE_PARTS"] = "1"
        self.last: Result | None = None
        """What the last command did."""
        words = [word for name in _SCRIPTS for word in (name, _text(name))]
        result = sandbox.run(["/bin/sh", "-c", _LAY, "sh", *words], cwd="/")
        if result.exit_code != 0:
            raise SandboxError(f"the tracer cannot be put into the sandbox: {result.text.strip()[-300:]}")

    def record(self) -> bytes:
        """Return what the tracer has written, as much of it as is read; empty where it wrote nothing."""
        self._sandbox.run(["/bin/sh", "-c", _COLLECT], cwd="/", timeout=_SECONDS)
        try:
            return self._sandbox.read("/tmp/runoff/trace.record")[:MOST_BYTES]
        except FileNotFoundError:
            return b""

    def run(
        self,
        command: str | Sequence[str],
        *,
        timeout: float = 60.0,
        cwd: str = WORKTREE,
        stdin: bytes | None = None,
        env: Mapping[str, str] | None = None,
    ) -> Result:
        """Run a command with the tracer; see ``Sandbox.run``."""
        self.last = super().run(command, timeout=timeout, cwd=cwd, stdin=stdin, env=env)
        return self.last

    def _words(self, command: str | Sequence[str]) -> Sequence[str]:
        words = ["bash", "-c", command] if isinstance(command, str) else list(command)
        return ["/bin/sh", "-c", _RUN, "sh", *words]

    def _variables(self, env: Mapping[str, str] | None) -> Mapping[str, str]:
        return {**(env or {}), **self._tracing}

    def fork(self) -> Self:
        """Refuse: what is traced is one sandbox's commands."""
        raise SandboxError("a traced sandbox cannot be forked: fork the sandbox that it was made of")

    def close(self) -> None:
        """Do nothing: the sandbox is its owner's to close."""


def _text(name: str) -> str:
    return (files("agent.context.traces.inside") / f"{name}.py").read_text(encoding="utf-8")
