"""Somebody's checkout as a task: a private copy of the work tree, uncommitted changes included, and the way back."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from environments.task import Task
from environments.trees import worktree
from swebench_runs.checkouts.project_environment import infer
from swebench_runs.checkouts.project_environment.install_record import install_record
from swebench_runs.errors import RunoffError, UsageError
from swebench_runs.one_task.base import lay

MAX_FILES = 50_000
CLONE_TIMEOUT = 900.0
APPLY_TIMEOUT = 60.0

_URL = re.compile(r"(https?|ssh|git|file)://|[\w.-]+@[\w.-]+:")


def is_url(text: str) -> bool:
    """Tell whether a PATH argument names a repository elsewhere."""
    return bool(_URL.match(text))


def root_of(path: Path) -> Path:
    """Return the top of the checkout that ``path`` lies in; the folder itself where there is none.

    Raises UsageError when there is no such folder, or when it holds too much to be a source tree.
    """
    if not path.is_dir():
        raise UsageError(f"{path} is not a folder: give a checkout's path or a repository's URL")
    here = path.resolve()
    root = next((folder for folder in (here, *here.parents) if (folder / ".git").exists()), here)
    count = len(worktree.files(root))
    if not 0 < count <= MAX_FILES:
        raise UsageError(f"{root} holds {count:,} files: give the top folder of a source tree")
    return root


def clone(url: str, destination: Path) -> Path:
    """Clone the newest commit of a repository; returns ``destination``. RunoffError with git's own reason."""
    command = ["clone", "--quiet", "--depth", "1", "--no-recurse-submodules", "--", url, str(destination)]
    done = _git(command, cwd=destination.parent, timeout=CLONE_TIMEOUT)
    if done.returncode != 0:
        raise RunoffError(f"cannot clone {url}: {_last_line(done.stderr)}: check the URL and the network")
    return destination


def task_of(root: Path, statement: str, layer: Path, dockerfile: str = "") -> Task:
    """Copy the checkout into the new folder ``layer`` and return the task of resolving ``statement`` in it.

    The copy holds what installing the checkout would leave in its tree, its name and version, so that code that asks
    for them runs. The same tree and statement always give the same instance id. Nothing of the checkout is run or
    changed. ``dockerfile``: see ``infer``.
    """
    environment = infer(root, dockerfile)
    with tempfile.TemporaryDirectory(dir=layer.parent, prefix="staged-") as staged:
        source = Path(staged) / "tree"
        worktree.one_commit(root, source)
        shutil.rmtree(source / ".git")
        _add_record(source)
        commit = lay(source, layer)
    digest = hashlib.sha256(f"{commit}\0{statement}".encode("utf-8", "surrogateescape")).hexdigest()[:10]
    name = re.sub(r"[^\w.-]+", "-", root.name, flags=re.ASCII).strip("-.") or "checkout"
    return Task(
        instance_id=f"{name}-{digest}",
        repo=name,
        base_commit=commit,
        problem_statement=statement,
        environment=environment,
    )


def _add_record(tree: Path) -> None:
    """Write the record of an install where the tree has none; what is there, a link perhaps, is left alone."""
    record = install_record(tree)
    if record is None or os.path.lexists((tree / record[0]).parent):
        return
    (tree / record[0]).parent.mkdir()
    (tree / record[0]).write_bytes(record[1])


def apply(root: Path, patch: str) -> None:
    """Apply a patch to the user's work tree, whole or not at all, the index left alone.

    RunoffError with git's reason when the tree has changed since the copy was made.
    """
    done = _git(
        ["apply", "--whitespace=nowarn", "-"],
        cwd=root,
        timeout=APPLY_TIMEOUT,
        stdin=patch.encode("utf-8", "surrogateescape"),
    )
    if done.returncode != 0:
        raise RunoffError(f"the patch does not apply to {root} any more: {_last_line(done.stderr)}")


def _git(
    command: Sequence[str], *, cwd: Path, timeout: float, stdin: bytes = b""
) -> subprocess.CompletedProcess[bytes]:
    """Run git without prompts, hooks, or the transports that run a command (``ext::``)."""
    options = ["-c", f"core.hooksPath={os.devnull}", "-c", "protocol.ext.allow=never", "-c", "core.fsmonitor=false"]
    environment = {**os.environ, "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
    try:
        return subprocess.run(
            ["git", *options, *command],
            cwd=cwd,
            env=environment,
            input=stdin,
            capture_output=True,
            check=False,
            timeout=timeout,
        )
    except subprocess.TimeoutExpired:
        raise RunoffError(f"git {command[0]} took over {timeout:.0f} s: check the network and try again") from None


def _last_line(stderr: bytes) -> str:
    lines = stderr.decode(errors="replace").strip().splitlines()
    return lines[-1].removeprefix("fatal: ").removeprefix("error: ") if lines else "git gave no reason"
