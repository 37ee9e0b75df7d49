"""Runs test files in a fork and returns which calls of some functions they made, and what came of each."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import NamedTuple, Self

from environments.sandboxes.contract import WORKTREE, Sandbox, SandboxError
from environments.sandboxes.wrapped import WrappedSandbox
from environments.task import EnvironmentSpec
from environments.workbench.suites.suite_run import SuiteState
from environments.workbench.suites.suite_runner import run_suite

MOST_BYTES = 4 << 20
"""What is read of a record: it is written beside the code under test, which may write there, too."""
_FOLDER = "/tmp/runoff/calls"
_SCRIPTS = ("sitecustomize", "runoff_calls")
_RUN = f'PYTHONPATH="{_FOLDER}${{PYTHONPATH:+:$PYTHONPATH}}" exec "$@"'
_COLLECT = (
    f"cd {_FOLDER} && cat -- $(ls | grep -xE 'out[.][0-9]+' | head -n 200) < /dev/null | head -c {MOST_BYTES} > all"
)
_LINE = re.compile(r"^([^\t\n]+)\t([^\t\n]+)\t([0-9a-f]{12})\t([0-9a-f]{12})$", re.MULTILINE)


class Calls(NamedTuple):
    """What one run of some tests called."""

    outcomes: Mapping[tuple[str, str], str]
    """(Function as ``path:name``, hash of its arguments) -> hash of all that came of such calls."""
    seconds: float


def record_calls(
    sandbox: Sandbox,
    spec: EnvironmentSpec,
    paths: Sequence[str],
    functions: Mapping[str, Sequence[str]],
    *,
    seconds: float,
) -> Calls | None:
    """Run test files under the recorder; None where they did not come to their end in time.

    ``sandbox``: a fork of the tree, for this alone. ``functions``: path -> names, as ``changed_functions`` tells them.
    """
    recorded = _RecordedSandbox(sandbox, functions)
    run = run_suite(recorded, spec.model_copy(update={"test_paths": tuple(paths)}), timeout=seconds)
    if run.state is not SuiteState.RAN:
        return None
    sandbox.run(["/bin/sh", "-c", _COLLECT], cwd="/")
    try:
        text = sandbox.read(f"{_FOLDER}/all")[:MOST_BYTES].decode("ascii", "replace")
    except FileNotFoundError:
        text = ""
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for path, name, arguments, outcome in _LINE.findall(text):
        found[f"{path}:{name}", arguments].add(outcome)
    return Calls({call: _together(outcomes) for call, outcomes in found.items()}, run.seconds)


def _together(outcomes: set[str]) -> str:
    return hashlib.sha256(" ".join(sorted(outcomes)).encode()).hexdigest()[:12]


class _RecordedSandbox(WrappedSandbox):
    """The ``Sandbox`` protocol over another one, with a recorder in whatever Python ``run`` starts."""

    def __init__(self, sandbox: Sandbox, functions: Mapping[str, Sequence[str]]) -> None:
        super().__init__(sandbox)
        for name in _SCRIPTS:
            sandbox.write(f"{_FOLDER}/{name}.py", (files("verifiers.calls.inside") / f"{name}.py").read_bytes())
        lines = [WORKTREE, *("\t".join([path, *names]) for path, names in functions.items())]
        sandbox.write(f"{_FOLDER}/wanted.txt", "\n".join(lines).encode("utf-8", "surrogateescape"))

    def _words(self, command: str | Sequence[str]) -> Sequence[str]:
        words = ["bash", "-c", command] if isinstance(command, str) else list(command)
        return ["/bin/sh", "-c", _RUN, "sh", *words]

    def fork(self) -> Self:
        """Refuse: what is recorded is one sandbox's commands."""
        raise SandboxError("a recorded sandbox cannot be forked: fork the sandbox that it was made of")

    def close(self) -> None:
        """Do nothing: the sandbox is its owner's to close."""
