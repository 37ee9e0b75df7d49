"""What the stand-in keeps: accounts, issues, comments, pull requests, checks, tokens, and what was asked of it."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Token:
    """A token: whose, and what it may."""

    login: str
    permissions: dict[str, str]
    ends: datetime | None = None
    """An installation's, by the clock here."""


@dataclass
class Comment:
    id: int
    login: str
    body: str
    created_at: str
    updated_at: str
    path: str = ""
    line: int | None = None
    review_state: str = ""


@dataclass
class Issue:
    number: int
    login: str
    title: str
    body: str
    created_at: str
    updated_at: str
    state: str = "open"
    locked: bool = False
    labels: list[str] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    timeline: list[dict] = field(default_factory=list)
    pull: "Pull | None" = None


@dataclass
class Pull:
    head: str
    head_sha: str
    base: str
    draft: bool
    merged: bool = False
    reviews: list[Comment] = field(default_factory=list)
    line_comments: list[Comment] = field(default_factory=list)


@dataclass
class Check:
    id: int
    name: str
    sha: str
    conclusion: str
    summary: str
    log: str


class State:
    """Everything, of one repository; every change moves its clock by a second."""

    def __init__(self, repository: str = "octo/shop") -> None:
        self.repository = repository
        self.settings = {
            "private": False,
            "archived": False,
            "disabled": False,
            "fork": False,
            "default_branch": "main",
            "workflows_open_pulls": True,
            "secrets": ["RUNOFF_MODEL_KEY"],
            "variables": {"RUNOFF_MODEL": "openai/gpt-5", "RUNOFF_MODEL_KEY_NAME": "OPENAI_API_KEY"},
            "ruled": False,
        }
        self.permissions = {"ada": "admin", "mia": "write", "tom": "triage", "eve": "read"}
        self.labels = ["bug", "runoff"]
        self.issues: dict[int, Issue] = {}
        self.checks: list[Check] = []
        self.tokens: dict[str, Token] = {}
        self.requests: list[tuple[str, str]] = []
        """(method, path) of what was asked, in order."""
        self.violations: list[str] = []
        """What was asked against GitHub's description."""
        self._ids = 100
        self._clock = EPOCH

    def now(self) -> str:
        self._clock += timedelta(seconds=1)
        return self._clock.strftime("%Y-%m-%dT%H:%M:%SZ")

    def next_id(self) -> int:
        self._ids += 1
        return self._ids

    def token(self, login: str, *, lasts: timedelta | None = None, **permissions: str) -> str:
        """Return a new token of an account, that may what is named (``issues="write"``)."""
        text = f"ghs_{self.next_id():036d}"
        self.tokens[text] = Token(login, permissions, self._clock + lasts if lasts else None)
        return text

    def has_ended(self, token: Token) -> bool:
        return token.ends is not None and token.ends <= self._clock

    def let_pass(self, time: timedelta) -> None:
        """Move the clock forward."""
        self._clock += time

    def issue(self, login: str, title: str, body: str, labels: tuple[str, ...] = ()) -> Issue:
        """Open an issue."""
        at = self.now()
        number = max(self.issues, default=0) + 1
        self.issues[number] = Issue(number, login, title, body, at, at, labels=list(labels))
        return self.issues[number]

    def comment(self, number: int, login: str, body: str) -> Comment:
        """Post a comment."""
        at = self.now()
        comment = Comment(self.next_id(), login, body, at, at)
        self.issues[number].comments.append(comment)
        self.issues[number].updated_at = at
        return comment

    def find_comment(self, identifier: int) -> tuple[Issue, Comment] | None:
        found = ((issue, comment) for issue in self.issues.values() for comment in issue.comments)
        return next(((issue, comment) for issue, comment in found if comment.id == identifier), None)

    def label(self, number: int, login: str, label: str) -> None:
        """Put a label on an issue."""
        issue = self.issues[number]
        issue.labels.append(label)
        issue.updated_at = self.now()
        issue.timeline.append({"event": "labeled", "login": login, "label": label, "created_at": issue.updated_at})

    def edit(self, number: int, **changed: str) -> None:
        """Change an issue's title or body."""
        self.issues[number] = replace(self.issues[number], **changed, updated_at=self.now())

    def pull(self, login: str, title: str, body: str, pull: Pull) -> Issue:
        """Open a pull request."""
        issue = self.issue(login, title, body)
        issue.pull = pull
        return issue

    def review(self, number: int, login: str, body: str, state: str = "CHANGES_REQUESTED") -> Comment:
        """Review a pull request."""
        at = self.now()
        review = Comment(self.next_id(), login, body, at, at, review_state=state)
        self.issues[number].pull.reviews.append(review)
        return review

    def line_comment(self, number: int, login: str, body: str, path: str, line: int) -> Comment:
        """Comment on a line of a pull request."""
        at = self.now()
        comment = Comment(self.next_id(), login, body, at, at, path=path, line=line)
        self.issues[number].pull.line_comments.append(comment)
        return comment

    def check(self, sha: str, name: str, conclusion: str, summary: str = "", log: str = "") -> Check:
        """End a check of a commit."""
        check = Check(self.next_id(), name, sha, conclusion, summary, log)
        self.checks.append(check)
        return check

    @property
    def pulls(self) -> list[Issue]:
        return [issue for issue in self.issues.values() if issue.pull is not None]
