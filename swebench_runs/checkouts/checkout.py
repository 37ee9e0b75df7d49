"""Somebody's checkout as a task: a private copy of the work tree, uncommitted changes included, and the way back."""

from __future__ import annotations

import hashlib
import logging
import os
import re
import shutil
import stat
import tempfile
from collections.abc import Container, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from agent.patch.sections import paths
from environments.errors import RepositoryError
from environments.host_git import GitRefusal, run_git
from environments.task import EnvironmentSpec, Task
from environments.trees import foreign
from environments.trees.beneath import OutsideError, read_beneath, stat_beneath
from environments.trees.repositories.borrowed import borrowed, git_errors
from environments.trees.repositories.checkout import check_out
from environments.trees.survey import survey
from environments.trees.worktree import one_commit
from swebench_runs.checkouts.project_environment import infer
from swebench_runs.checkouts.project_environment.install_record import install_record
from swebench_runs.errors import RunoffError, UsageError
from swebench_runs.one_task.ground.base_sandbox import lay
from swebench_runs.run_folder.files import write_whole

_log = logging.getLogger(__name__)

MAX_FILES = 50_000
MAX_BYTES = 4 << 30
CLONE_TIMEOUT = 900.0

_URL = re.compile(r"(https?|ssh|git|file)://|[\w.-]+@[\w.-]+:")


def is_url(text: str) -> bool:
    """Tell whether a PATH argument names a repository elsewhere."""
    return bool(_URL.match(text))


def require_folder(path: Path) -> None:
    """Raise UsageError where there is no such folder."""
    if not path.is_dir():
        raise UsageError(f"{path} is not a folder: give a checkout's path or a repository's URL")


def root_of(path: Path) -> Path:
    """Return the top of the checkout that ``path`` lies in; the folder itself where there is none.

    A folder that the repository around it ignores, or tracks nothing of, is a project of its own. Where the top is
    another folder than the one that was given, a warning says so.

    Raises UsageError when there is no such folder, when it is no work tree, or holds too much to be a source tree, and
    RunoffError when git cannot read it.
    """
    require_folder(path)
    here = path.resolve()
    if foreign.is_bare(here) or ".git" in here.parts:
        raise UsageError(f"{here} is a repository without a work tree: clone it, and give the clone's folder")
    with _one_line():
        root = _top(here)
        found = survey(root)
    if not 0 < len(found.names) <= MAX_FILES:
        raise UsageError(f"{root} holds {len(found.names):,} files: give the top folder of a source tree")
    if found.size > MAX_BYTES:
        raise UsageError(f"{root} holds {found.size >> 20:,} MiB of files: give the top folder of a source tree")
    return root


def _top(here: Path) -> Path:
    top = foreign.top_of(here)
    if top in (None, here):
        return here
    assert top is not None
    around = foreign.checkout_at(top)
    if around is None or foreign.disowns(around, here):
        _log.warning("taken for the project's root: %s (the repository at %s tracks nothing of it)", here, top)
        return here
    _log.warning("taken for the project's root: %s, the repository that %s lies in", top, here)
    return top


def name_of(url: str) -> str:
    """Return what a repository is called by its URL: a plain name, whatever the URL holds."""
    last = re.split(r"[/:]", url.rstrip("/"))[-1].removesuffix(".git")
    return re.sub(r"[^\w.-]+", "-", last, flags=re.ASCII).strip("-.") or "clone"


def clone(url: str, destination: Path) -> Path:
    """Fetch the newest commit of a repository and write its files to the new folder ``destination``, which it returns.

    The files are as the repository has them: no filter is run, no submodule fetched. RunoffError with git's own reason.
    """
    bare = destination.with_name(f"{destination.name}.git")
    command = ["clone", "--quiet", "--bare", "--depth=1", "--no-tags", "--", url, str(bare)]
    try:
        run_git(destination.parent, *command, settings=True, timeout=CLONE_TIMEOUT)
        head = run_git(bare, "rev-parse", "--verify", "--quiet", "HEAD^{commit}", variables={"GIT_DIR": str(bare)})
    except GitRefusal as error:
        raise RunoffError(f"cannot clone {url} ({error.reason.rstrip('.')}): check the URL and the network") from error
    except RepositoryError as error:
        raise RunoffError(f"cannot clone {url}: {error}") from error
    with _one_line(), git_errors(f"cannot write the files of {url}"), borrowed(bare, bare.parent) as git:
        check_out(git, head.decode().strip(), destination)
    return destination


