"""A tree as one commit with nothing beyond it: no history, remotes, reflog, hooks or objects from elsewhere."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from environments.errors import RepositoryError
from environments.sandboxes.fresh_git import IDENTITY, MESSAGE, lay_repository


class WorktreeError(RepositoryError):
    """git refused. One clear line."""


def one_commit(source: Path, destination: Path) -> str:
    """Copy the files of ``source`` into the new folder ``destination`` as one git commit; return the commit's id.

    Of a git checkout, the tracked and the untracked files that are not ignored are taken as they lie in the work
    tree, submodules' files as plain files. Of a plain folder, everything. Symbolic links and executable bits are
    kept; any ``.git`` is left behind. The id depends on the names, modes and bytes of the files alone.
    FileExistsError when ``destination`` exists.
    """
    destination.mkdir(parents=True)
    for name in files(source):
        _copy(source / name, destination / name)
    lay_repository(destination / ".git")
    _git(destination, "add", "--all", "--force", ".")
    tree = _git(destination, "write-tree")
    commit = _git(destination, "commit-tree", tree, "-m", MESSAGE)
    _git(destination, "update-ref", "refs/heads/main", commit)
    return commit


def tree_id(worktree: Path) -> str:
    """Return the id of the git tree of the one commit: equal ids mean equal names, modes and bytes."""
    return _git(worktree, "rev-parse", "HEAD^{tree}")


def files(source: Path) -> list[str]:
    """List the files that ``one_commit`` takes, relative to ``source``, sorted."""
    found = _checkout_files(source) if (source / ".git").exists() else _folder_files(source)
    return sorted(found, key=os.fsencode)


def _folder_files(source: Path) -> Iterator[str]:
    for folder, folders, names in os.walk(source):
        links = [name for name in folders if (Path(folder) / name).is_symlink()]
        folders[:] = [name for name in folders if name != ".git" and name not in links]
        for name in [*names, *links]:
            path = Path(folder) / name
            if name != ".git" and _is_file_or_link(path):
                yield str(path.relative_to(source))


def _checkout_files(source: Path) -> Iterator[str]:
    arguments = ["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate"]
    listing = _git(source, *arguments, environment={**os.environ, "LC_ALL": "C"})  # the user's own ignore list counts
    for name in filter(None, listing.split("\0")):
        path = source / name
        if path.is_dir() and not path.is_symlink():  # a submodule, or a repository inside the repository
            yield from (str(Path(name) / inner) for inner in files(path))
        elif _is_file_or_link(path) and path.parent.resolve().is_relative_to(source.resolve()):
            yield name  # what is tracked may have been deleted, or lie behind a folder that became a link


def _is_file_or_link(path: Path) -> bool:
    try:
        mode = path.lstat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return False
    return stat.S_ISREG(mode) or stat.S_ISLNK(mode)


def _copy(source: Path, destination: Path) -> None:
    destination.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, destination, follow_symlinks=False)
    if not destination.is_symlink():
        destination.chmod(0o755 if source.stat().st_mode & stat.S_IXUSR else 0o644)


def _git(folder: Path, *arguments: str, environment: Mapping[str, str] | None = None) -> str:
    """Run git in ``folder``, by default with nothing of the host's settings; never a program that the folder names."""
    options = ["-c", "core.fsmonitor=false", "-c", f"core.hooksPath={os.devnull}", "-c", "safe.directory=*"]
    settings = environment or _bare_environment()
    done = subprocess.run(["git", *options, *arguments], cwd=folder, env=settings, capture_output=True, check=False)
    if done.returncode != 0:
        lines: Sequence[str] = done.stderr.decode(errors="replace").strip().splitlines()
        raise WorktreeError(f"git {arguments[0]} failed in {folder}: {lines[-1] if lines else 'no message'}")
    return os.fsdecode(done.stdout).removesuffix("\n")


def _bare_environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "TMPDIR") if name in os.environ}
    nothing = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull, "GIT_TERMINAL_PROMPT": "0"}
    return {**kept, **nothing, **IDENTITY, "LC_ALL": "C"}
