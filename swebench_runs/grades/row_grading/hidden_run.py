"""One run of a row's hidden tests over a patched tree, in a fork that is thrown away."""

from __future__ import annotations

import errno
import re
import secrets
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from agent.patch import PatchError
from environments.sandboxes.contract import MachineShort, Result, Sandbox, SandboxError
from environments.sandboxes.fresh_git import TRUST
from environments.specs import RunSpec
from environments.trees.apply_chain import apply_as_harness
from environments.trees.steering import tree_of
from environments.workbench.contraries import AS_IT_IS, Look, Said, said
from environments.workbench.test_logs import UnknownReaderError, is_pythons, reader
from environments.workbench.tests_at_once import TURNS
from swebench_runs.grades.row_grading.canary import Nest
from swebench_runs.grades.row_grading.changed import changed_git, changed_paths, put_back
from swebench_runs.grades.steering import steers_row
from swebench_runs.official import LogReading, read_log
from swebench_runs.official.eval_script import directives, eval_script
from swebench_runs.official.own_script import OwnScriptError, own_script, says_code
from swebench_runs.official.policy import Incident
from swebench_runs.rows import Row

_CUT = re.compile(rb"\n\[\.\.\. \d+ bytes cut \.\.\.\]\n")
"""What ``environments.sandboxes.output`` puts where it left bytes out."""
_STOPPED = {
    "timeout": Incident.TESTS_TIMED_OUT,
    "memory": Incident.TESTS_OUT_OF_MEMORY,
    "disk": Incident.TESTS_OUT_OF_DISK,
}


@dataclass(frozen=True)
class HiddenRun:
    """What one run did."""

    incident: Incident
    detail: str = ""
    log: str = ""
    reading: LogReading = field(default_factory=LogReading)
    dropped: tuple[str, ...] = ()
    seconds: float = 0.0
    script: str = ""
    said: Mapping[int, Said] = field(default_factory=dict)
    """What the assertions came to that were not told their answers, by number."""


def run_hidden_tests(
    row: Row,
    patch: str | None,
    base: Sandbox,
    spec: RunSpec,
    *,
    timeout: float,
    nests: Sequence[Nest] = (),
    look: Look = AS_IT_IS,
    strict: bool = False,
) -> HiddenRun:
    """Apply a patch as the harness does, and run the hidden tests.

    Args:
        patch: None: none at all.
        nests: test files that get more tests at their end.
        look: hidden test files that stand in place of the row's own, and what they are not told; the last runs first.
        strict: put back what the patch changes in tests and in what steers them.
    """
    try:
        with base.fork() as fork:
            run = _run(row, patch, base, fork, spec, timeout, nests, look.files, strict)
            return replace(run, said=said(fork, look.answers)) if look.answers.expected else run
    except MachineShort as error:
        return HiddenRun(Incident.HOST_DISK_FULL if error.fault == "disk" else Incident.SANDBOX_FAILED, str(error))
    except SandboxError as error:
        return HiddenRun(Incident.SANDBOX_FAILED, str(error))
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        return HiddenRun(Incident.HOST_DISK_FULL if full else Incident.SANDBOX_FAILED, str(error))


