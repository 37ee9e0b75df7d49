"""The end of the bot's pull request: its branch goes, and whether it was merged is kept."""

from __future__ import annotations

from github_bot.artifact import branch_of
from github_bot.events.request import Request
from github_bot.github.contract import Writer


def close(request: Request, github: Writer) -> str:
    """Remove the branch of a pull request that is closed; return what was done, in a line."""
    branch = branch_of(request.issue)
    if github.pull_requests(request.repository, head=branch):
        return f"{branch} stays: another pull request from it is open"
    github.delete_branch(request.repository, branch)
    return f"#{request.pull_request} was {'merged' if request.merged else 'closed'}: {branch} is removed"
