"""The one way to ask GitHub something: githubkit's authentication and rate limits, failures told in one line."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import timedelta
from types import TracebackType
from typing import Any, Self, TypeAlias
from urllib.parse import quote, urlsplit

import httpx
from githubkit import AppAuthStrategy, GitHub, GitHubCore
from githubkit.auth import BaseAuthStrategy
from githubkit.exception import GitHubException, GraphQLFailed, RateLimitExceeded, RequestError, RequestFailed
from githubkit.typing import RetryOption

from environments.text import one_line
from github_bot.errors import GitHubError, Unanswered

API = "https://api.github.com"
_VERSION = "2022-11-28"
"""Of the API; GitHub Enterprise servers refuse one that is newer than they are."""
_TIMEOUT = 30.0
_TRIES = 3
_LONGEST_WAIT = timedelta(seconds=120)
"""A limit that lasts longer ends the work: waiting costs minutes of a runner."""
_PAGE, _MOST = 100, 1000
_HARMLESS = ("/git/blobs", "/git/trees", "/git/commits")
"""What these make twice is there once, or nobody refers to it."""


@dataclass(frozen=True)
class CurrentToken(BaseAuthStrategy):  # type: ignore[misc]  # githubkit's types are not looked into
    """Authentication by a token that may be another at the next request."""

    said: Callable[[], str] = field(repr=False)

    def get_auth_flow(self, github: GitHubCore[Any]) -> httpx.Auth:
        """Return what githubkit's client authenticates by; a method of ``BaseAuthStrategy``."""
        return _TokenOf(self.said)


class _TokenOf(httpx.Auth):
    def __init__(self, said: Callable[[], str]) -> None:
        self._said = said

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        request.headers["Authorization"] = f"token {self._said()}"
        yield request


Strategy: TypeAlias = CurrentToken | AppAuthStrategy


def api_address() -> str:
    """Return where the API is: $GITHUB_API_URL, else the API of the server $GITHUB_SERVER_URL, else github.com's.

    A runner sets both. Whoever sets the server alone, by hand, must not have its token sent to github.com.
    """
    if said := os.environ.get("GITHUB_API_URL", ""):
        return said
    server = os.environ.get("GITHUB_SERVER_URL", "").rstrip("/")
    host = urlsplit(server).netloc.lower()
    if host in ("", "github.com"):
        return API
    # Enterprise Cloud with a region of its own has its API at another host, a server at a path.
    return f"https://api.{host}" if host.endswith(".ghe.com") else f"{server}/api/v3"


@dataclass(frozen=True)
class App:
    """A GitHub App's own identity."""

    id: str
    private_key: str = field(repr=False)