def task_of(
    root: Path,
    statement: str,
    layer: Path,
    environment: EnvironmentSpec | None = None,
    without: Container[str] = (),
    failing: Sequence[str] = (),
) -> Task:
    """Copy the checkout into the new folder ``layer`` and return the task of resolving ``statement`` in it.

    The copy holds what installing the checkout would leave in its tree, its name and version, so that code that asks
    for them runs. The same tree, statement and failing tests always give the same instance id. Nothing of the checkout
    is run or changed. ``environment``: what its tests get; None: what ``infer`` reads.
    """
    with tempfile.TemporaryDirectory(dir=layer.parent, prefix="staged-") as staged:
        source = Path(staged) / "tree"
        with _one_line():
            one_commit(root, source, without=without)
        shutil.rmtree(source / ".git")
        for folder in dict.fromkeys([".", *(environment.python_path if environment else ())]):
            _add_record(source, source / folder)
        commit = lay(source, layer)
    asked = "\0".join([commit, statement, *failing])
    digest = hashlib.sha256(asked.encode("utf-8", "surrogateescape")).hexdigest()[:10]
    name = re.sub(r"[^\w.-]+", "-", root.name, flags=re.ASCII).strip("-.") or "checkout"
    return Task(
        instance_id=f"{name}-{digest}",
        repo=name,
        base_commit=commit,
        problem_statement=statement,
        environment=environment or infer(root),
    )


def own_output(root: Path, output: Path | None) -> frozenset[str]:
    """Return the name in the tree of the file that a patch is written to: no part of the task, unless it is tracked."""
    if output is None:
        return frozenset()
    path = output.parent.resolve() / output.name
    if not path.is_relative_to(root):
        return frozenset()
    name = path.relative_to(root).as_posix()
    with _one_line():
        around = foreign.checkout_at(root)
        return frozenset() if around is not None and foreign.tracks(around, name) else frozenset({name})


def _add_record(source: Path, tree: Path) -> None:
    """Write the record of an install into a project's folder that has none; what is there, a link perhaps, stays."""
    if tree.resolve() != source.resolve() / tree.relative_to(source):
        return  # through a link, which may lead out
    record = install_record(tree)
    if record is None or os.path.lexists((tree / record[0]).parent):
        return
    (tree / record[0]).parent.mkdir()
    (tree / record[0]).write_bytes(record[1])


def apply(root: Path, patch: str) -> None:
    """Apply a patch to the user's work tree, whole or not at all, the index left alone.

    No filter or hook that the checkout names is run. RunoffError with git's reason when the tree has changed since the
    copy was made, or a file cannot be written.
    """
    before = {name: _was(root, name) for name in set(paths(patch))}
    try:
        foreign.apply_to(root, patch.encode("utf-8", "surrogateescape"))
    except RepositoryError as error:
        for name, was in before.items():
            _put_back(root, name, was)
        reason = error.reason if isinstance(error, GitRefusal) else error
        raise RunoffError(f"the patch does not apply to {root} any more: {reason}") from error


@dataclass(frozen=True)
class _Was:
    """What lay where a patch writes."""

    content: bytes | None
    """None where there was nothing."""
    mode: int = 0


def _was(root: Path, name: str) -> _Was | None:
    """Return what lies at a name; None for what is no regular file, or lies elsewhere: git will refuse it."""
    try:
        return _Was(read_beneath(root, name, at_most=MAX_BYTES), stat_beneath(root, name).st_mode)
    except FileNotFoundError:
        return _Was(None)
    except OutsideError:
        return None


def _put_back(root: Path, name: str, was: _Was | None) -> None:
    """Undo what a patch that failed half-way did to a file; one that it did not touch is left as it is."""
    if was is None or was == _was(root, name):
        return
    if was.content is None:
        (root / name).unlink()
        return
    write_whole(root / name, was.content)
    (root / name).chmod(stat.S_IMODE(was.mode))


@contextmanager
def _one_line() -> Iterator[None]:
    """Tell what a repository refuses as an error of the command's."""
    try:
        yield
    except RepositoryError as error:
        raise RunoffError(str(error)) from error
