"""What a webhook delivers: GitHub's own examples (@octokit/webhooks-examples), filled in from the state."""

import hashlib
import hmac
import json
import uuid
from pathlib import Path

from standin import answers
from standin.state import Comment, Issue, State

_EXAMPLES = Path(__file__).parent / "events"


def _base(name: str, state: State, sender: str, url: str) -> dict:
    shown = json.loads((_EXAMPLES / f"{name}.json").read_text())
    whole = answers.repository(state, url)
    # An event's repository is shown with less than the API's own.
    repository = {key: whole.get(key, value) for key, value in shown["repository"].items()}
    return {**shown, "repository": repository, "sender": answers.account(sender), "installation": {"id": 77}}


def _issue(shown: dict, state: State, issue: Issue, url: str) -> dict:
    whole = answers.issue(state, issue, url)
    kept = {key: whole.get(key, value) for key, value in shown["issue"].items()}
    return {**kept, **({"pull_request": whole["pull_request"]} if issue.pull else {})}


def labeled(state: State, url: str, number: int, sender: str, label: str = "runoff") -> tuple[str, dict]:
    shown = _base("issues.labeled", state, sender, url)
    issue = _issue(shown, state, state.issues[number], url)
    return "issues", {**shown, "issue": issue, "label": {**shown["label"], "name": label}}


def assigned(state: State, url: str, number: int, sender: str, assignee: str) -> tuple[str, dict]:
    shown = _base("issues.assigned", state, sender, url)
    issue = _issue(shown, state, state.issues[number], url)
    return "issues", {**shown, "issue": issue, "assignee": answers.account(assignee)}


def commented(state: State, url: str, number: int, comment: Comment) -> tuple[str, dict]:
    shown = _base("issue_comment.created", state, comment.login, url)
    issue = _issue(shown, state, state.issues[number], url)
    return "issue_comment", {**shown, "issue": issue, "comment": answers.comment(state, number, comment, url)}


def closed(state: State, url: str, number: int, sender: str) -> tuple[str, dict]:
    shown = _base("pull_request.closed", state, sender, url)
    pull = answers.pull(state, state.issues[number], url)
    return "pull_request", {**shown, "number": number, "pull_request": {**shown["pull_request"], **pull}}


def reviewed(state: State, url: str, number: int, review: Comment) -> tuple[str, dict]:
    shown = _base("pull_request_review.submitted", state, review.login, url)
    pull = answers.pull(state, state.issues[number], url, full=False)
    given = {**answers.review(review), "state": review.review_state.lower()}
    return "pull_request_review", {**shown, "pull_request": {**shown["pull_request"], **pull}, "review": given}


def line_commented(state: State, url: str, number: int, comment: Comment) -> tuple[str, dict]:
    shown = _base("pull_request_review_comment.created", state, comment.login, url)
    pull = answers.pull(state, state.issues[number], url, full=False)
    given = answers.line_comment(comment)
    return "pull_request_review_comment", {**shown, "pull_request": {**shown["pull_request"], **pull}, "comment": given}


def checks_ended(state: State, url: str, number: int, conclusion: str = "failure") -> tuple[str, dict]:
    shown = _base("check_suite.completed", state, "github-actions[bot]", url)
    change = state.issues[number].pull
    ends = {
        end: {"ref": ref, "sha": sha, "repo": {"id": 1, "url": "", "name": state.repository.split("/")[1]}}
        for end, ref, sha in (("head", change.head, change.head_sha), ("base", change.base, change.head_sha))
    }
    pull = {"url": "", "id": 1, "number": number, **ends}
    suite = {"head_branch": change.head, "head_sha": change.head_sha, "conclusion": conclusion, "pull_requests": [pull]}
    return "check_suite", {**shown, "check_suite": {**shown["check_suite"], **suite}}


def delivery(event: str, payload: dict, secret: str, identifier: str = "") -> tuple[dict[str, str], bytes]:
    """Return the headers and the body by which GitHub delivers an event."""
    body = json.dumps(payload).encode()
    signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    headers = {
        "X-GitHub-Event": event,
        "X-GitHub-Delivery": identifier or str(uuid.uuid4()),
        "X-Hub-Signature-256": f"sha256={signature}",
        "Content-Type": "application/json",
        "User-Agent": "GitHub-Hookshot/stand-in",
    }
    return headers, body