class Connection:
    """Requests to one GitHub; a context manager that keeps the connection open, for one thread."""

    def __init__(self, strategy: Strategy, *, api: str = "", patience: float = 1.0) -> None:
        """Connect by a token, or as an App itself.

        Args:
            strategy: githubkit's way to authenticate.
            api: the address of the API; empty: as ``api_address`` says.
            patience: seconds that the first of the further tries waits.
        """
        self.api = (api or api_address()).rstrip("/")
        self._patience = patience
        # What was read must be as it is now: nothing is answered from a cache.
        self._kit = GitHub(
            strategy, base_url=self.api, timeout=_TIMEOUT, http_cache=False, auto_retry=self._again, user_agent="runoff"
        )

    def __enter__(self) -> Self:
        self._kit.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._kit.__exit__(kind, error, trace)

    def get(self, *path: str | int, **params: str | int) -> Any:
        """Return what is at a path as JSON; None where there is nothing (404, 410)."""
        try:
            return self._ask("GET", path, params=params).json()
        except _NotThere:
            return None

    def pages(self, *path: str | int, most: int = _MOST, **params: str | int) -> Iterator[Any]:
        """Yield the items of a list, so many at most."""
        for page in range(1, most // _PAGE + 1):
            items = self.get(*path, per_page=_PAGE, page=page, **params) or []
            yield from items
            if len(items) < _PAGE:
                return

    def tail(self, *path: str | int, at_most: int) -> bytes:
        """Return the last bytes of a text; empty where there is none, or the token may not read it."""
        kept: deque[bytes] = deque()
        size = 0
        try:
            answer = self._ask("GET", path, stream=True)
        except Unanswered:
            raise
        except (_NotThere, GitHubError):
            return b""
        with closing(answer.raw_response) as response:
            for part in response.iter_bytes():
                kept.append(part)
                size += len(part)
                while size - len(kept[0]) >= at_most:
                    size -= len(kept.popleft())
        return b"".join(kept)[-at_most:]

    def post(self, *path: str | int, **body: Any) -> Any:
        """Make something; what GitHub answers."""
        return self._changed("POST", path, body)

    def patch(self, *path: str | int, **body: Any) -> Any:
        """Change something; what GitHub answers."""
        return self._changed("PATCH", path, body)

    def delete(self, *path: str | int) -> None:
        """Remove something; what is gone already is no error."""
        try:
            self._ask("DELETE", path)
        except _NotThere:
            return

    def login(self) -> str:
        """Return the login of whose token it is. Tokens of Apps may ask for it by GraphQL alone."""
        try:
            return str(self._kit.graphql("query { viewer { login } }")["viewer"]["login"])
        except GitHubException as error:
            raise _told("who the token is", error, self.api) from error

    def _changed(self, verb: str, path: tuple[str | int, ...], body: dict[str, Any]) -> Any:
        try:
            return self._ask(verb, path, body=body).json()
        except _NotThere as error:
            raise GitHubError(f"{error}: it is gone, or the token may not see it") from None

    def _ask(
        self,
        verb: str,
        path: tuple[str | int, ...],
        *,
        params: dict[str, str | int] | None = None,
        body: dict[str, Any] | None = None,
        stream: bool = False,
    ) -> Any:
        # What stands in a path comes from events: one name may not lead elsewhere. Branches have slashes.
        url = "/" + "/".join(quote(str(part), safe="/" if index else "") for index, part in enumerate(path))
        if ".." in url.split("/"):
            raise GitHubError(f"{verb} {url}: no such path at GitHub")
        headers = {"X-GitHub-Api-Version": _VERSION}
        try:
            return self._kit.request(verb, url, params=params, json=body, headers=headers, stream=stream)
        except GitHubException as error:
            raise _told(f"{verb} {url}", error, self.api) from error

    def _again(self, error: GitHubException, tries: int) -> RetryOption:
        """Say whether and when to ask again: never for what may have been done and would be done twice."""
        if tries >= _TRIES:
            return RetryOption(False)
        if isinstance(error, RateLimitExceeded):
            return RetryOption(error.retry_after <= _LONGEST_WAIT, error.retry_after)
        if not _is_down(error):
            return RetryOption(False)
        request = getattr(error, "request", None) or getattr(getattr(error, "exc", None), "request", None)
        twice = request is None or (request.method == "POST" and not request.url.path.endswith(_HARMLESS))
        return RetryOption(not twice, timedelta(seconds=self._patience * 2**tries))


class _NotThere(Exception):
    """404, 410, or a reference that is none."""


def _is_down(error: GitHubException) -> bool:
    """GitHub did not answer, or by an error of its own."""
    if isinstance(error, RequestFailed):
        return bool(error.response.status_code >= 500)
    return isinstance(error, RequestError)


def _told(asked: str, error: GitHubException, api: str) -> Exception:
    if isinstance(error, RateLimitExceeded):
        seconds = int(error.retry_after.total_seconds())
        return GitHubError(f"{asked}: GitHub's rate limit is used up for another {seconds} s: try again then")
    if isinstance(error, GraphQLFailed):
        return GitHubError(f"{asked}: {one_line(repr(error), 200)}")
    if not isinstance(error, RequestFailed):
        return Unanswered(f"{asked}: {api} cannot be reached ({one_line(repr(error), 200)})")
    status, said = error.response.status_code, _message(error)
    if status in (404, 410) or (status == 422 and "Reference does not exist" in said):
        return _NotThere(f"{asked}: not found")
    if status >= 500:
        return Unanswered(f"{asked}: GitHub answers {status}; githubstatus.com says whether it is down")
    advice = {401: ": the token is wrong or has ended", 403: ": give the token that permission"}.get(status, "")
    return GitHubError(f"{asked}: {status} {said}{advice}")


def _message(error: RequestFailed) -> str:
    try:
        return one_line(str(error.response.json().get("message", "")), 200)
    except (ValueError, AttributeError):
        return "(without a reason)"
