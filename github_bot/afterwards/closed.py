"""The end of the bot's pull request: whether it was merged is kept in the issue's comment, and its branch goes."""

from __future__ import annotations

from github_bot.artifact import branch_of
from github_bot.events.request import Request
from github_bot.github.contract import Writer
from github_bot.marker import marked, marker_of, unmarked
from github_bot.publish.one_comment import own_comments


def close(request: Request, github: Writer) -> str:
    """Keep how a pull request ended and remove its branch; return what was done, in a line.

    A branch that somebody moved on since is theirs: it stays.
    """
    _keep(request, github)
    branch = branch_of(request.issue)
    if github.pull_requests(request.repository, head=branch):
        return f"{branch} stays: another pull request from it is open"
    if (head := github.head(request.repository, branch)) not in (None, request.commit):
        return f"{branch} stays: it is at {head}, not at the head of #{request.pull_request}"
    github.delete_branch(request.repository, branch)
    return f"#{request.pull_request} was {'merged' if request.merged else 'closed'}: {branch} is removed"


def _keep(request: Request, github: Writer) -> None:
    for comment in own_comments(github, request.repository, request.issue)[:1]:
        marker = marker_of(comment.body)
        if marker is None or request.pull_request is None:
            continue
        ends = {**marker.pull_requests, request.pull_request: "merged" if request.merged else "closed"}
        body = marked(unmarked(comment.body), marker.model_copy(update={"pull_requests": ends}))
        if body != comment.body:
            github.update_comment(request.repository, comment.id, body)
