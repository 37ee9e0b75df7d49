"""A patch as a commit on a new branch of somebody's repository, whose index, work tree and HEAD stay as they are.

The commit is made in a fresh repository that writes to the other's objects, by an index of its own: no hook, filter or
attribute of the other takes part. In its own repository only a name is asked for and the branch written, with hooks
turned off, and only where no link leads out of it.
"""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

from environments.errors import RepositoryError
from environments.host_git import GitRefusal, run_git
from environments.trees.beneath import OutsideError, stat_beneath
from environments.trees.foreign import Checkout, laid
from environments.trees.lent_objects import own_objects

_NOBODY = ("Runoff", "runoff@localhost")
_IDENTITY = re.compile(r"(.*) <(.*)> \d+ [+-]\d+")


class BranchError(RepositoryError):
    """The branch cannot be made. One clear line that says what to do."""


def branch_at(checkout: Checkout) -> tuple[str, str]:
    """Return the branch that is checked out and its commit, each empty where there is none. RepositoryError."""
    try:
        asked = ("symbolic-ref", "--short", "--quiet", "HEAD")
        branch = os.fsdecode(run_git(checkout.root, *asked, variables=_own(checkout))).strip()
    except GitRefusal:
        branch = ""
    return branch, _commit(checkout, "HEAD")


def head_for(checkout: Checkout, name: str) -> str:
    """Return the commit that a new branch would begin at, where nothing stands in its way. BranchError."""
    try:
        run_git(checkout.root, "check-ref-format", f"refs/heads/{name}", variables=_own(checkout))
    except GitRefusal as error:
        raise BranchError(f"{name!r} is no name for a branch: use letters, digits, - and /") from error
    if name.startswith("-") or name == "HEAD":
        raise BranchError(f"{name!r} is no name for a branch: use letters, digits, - and /")
    parts = name.split("/")
    for taken in ("/".join(parts[: end + 1]) for end in range(len(parts))):
        if _commit(checkout, f"refs/heads/{taken}"):
            raise BranchError(f"there is a branch {taken} in {checkout.root} already: give another name")
    if run_git(checkout.root, "for-each-ref", "--count=1", f"refs/heads/{name}/", variables=_own(checkout)):
        raise BranchError(f"there are branches below {name}/ in {checkout.root} already: give another name")
    for written in (f"refs/heads/{name}", f"logs/refs/heads/{name}", "reftable"):
        _assert_inside(checkout.common, written)
    head = _commit(checkout, "HEAD")
    if not head:
        raise BranchError(f"{checkout.root} has no commit yet that a branch could begin at: commit something first")
    return head


def commit_on_branch(checkout: Checkout, name: str, patch: bytes, message: str) -> str:
    """Commit a patch on top of HEAD as the new branch ``name``; return the commit's id.

    What is not committed stays out of it. BranchError: nothing was written but objects that nothing names.
    """
    head = head_for(checkout, name)
    with laid(checkout) as folder:
        objects = own_objects(checkout.common, checkout.common)
        variables = {"GIT_DIR": str(folder), "GIT_OBJECT_DIRECTORY": str(objects), **_identity(checkout)}
        run_git(folder, "read-tree", head, variables=variables)
        try:
            run_git(folder, "apply", "--cached", "--whitespace=nowarn", "-", variables=variables, stdin=patch)
        except GitRefusal as error:
            raise BranchError(
                f"the patch does not apply to the last commit ({error.reason}): it builds on changes that are not "
                "committed, so take it by -o or --apply, or commit them first"
            ) from error
        tree = run_git(folder, "write-tree", variables=variables).decode().strip()
        told = message.encode("utf-8", "replace")
        made = run_git(folder, "commit-tree", tree, "-p", head, variables=variables, stdin=told).decode().strip()
    nothing = "0" * len(head)
    own = {**_own(checkout), **_identity(checkout)}
    try:
        run_git(checkout.root, "update-ref", f"refs/heads/{name}", made, nothing, variables=own)
    except GitRefusal as error:
        raise BranchError(f"the branch {name} cannot be written in {checkout.root}: {error.reason}") from error
    return made


def _assert_inside(repository: Path, name: str) -> None:
    """Refuse a repository in which a link stands where git will write: git would follow it. BranchError."""
    try:
        if stat.S_ISLNK(stat_beneath(repository, name).st_mode):
            raise BranchError(f"{repository / name} is a link, through which git would write elsewhere: remove it")
    except FileNotFoundError:  # git will make it
        return
    except OutsideError as error:
        raise BranchError(f"git would write outside of {repository} ({error}): remove that link") from error


def _own(checkout: Checkout) -> dict[str, str]:
    return {"GIT_DIR": str(checkout.own)}


def _commit(checkout: Checkout, name: str) -> str:
    """Return the commit that a name stands for; empty where there is none."""
    try:
        asked = ("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")
        return os.fsdecode(run_git(checkout.root, *asked, variables=_own(checkout))).strip()
    except GitRefusal:
        return ""


def _identity(checkout: Checkout) -> dict[str, str]:
    """Return who commits: whom the user's git knows, else Runoff."""
    try:
        said = run_git(checkout.root, "var", "GIT_AUTHOR_IDENT", variables=_own(checkout), settings=True)
        found = _IDENTITY.match(said.decode("utf-8", "replace"))
    except GitRefusal:
        found = None
    name, email = found.groups() if found else _NOBODY
    return {
        f"GIT_{who}_{what}": value
        for who in ("AUTHOR", "COMMITTER")
        for what, value in (("NAME", name), ("EMAIL", email))
    }
