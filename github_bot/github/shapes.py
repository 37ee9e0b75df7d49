"""GitHub's JSON, read into what the bot knows: the few fields it needs, whatever else a server sends or lacks."""

from __future__ import annotations

from datetime import datetime
from typing import Any, get_args

from github_bot.github.contract import Actor, Comment, GitCommit, Issue, Permission, PullRequest, RepositoryInfo

_BOTS = ("Bot", "Organization", "Mannequin")
_PERMISSIONS: tuple[Permission, ...] = get_args(Permission)


def actor(shown: dict[str, Any] | None) -> Actor:
    """Return an account; one that was deleted is GitHub's ghost."""
    login = str((shown or {}).get("login") or "ghost")
    return Actor(login, is_bot=login.endswith("[bot]") or (shown or {}).get("type") in _BOTS)


def repository(shown: dict[str, Any]) -> RepositoryInfo:
    """Return a repository."""
    return RepositoryInfo(
        name=shown["full_name"],
        default_branch=shown["default_branch"],
        clone_url=shown["clone_url"],
        private=bool(shown.get("private")),
        archived=bool(shown.get("archived")),
        disabled=bool(shown.get("disabled")),
        fork=bool(shown.get("fork")),
    )


def permission(shown: dict[str, Any] | None) -> Permission:
    """Return an account's role; one that the organisation made up counts as the one that it is based on."""
    names = [(shown or {}).get(key) for key in ("role_name", "permission")]
    return next((known for name in names for known in _PERMISSIONS if known == name), "none")


def issue(shown: dict[str, Any]) -> Issue:
    """Return an issue or a pull request."""
    return Issue(
        number=shown["number"],
        title=shown["title"] or "",
        body=shown.get("body") or "",
        author=actor(shown.get("user")),
        state="closed" if shown["state"] == "closed" else "open",
        updated_at=at(shown["updated_at"]),
        locked=bool(shown.get("locked")),
        is_pull_request=shown.get("pull_request") is not None,
        labels=tuple(_label(label) for label in shown.get("labels", ())),
        repository="/".join(str(shown["repository_url"]).rsplit("/", 2)[1:]),
    )


def comment(shown: dict[str, Any]) -> Comment:
    """Return a comment of a conversation, a review, or a comment on a line."""
    written = shown.get("created_at") or shown.get("submitted_at")
    return Comment(
        id=shown["id"],
        author=actor(shown.get("user")),
        body=shown.get("body") or "",
        created_at=at(written),
        updated_at=at(shown.get("updated_at") or written),
        path=shown.get("path") or "",
        line=shown.get("line") or shown.get("original_line"),
        state=str(shown.get("state") or "").lower(),
    )


def commit(shown: dict[str, Any]) -> GitCommit:
    """Return a commit of git data."""
    parents = tuple(str(parent["sha"]) for parent in shown["parents"])
    return GitCommit(shown["sha"], shown["tree"]["sha"], parents, shown["message"])


def pull_request(shown: dict[str, Any]) -> PullRequest:
    """Return a pull request, as one or as a list shows it."""
    head = shown["head"]
    return PullRequest(
        number=shown["number"],
        title=shown["title"] or "",
        body=shown.get("body") or "",
        author=actor(shown.get("user")),
        state="closed" if shown["state"] == "closed" else "open",
        merged=bool(shown.get("merged") or shown.get("merged_at")),
        draft=bool(shown.get("draft")),
        head_branch=head["ref"],
        head_commit=head["sha"],
        head_repository=(head.get("repo") or {}).get("full_name") or "",
        base_branch=shown["base"]["ref"],
    )


def at(text: str | None) -> datetime:
    """Return one of GitHub's times; the beginning of time where there is none (a review that was not submitted)."""
    return datetime.fromisoformat((text or "1970-01-01T00:00:00Z").replace("Z", "+00:00"))


def _label(label: dict[str, Any] | str) -> str:
    return label if isinstance(label, str) else str(label.get("name") or "")
