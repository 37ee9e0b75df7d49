"""Somebody's checkout as git sees it, without git ever working in its repository.

What a repository names can run programs or lead elsewhere: configuration, hooks, filters, monitors, promisors,
alternates, attributes. None of that is read here. git works in a fresh repository that holds a copy of the checkout's
index and of the list of names that it excludes; the user's own list of such names counts, too, and so do the
``.gitignore`` files of the tree, for they only say which files nobody wants.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from environments.errors import RepositoryError
from environments.host_git import GitRefusal, run_git
from environments.host_programs import NEUTRAL_FOLDER
from environments.sandboxes.fresh_git import lay_repository
from environments.sandboxes.leftovers import temporary
from environments.trees.beneath import OutsideError, read_beneath
from environments.trees.lent_objects import own_objects

_MAX_INDEX = 128 << 20
"""Bytes: some hundred for each of a million files."""
_MAX_EXCLUDES = 1 << 20
_OBJECT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_SHA256 = "[core]\n\trepositoryformatversion = 1\n[extensions]\n\tobjectformat = sha256\n"


@dataclass(frozen=True)
class Checkout:
    """A work tree and where its repository keeps what belongs to it."""

    root: Path
    """The folder that has the ``.git``; what the repository's configuration says of another one is not heeded."""
    own: Path
    """Its git folder: the one with its index."""
    common: Path
    """The git folder that it shares with other work trees of the repository."""
    object_format: str = "sha1"


def checkout_at(folder: Path) -> Checkout | None:
    """Return the checkout whose top a folder is; None for a folder without a repository.

    git itself is asked where the repository lies, with the user's settings, so that it can refuse one that belongs to
    somebody else. That command runs nothing that the repository names.

    Raises:
        RepositoryError: the repository is gone or damaged, or git refuses to read another user's.
    """
    if not _names_repository(folder / ".git"):
        return None
    around = {"GIT_CEILING_DIRECTORIES": str(folder.parent), "GIT_WORK_TREE": str(folder)}
    asked = ("rev-parse", "--absolute-git-dir", "--git-common-dir", "--show-object-format")
    try:
        answer = run_git(folder, *asked, variables=around, settings=True, timeout=20)
    except RepositoryError as error:
        raise RepositoryError(_refusal(folder, str(error))) from error
    lines = os.fsdecode(answer).removesuffix("\n").split("\n")
    if len(lines) != len(asked) - 1:
        raise RepositoryError(f"git cannot tell where the repository of {folder} lies: a path with a line break in it")
    return Checkout(folder, Path(lines[0]), Path(folder, lines[1]), lines[2])


def top_of(folder: Path) -> Path | None:
    """Return the nearest folder, this one or above it, that has a repository of its own; None where there is none."""
    return next((place for place in (folder, *folder.parents) if _names_repository(place / ".git")), None)


def is_bare(folder: Path) -> bool:
    """Tell whether a folder is a repository itself, without a work tree (or the ``.git`` of one)."""
    return all((folder / part).is_dir() for part in ("objects", "refs")) and (folder / "HEAD").is_file()


def listed(checkout: Checkout) -> list[str]:
    """Return names of tracked files and of untracked ones that are not ignored; submodules by their folders' names.

    Names are as the index has them, which anybody can write: they need not lie beneath the root. RepositoryError.
    """
    with _view(checkout) as variables:
        asked = ["ls-files", "-z", "--cached", "--others", "--deduplicate", *_excludes(variables)]
        try:
            listing = run_git(checkout.root, *asked, variables=variables)
        except GitRefusal as error:
            reason = error.reason.replace(variables["GIT_DIR"], ".git")
            raise RepositoryError(
                f"git cannot list the files of {checkout.root}: {reason}: run git status there; a damaged "
                "index is made anew by removing .git/index and git reset"
            ) from error
    return [os.fsdecode(name) for name in listing.split(b"\0") if name]


def disowns(checkout: Checkout, folder: Path) -> bool:
    """Tell whether a folder in a checkout is none of its: ignored, or the one without files that it tracks.

    RepositoryError.
    """
    name = f":(literal){folder.relative_to(checkout.root).as_posix()}"
    with _view(checkout) as variables:
        if run_git(checkout.root, "ls-files", "-z", "--cached", "--", name, variables=variables):
            return False
        tracks_others = bool(run_git(checkout.root, "ls-files", "-z", "--cached", variables=variables))
        ignored = ["ls-files", "-z", "--others", "--ignored", "--directory", *_excludes(variables)]
        return tracks_others or bool(run_git(checkout.root, *ignored, "--", name, variables=variables))


def tracks(checkout: Checkout, name: str) -> bool:
    """Tell whether a checkout tracks a file, or files in a folder. RepositoryError."""
    with _view(checkout) as variables:
        return bool(run_git(checkout.root, "ls-files", "-z", "--", f":(literal){name}", variables=variables))


