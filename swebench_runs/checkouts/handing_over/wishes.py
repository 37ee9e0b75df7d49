"""What a user wants done with a patch, checked before anything is paid for, and done when Runoff stands by it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from environments.errors import RepositoryError
from environments.trees import foreign
from environments.trees.branches import commit_on_branch, head_for
from environments.trees.foreign import Checkout
from swebench_runs.checkouts import checkout
from swebench_runs.errors import RunoffError, UsageError


@dataclass(frozen=True)
class Wishes:
    """Where a patch goes beside standard output."""

    output: Path | None = None
    """A file."""
    apply: bool = False
    """The user's work tree."""
    branch: str = ""
    """A commit on a new branch of the user's repository; empty: none."""
    with_test: bool = False
    """With the test that shows the issue, as a file of the suite."""

    def check(self, place: str) -> None:
        """Refuse, in one line, what cannot be done at a place; nothing was begun yet. UsageError, RunoffError."""
        named = "--apply" if self.apply else "--branch" if self.branch else ""
        if named and checkout.is_url(place):
            raise UsageError(f"{named} needs a local checkout: give its folder instead of a URL")
        if not checkout.is_url(place):
            checkout.require_folder(Path(place))
            if self.branch:
                _repository(checkout.root_of(Path(place)), self.branch)

    def carry_out(self, root: Path, patch: str, message: str) -> list[str]:
        """Apply and commit as was wished; return what was done, a line each. RunoffError where it cannot be."""
        done = []
        if self.branch:
            made = _commit(root, self.branch, patch, message)
            done.append(
                f"Committed to the new branch {self.branch} ({made[:10]}); your work tree and index are as they were."
            )
        if self.apply:
            checkout.apply(root, patch)
            done.append(f"Applied to {root}.")
        return done


def _repository(root: Path, branch: str) -> Checkout:
    try:
        found = foreign.checkout_at(root)
        if found is None:
            raise UsageError(f"--branch: {root} is no git repository: take the patch by -o or --apply")
        head_for(found, branch)
    except RepositoryError as error:
        raise UsageError(f"--branch: {error}") from error
    return found


def _commit(root: Path, branch: str, patch: str, message: str) -> str:
    found = _repository(root, branch)
    try:
        return commit_on_branch(found, branch, patch.encode("utf-8", "surrogateescape"), message)
    except RepositoryError as error:
        raise RunoffError(f"--branch: {error}") from error
