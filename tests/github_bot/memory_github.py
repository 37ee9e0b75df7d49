"""GitHub as a reader's contract has it, in memory: for what is decided of answers, not how they are asked for."""

from datetime import datetime

from github_bot.github.contract import Actor, Comment, Issue, PullRequest, RepositoryInfo

ME = "github-actions[bot]"


def comment(login, body, at, updated_at=None, is_bot=False, identifier=1, state=""):
    return Comment(identifier, Actor(login, is_bot), body, at, updated_at or at, state=state)


def pull_request(number=9, issue=1, **changes):
    values = {
        **{"number": number, "title": "Fix", "body": "", "author": Actor(ME, True), "state": "open", "merged": False},
        **{"draft": True, "head_branch": f"runoff/issue-{issue}", "head_commit": "b" * 40, "base_branch": "main"},
        "head_repository": "octo/shop",
    }
    return PullRequest(**{**values, **changes})


class MemoryGitHub:
    """Everything may be set; what is not is as plain as can be."""

    def __init__(self):
        self.repositories = {"octo/shop": RepositoryInfo("octo/shop", "main", "https://github.com/octo/shop.git")}
        self.roles = {"mia": "write", "ada": "admin", "tom": "triage", "eve": "read"}
        self.issues = {}
        self.issue_comments = []
        self.pulls = []
        self.review_comments = []
        self.checks = ()

    def open_issue(self, number=1, at: datetime | None = None, **changes):
        values = {"title": "t", "body": "b", "author": Actor("eve", False), "state": "open", "updated_at": at}
        self.issues[number] = Issue(number, **{**values, "repository": "octo/shop", **changes})

    def repository(self, repository):
        return self.repositories.get(repository)

    def permission(self, repository, login):
        return self.roles.get(login, "none")

    def issue(self, repository, number):
        return self.issues.get(number)

    def comments(self, repository, number):
        return tuple(self.issue_comments)

    def recent_comments(self, repository, since):
        return tuple(one for one in self.issue_comments if one.author.login == ME and one.updated_at >= since)

    def reviews(self, repository, number):
        return tuple(self.review_comments)

    def pull_request(self, repository, number):
        return next((pull for pull in self.pulls if pull.number == number), None)

    def pull_requests(self, repository, *, head="", state="open"):
        return tuple(pull for pull in self.pulls if head in ("", pull.head_branch) and pull.state == state)

    def diff(self, repository, number):
        return "--- a/shop/price.py\n+++ b/shop/price.py\n@@ -1 +1 @@\n-a\n+b\n"

    def failed_checks(self, repository, commit):
        return self.checks

    def me(self):
        return Actor(ME, True)