def _run(
    row: Row,
    patch: str | None,
    base: Sandbox,
    fork: Sandbox,
    spec: RunSpec,
    timeout: float,
    nests: Sequence[Nest],
    changed: Mapping[str, bytes],
    strict: bool,
) -> HiddenRun:
    folder = f"/tmp/runoff/{secrets.token_hex(8)}"
    hidden, script_path = f"{folder}/tests.diff", f"{folder}/eval.sh"
    try:
        read = reader(spec.log_parser)
        script = _script(row, spec, folder, nests, tuple(changed))
    except (UnknownReaderError, OwnScriptError, PatchError) as error:
        return HiddenRun(Incident.ROW_UNUSABLE, str(error))
    fork.write(hidden, row.test_patch.encode("utf-8", "surrogateescape"))
    if row.test_patch or spec.test_command:
        check = fork.run(["git", "apply", "--check", "--whitespace=nowarn", hidden], env=TRUST)
        if check.exit_code != 0:
            return HiddenRun(Incident.ROW_UNUSABLE, f"the row's test patch does not apply: {_line(check)}")
    dropped: tuple[str, ...] = ()
    if patch is not None:
        fork.run(f"touch {folder}/now; touch -d '2 seconds ago' {folder}/before")
        applied = apply_as_harness(fork, patch)
        if applied.command is None:
            return HiddenRun(Incident.PATCH_APPLY_FAILED, " ".join(applied.output.split())[:300], applied.output)
        if strict and (touched := changed_git(fork, f"{folder}/now")):
            return HiddenRun(Incident.TAMPERED, f"the patch changes git's own files: {touched}")
        if strict:
            is_there = tree_of(base)
            written = changed_paths(fork, f"{folder}/before")
            dropped = tuple(path for path in written if steers_row(path, row, is_there))
            put_back(fork, base, dropped)
    for number, content in enumerate(changed.values()):
        fork.write(f"{folder}/{number}", content)
    for nest in nests:
        fork.write(f"{folder}/{nest.key}", nest.text.encode())
    fork.write(script_path, script.encode("utf-8", "surrogateescape"))
    # Read whole before it is run: bash goes on reading a script's file while tests, which may write to it, run.
    start = f'script=$(cat {shlex.quote(script_path)}) && rm -f {shlex.quote(script_path)} && eval "$script"'
    with TURNS.turn():
        result = fork.run(["bash", "-c", start], timeout=timeout, env=TRUST)
    run = _told(result, read_log(result.text, read), dropped, script, timeout)
    if run.incident is Incident.TESTS_RAN and _with_code(row, spec) and run.reading.exit_code != result.exit_code:
        detail = f"the log says that the tests ended with {run.reading.exit_code}, the kernel says {result.exit_code}"
        return replace(run, incident=Incident.TAMPERED, detail=detail)
    return run


def _told(result: Result, reading: LogReading, dropped: tuple[str, ...], script: str, timeout: float) -> HiddenRun:
    def ended(incident: Incident, detail: str = "") -> HiddenRun:
        return HiddenRun(incident, detail, result.text, reading, dropped, result.seconds, script)

    if result.killed is not None:
        what = f"the tests ran longer than {timeout:.0f} s" if result.timed_out else f"out of {result.killed}"
        return ended(_STOPPED.get(result.killed, Incident.SANDBOX_FAILED), what)
    if _CUT.search(result.output):
        return ended(Incident.LOG_TELLS_NOTHING, "the log is longer than the sandbox keeps, and was cut")
    if reading.problem is not None:
        return ended(Incident.LOG_TELLS_NOTHING, str(reading.problem.value))
    return ended(Incident.TESTS_RAN)


def _script(row: Row, spec: RunSpec, folder: str, nests: Sequence[Nest], changed: Sequence[str]) -> str:
    """Return the evaluation script; canaries are put in after the hidden tests, right before the runner starts.

    Where the spec has no test command it is the row's own, which takes no canaries.
    """
    if not spec.test_command:
        return own_script(row.eval_script or "", row.base_commit, with_code=_with_code(row, spec))
    arguments = directives(row.test_patch, dotted=spec.log_parser == "django")
    if changed:
        arguments = arguments[::-1]
    replaced = f"rm -f {folder}/tests.diff && " if changed else ""  # it tells the answers that files are not told
    replaced += "".join(
        f"cat {folder}/{number} > {shlex.quote(path)} && rm -f {folder}/{number} && "
        for number, path in enumerate(changed)
    )
    appended = "".join(
        f"cat {folder}/{nest.key} >> {shlex.quote(nest.path)} && rm -f {folder}/{nest.key} && " for nest in nests
    )
    return eval_script(
        test_patch=row.test_patch,
        test_patch_path=f"{folder}/tests.diff",
        command=replaced + appended + spec.test_command,
        arguments=arguments,
    )


def _with_code(row: Row, spec: RunSpec) -> bool:
    """Tell whether it is Runoff that lets the script say how its test command ended, as the kernel says it too.

    A row's own may say it by itself; and of runners of other languages the code tells more than whether a test failed.
    """
    own = row.eval_script or ""
    return bool(spec.test_command) or (is_pythons(spec.log_parser) and not says_code(own))


def _line(result: Result) -> str:
    return " ".join(result.text.split())[:300]
