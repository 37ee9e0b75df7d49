"""The state as GitHub shows it: its own examples, filled in."""

import base64

from standin.description import operations
from standin.state import Comment, Issue, State

_R = "/repos/{owner}/{repo}"


def _example(name: str, status: int = 200) -> dict:
    example = operations()[name].example(status)
    return example[0] if isinstance(example, list) else example


def account(login: str) -> dict:
    """An account; those that end in [bot] are bots."""
    shown = _example(f"GET {_R}/issues/{{issue_number}}")["user"]
    return {**shown, "login": login, "id": sum(login.encode()), "type": "Bot" if login.endswith("[bot]") else "User"}


def repository(state: State, base: str) -> dict:
    owner, name = state.repository.split("/")
    shown = _example(f"GET {_R}")
    links = {"url": f"{base}/repos/{state.repository}", "clone_url": f"{base}/{state.repository}.git"}
    links["html_url"] = f"{base}/{state.repository}"
    for gone in ("parent", "source", "template_repository", "organization"):
        shown.pop(gone, None)
    shown["language"] = "Python"  # GitHub's example lacks what its description requires
    return {**shown, "name": name, "full_name": state.repository, "owner": account(owner), **links, **state.settings}


def issue(state: State, found: Issue, base: str) -> dict:
    shown = _example(f"GET {_R}/issues/{{issue_number}}")
    label = shown["labels"][0]
    shown.pop("pull_request", None)
    url = f"{base}/repos/{state.repository}/issues/{found.number}"
    return {
        **{
            key: value for key, value in shown.items() if key not in ("assignee", "assignees", "milestone", "closed_by")
        },
        **{"url": url, "repository_url": f"{base}/repos/{state.repository}", "comments": len(found.comments)},
        **{"id": 1000 + found.number, "number": found.number, "title": found.title, "body": found.body},
        **{"state": found.state, "locked": found.locked, "user": account(found.login)},
        **{"created_at": found.created_at, "updated_at": found.updated_at, "assignee": None, "milestone": None},
        "html_url": f"{base}/{state.repository}/issues/{found.number}",
        "labels": [{**label, "name": name} for name in found.labels],
        "closed_at": found.updated_at if found.state == "closed" else None,
        **({"pull_request": dict.fromkeys(("url", "html_url", "diff_url", "patch_url"), url)} if found.pull else {}),
    }


def comment(state: State, number: int, found: Comment, base: str) -> dict:
    shown = _example(f"GET {_R}/issues/{{issue_number}}/comments")
    return {
        **{**shown, "id": found.id, "body": found.body, "user": account(found.login)},
        **{"created_at": found.created_at, "updated_at": found.updated_at},
        "url": f"{base}/repos/{state.repository}/issues/comments/{found.id}",
        "html_url": f"{base}/{state.repository}/issues/{number}#issuecomment-{found.id}",
        "issue_url": f"{base}/repos/{state.repository}/issues/{number}",
    }


def review(found: Comment) -> dict:
    shown = _example(f"GET {_R}/pulls/{{pull_number}}/reviews")
    at = {"submitted_at": found.created_at}
    return {
        **shown,
        "id": found.id,
        "body": found.body,
        "user": account(found.login),
        "state": found.review_state,
        **at,
    }


def line_comment(found: Comment) -> dict:
    shown = _example(f"GET {_R}/pulls/{{pull_number}}/comments")
    place = {"path": found.path, "line": found.line, "created_at": found.created_at, "updated_at": found.updated_at}
    return {**shown, "id": found.id, "body": found.body, "user": account(found.login), **place}


def pull(state: State, found: Issue, base: str, full: bool = True) -> dict:
    """``full``: as one pull request is shown; a list shows less."""
    shown = _example(f"GET {_R}/pulls/{{pull_number}}" if full else f"GET {_R}/pulls")
    change = found.pull
    for end, branch, sha in (("head", change.head, change.head_sha), ("base", change.base, shown["base"]["sha"])):
        whole = {**shown[end]["repo"], "full_name": state.repository}
        label = f"{state.repository.split('/')[0]}:{branch}"
        shown[end] = {**shown[end], "ref": branch, "sha": sha, "label": label, "repo": whole}
    merged = {"merged": change.merged} if full else {}
    return {
        **{**shown, "number": found.number, "title": found.title, "body": found.body, "state": found.state},
        **{"user": account(found.login), "draft": change.draft, "locked": found.locked, **merged},
        "requested_teams": [],  # GitHub's example lacks what its description requires
        "merged_at": found.updated_at if change.merged else None,
        "html_url": f"{base}/{state.repository}/pull/{found.number}",
        **{"created_at": found.created_at, "updated_at": found.updated_at},
    }


def timeline_event(event: dict) -> dict:
    shown = _example(f"GET {_R}/issues/{{issue_number}}/timeline")
    shown.pop("lock_reason")
    label = {"label": {"name": event["label"], "color": "ededed"}}
    return {
        **shown,
        "event": event["event"],
        "actor": account(event["login"]),
        "created_at": event["created_at"],
        **label,
    }


def check_runs(state: State, sha: str) -> dict:
    shown = _example(f"GET {_R}/commits/{{ref}}/check-runs")["check_runs"][0]
    runs = []
    for check in state.checks:
        if check.sha == sha:
            text = {"title": check.name, "summary": check.summary, "text": None}
            output = {**shown["output"], **text}
            end = {"status": "completed", "conclusion": check.conclusion, "output": output}
            runs.append({**shown, "id": check.id, "name": check.name, "head_sha": sha, **end})
    return {"total_count": len(runs), "check_runs": runs}


def commit(sha: str, found: dict, status: int = 200) -> dict:
    shown = _example(f"GET {_R}/git/commits/{{commit_sha}}")
    parents = [{**shown["parents"][0], "sha": parent} for parent in found["parents"]]
    return {
        **shown,
        "sha": sha,
        "message": found["message"],
        "tree": {**shown["tree"], "sha": found["tree"]},
        "parents": parents,
    }


def tree(sha: str, entries: list[dict]) -> dict:
    return {**_example(f"GET {_R}/git/trees/{{tree_sha}}"), "sha": sha, "tree": entries, "truncated": False}


def blob(sha: str, content: bytes) -> dict:
    shown = _example(f"GET {_R}/git/blobs/{{file_sha}}")
    return {**shown, "sha": sha, "content": base64.encodebytes(content).decode(), "size": len(content)}


def ref(name: str, sha: str, kind: str) -> dict:
    shown = _example(f"GET {_R}/git/ref/{{ref}}")
    return {**shown, "ref": name, "object": {**shown["object"], "sha": sha, "type": kind}}


def label(name: str) -> dict:
    return {**_example(f"GET {_R}/labels/{{name}}"), "name": name}
