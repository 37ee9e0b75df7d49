"""One request, read, and the table of what answers it."""

from collections.abc import Callable
from dataclasses import dataclass

from standin.git_store import GitStore
from standin.state import Issue, State, Token


class Refused(Exception):
    """GitHub's answer where it does not do what was asked."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status, self.message = status, message


@dataclass(frozen=True)
class Call:
    """One request, read."""

    state: State
    store: GitStore
    token: Token
    base: str
    """The address of the API."""
    given: dict
    """The parameters of path and query."""
    body: dict

    @property
    def issue(self) -> Issue:
        number = self.given.get("issue_number") or self.given["pull_number"]
        if number not in self.state.issues:
            raise Refused(404, "Not Found")
        return self.state.issues[number]

    @property
    def pull(self) -> Issue:
        if self.issue.pull is None:
            raise Refused(404, "Not Found")
        return self.issue

    def page(self, items: list) -> list:
        size, page = self.given.get("per_page", 30), self.given.get("page", 1)
        return items[size * (page - 1) : size * page]


ROUTES: dict[str, Callable[[Call], tuple[int, object]]] = {}
R = "/repos/{owner}/{repo}"


def route(name: str):
    def add(function):
        ROUTES[name] = function
        return function

    return add
