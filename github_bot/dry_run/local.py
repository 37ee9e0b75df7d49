"""A folder that stands for GitHub: the event says what the issue is, the checkout what the repository holds."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from environments.errors import RepositoryError
from environments.text import decoded
from environments.trees.beneath import OutsideError, read_beneath
from environments.trees.branches import branch_at
from environments.trees.foreign import checkout_at
from github_bot.config import PATH, read_config
from github_bot.errors import NotConfigured
from github_bot.events.payload import Payload
from github_bot.github.contract import (
    Actor,
    Comment,
    FailedCheck,
    GitCommit,
    Issue,
    Permission,
    PullRequest,
    RepositoryInfo,
)
from swebench_runs.checkouts.checkout import require_folder
from swebench_runs.checkouts.issue import MAX_CHARACTERS

_BRANCH, _COMMIT = "main", "0" * 40
"""What stands for them where a checkout is no repository, or has no commit."""
_MOST = 4 << 20


def event_of_issue(path: Path, checkout: Path) -> Payload:
    """Return the event that setting the bot's label on an issue makes, by the checkout's own configuration.

    ``path``: the issue's text, the title first; the same text, not written anew, is the same event, whose run goes on.
    NotConfigured.
    """
    if path.parts and path.parts[0] in ("https:", "http:"):
        raise NotConfigured("--issue takes a file here: save the issue's text, title first, and give that")
    try:
        text = decoded(read_beneath(path.parent.resolve(), path.name, at_most=4 * MAX_CHARACTERS)).strip()
    except (OSError, OutsideError) as error:
        raise NotConfigured(f"cannot read the issue from {path}: {getattr(error, 'strerror', None) or error}") from None
    if not text:
        raise NotConfigured(f"the issue in {path} is empty: write its title on the first line, then what is wrong")
    title, _, body = text.partition("\n")
    written = datetime.fromtimestamp(path.stat().st_mtime, UTC).isoformat()
    config = read_config(_file(checkout.resolve(), PATH))
    account = {"login": "you"}
    return Payload.model_validate(
        {
            "action": "labeled",
            "repository": {"full_name": "local/checkout", "html_url": "https://github.com/local/checkout"},
            "sender": account,
            "label": {"name": config.label},
            "issue": {
                **{"number": 1, "title": title.lstrip("# ") or "An issue", "body": body.strip()},
                **{"user": account, "state": "open", "updated_at": written},
            },
        }
    )


class LocalGitHub:
    """A repository of which nothing is known but an event and a checkout; everybody may start the bot there."""

    def __init__(self, payload: Payload, checkout: Path) -> None:
        require_folder(checkout)
        self._payload, self._root = payload, checkout.resolve()
        try:
            found = checkout_at(self._root)
            own, commit = branch_at(found) if found else ("", "")
        except RepositoryError as error:
            raise NotConfigured(str(error)) from None
        self._branch, self._commit = payload.repository.default_branch or own or _BRANCH, commit or _COMMIT

    def repository(self, repository: str) -> RepositoryInfo:
        """Return the repository, whatever it is."""
        return RepositoryInfo(repository, self._branch, f"{self._payload.host}/{repository}.git")

    def permission(self, repository: str, login: str) -> Permission:
        """Return the rights of who sits at this machine."""
        return "admin"

    def issue(self, repository: str, number: int) -> Issue | None:
        """Return the event's issue."""
        shown = self._payload.issue
        if shown is None:
            return None
        author = shown.user.actor if shown.user else Actor("ghost", False)
        return Issue(
            number=shown.number,
            title=shown.title,
            body=shown.body or "",
            author=author,
            state="open" if shown.state == "open" else "closed",
            updated_at=shown.updated_at,
            locked=shown.locked,
            is_pull_request=shown.pull_request is not None,
            repository=repository,
        )

    def comments(self, repository: str, number: int) -> tuple[Comment, ...]:
        """Return nothing: an event holds no other comments."""
        return ()

    def recent_comments(self, repository: str, since: datetime) -> tuple[Comment, ...]:
        """Return nothing: nothing was spent."""
        return ()

    def reviews(self, repository: str, number: int) -> tuple[Comment, ...]:
        """Return nothing."""
        return ()

    def file(self, repository: str, path: str, ref: str) -> bytes | None:
        """Return a file of the checkout."""
        return _file(self._root, path)

    def head(self, repository: str, branch: str) -> str | None:
        """Return the checkout's commit, for its own branch."""
        return self._commit if branch == self._branch else None

    def commit_at(self, repository: str, commit: str) -> GitCommit | None:
        """Return nothing."""
        return None

    def contains(self, repository: str, branch: str, commit: str) -> bool:
        """Tell that the checkout's commit is on its branch."""
        return commit == self._commit

    def pull_request(self, repository: str, number: int) -> PullRequest | None:
        """Return nothing."""
        return None

    def pull_requests(self, repository: str, *, head: str = "", state: str = "open") -> tuple[PullRequest, ...]:
        """Return nothing."""
        return ()

    def diff(self, repository: str, number: int) -> str:
        """Return nothing."""
        return ""

    def failed_checks(self, repository: str, commit: str) -> tuple[FailedCheck, ...]:
        """Return nothing."""
        return ()

    def labels(self, repository: str) -> tuple[str, ...]:
        """Return nothing."""
        return ()

    def me(self) -> Actor:
        """Return the account of a workflow."""
        return Actor("github-actions[bot]", True)


def _file(root: Path, path: str) -> bytes | None:
    try:
        return read_beneath(root, path, at_most=_MOST)
    except (OSError, OutsideError):
        return None