def apply_to(root: Path, patch: bytes) -> None:
    """Apply a patch to a folder's files as they lie, bytes for bytes: no filter is run, no index is touched.

    RepositoryError with git's reason; all of the patch is checked before the first file is written.
    """
    with laid(Checkout(root, root, root)) as folder:
        variables = {"GIT_DIR": str(folder), "GIT_WORK_TREE": str(root)}
        run_git(root, "apply", "--whitespace=nowarn", "-", variables=variables, stdin=patch)


def is_changed(checkout: Checkout, commit: str, pathspecs: list[str]) -> bool:
    """Tell whether tracked files that the pathspecs name differ from a commit's. RepositoryError."""
    with _view(checkout) as variables:
        run_git(checkout.root, "read-tree", commit, variables=variables)
        asked = ("diff", "--name-only", "--no-ext-diff", "--no-textconv", "--ignore-submodules=all", "--", *pathspecs)
        return bool(run_git(checkout.root, *asked, variables=variables))


@contextmanager
def _view(checkout: Checkout) -> Iterator[dict[str, str]]:
    """Give the variables by which git works in a fresh repository that has the checkout's index and work tree."""
    with laid(checkout) as folder:
        index = _copy(checkout.own, "index", folder / "index", _MAX_INDEX)
        if shared := _shared_index(checkout.own, index):
            _copy(checkout.own, shared, folder / shared, _MAX_INDEX)
        _copy(checkout.common, "info/exclude", folder / "info" / "exclude", _MAX_EXCLUDES)
        variables = {"GIT_DIR": str(folder), "GIT_WORK_TREE": str(checkout.root)}
        with suppress(RepositoryError):  # objects that lie elsewhere are not lent: only a sparse index needs any
            variables["GIT_ALTERNATE_OBJECT_DIRECTORIES"] = _quoted(own_objects(checkout.common, checkout.common))
        yield variables


@contextmanager
def laid(checkout: Checkout) -> Iterator[Path]:
    """Give a fresh repository, of the checkout's kind of objects, for the block."""
    with temporary("git-") as folder:
        lay_repository(folder)
        if checkout.object_format == "sha256":
            with (folder / "config").open("a") as config:
                config.write(_SHA256)
        yield folder


def _shared_index(folder: Path, index: bytes) -> str:
    """Return the file of which a split index is the rest, which it names by an extension; empty for a whole one."""
    if b"link" in index:
        for path in folder.glob("sharedindex.*"):
            name = path.suffix[1:]
            if _OBJECT.fullmatch(name) and bytes.fromhex(name) in index:
                return path.name
    return ""


def _copy(folder: Path, name: str, destination: Path, at_most: int) -> bytes:
    """Copy a file of a git folder and return its bytes; none where it is not there.

    Raises RepositoryError for what is no regular file, or too large.
    """
    try:
        content = read_beneath(folder, name, at_most=at_most)
        destination.write_bytes(content)
    except FileNotFoundError:
        return b""
    except (OutsideError, OSError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise RepositoryError(f"{folder / name} cannot be used: {why}") from error
    return content


def _excludes(view: dict[str, str]) -> list[str]:
    """Return the options that say what is ignored, the weakest first: the user's list, the checkout's, its tree's."""
    lists = (_users_excludes(), Path(view["GIT_DIR"], "info", "exclude"))
    found = [f"--exclude-from={path}" for path in lists if path is not None and path.exists()]
    return [*found, "--exclude-per-directory=.gitignore"]


def _users_excludes() -> Path | None:
    """Return the user's list of names that no checkout of theirs should track; None where there is none."""
    asked = ("config", "--type=path", "--default", "", "--get", "core.excludesFile")
    try:
        named = run_git(Path(NEUTRAL_FOLDER), *asked, variables={"GIT_DIR": os.devnull}, settings=True, timeout=20)
    except RepositoryError:  # settings of the user's that git cannot read: they are told by each git command of theirs
        return None
    home = os.environ.get("XDG_CONFIG_HOME") or Path(os.environ.get("HOME", ""), ".config")
    path = Path(os.fsdecode(named).removesuffix("\n") or Path(home, "git", "ignore"))
    return path if path.is_absolute() and path.is_file() else None


def _names_repository(inner: Path) -> bool:
    """Tell whether ``.git`` is one: a file that names a repository, or its folder. An empty folder is none to git."""
    return inner.is_file() or (inner.is_dir() and os.path.lexists(inner / "HEAD"))


def _quoted(path: Path) -> str:
    """Return a path as a list of paths for git may hold it."""
    return '"' + str(path).replace("\\", "\\\\").replace('"', '\\"') + '"'


def _refusal(folder: Path, said: str) -> str:
    if "dubious ownership" in said:
        return (
            f"{folder} belongs to another user, and git refuses to read it: look whose it is, then allow it by "
            f"git config --global --add safe.directory {folder}"
        )
    if (folder / ".git").is_file():
        return (
            f"{folder / '.git'} only names a repository, and git cannot read that one ({said}): mend it by "
            "git worktree repair or git submodule update --init, or remove that file"
        )
    return f"git cannot read the repository of {folder} ({said}): mend it (git fsck), or remove its .git"
