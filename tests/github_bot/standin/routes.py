"""Repositories, issues, pull requests, checks: one function an operation."""

from datetime import timedelta

from standin import answers
from standin.call import Call, R, Refused, route
from standin.description import operations
from standin.state import Pull


@route(f"GET {R}")
def repository(call: Call):
    return 200, answers.repository(call.state, call.base)


@route(f"GET {R}/labels")
def labels(call: Call):
    return 200, call.page([answers.label(name) for name in call.state.labels])


@route(f"GET {R}/labels/{{name}}")
def label(call: Call):
    if call.given["name"] not in call.state.labels:
        raise Refused(404, "Not Found")
    return 200, answers.label(call.given["name"])


@route(f"GET {R}/collaborators/{{username}}/permission")
def permission(call: Call):
    login = call.given["username"]
    role = call.state.permissions.get(login, "none" if call.state.settings["private"] else "read")
    legacy = {"maintain": "write", "triage": "read"}.get(role, role)
    return 200, {"permission": legacy, "role_name": role, "user": {**answers.account(login), "role_name": role}}


@route("GET /user")
def user(call: Call):
    if call.token.login.endswith("[bot]"):
        raise Refused(403, "Resource not accessible by integration")
    return 200, {**operations()["GET /user"].example(), "login": call.token.login}


@route("GET /app")
def app(call: Call):
    return 200, {**operations()["GET /app"].example(), "slug": call.token.login.removesuffix("[bot]")}


@route(f"GET {R}/installation")
def installation(call: Call):
    return 200, {**operations()[f"GET {R}/installation"].example(), "id": 77}


@route("POST /app/installations/{installation_id}/access_tokens")
def access_token(call: Call):
    kept = {"contents": "write", "issues": "write", "pull_requests": "write", "checks": "read", "actions": "read"}
    permissions = call.body.get("permissions") or kept
    text = call.state.token(call.token.login, lasts=timedelta(hours=1), **permissions)
    ends = call.state.tokens[text].ends
    return 201, {"token": text, "expires_at": f"{ends:%Y-%m-%dT%H:%M:%SZ}", "permissions": permissions}


@route(f"GET {R}/issues/{{issue_number}}")
def issue(call: Call):
    return 200, answers.issue(call.state, call.issue, call.base)


@route(f"GET {R}/issues/{{issue_number}}/comments")
def comments(call: Call):
    found = [answers.comment(call.state, call.issue.number, comment, call.base) for comment in call.issue.comments]
    return 200, call.page(found)


@route(f"GET {R}/issues/comments")
def recent_comments(call: Call):
    found = [(issue.number, comment) for issue in call.state.issues.values() for comment in issue.comments]
    since = call.given.get("since", "")
    shown = [answers.comment(call.state, number, one, call.base) for number, one in found if one.updated_at >= since]
    return 200, call.page(shown)


@route(f"POST {R}/issues/{{issue_number}}/comments")
def create_comment(call: Call):
    if call.issue.locked:
        raise Refused(403, "Unable to create comment because issue is locked.")
    if len(call.body["body"]) > 65536:
        raise Refused(422, "Validation Failed: body is too long (maximum is 65536 characters)")
    made = call.state.comment(call.issue.number, call.token.login, call.body["body"])
    return 201, answers.comment(call.state, call.issue.number, made, call.base)


@route(f"PATCH {R}/issues/comments/{{comment_id}}")
def update_comment(call: Call):
    number, found = _own_comment(call)
    found.body, found.updated_at = call.body["body"], call.state.now()
    return 200, answers.comment(call.state, number, found, call.base)


@route(f"DELETE {R}/issues/comments/{{comment_id}}")
def delete_comment(call: Call):
    number, found = _own_comment(call)
    call.state.issues[number].comments.remove(found)
    return 204, None


def _own_comment(call: Call):
    found = call.state.find_comment(call.given["comment_id"])
    if found is None:
        raise Refused(404, "Not Found")
    return found[0].number, found[1]


@route(f"GET {R}/issues/{{issue_number}}/timeline")
def timeline(call: Call):
    return 200, call.page([answers.timeline_event(event) for event in call.issue.timeline])


@route(f"GET {R}/branches/{{branch}}")
def branch(call: Call):
    refs, name = call.store.refs(), call.given["branch"]
    if f"refs/heads/{name}" not in refs:
        raise Refused(404, "Branch not found")
    shown = operations()[f"GET {R}/branches/{{branch}}"].example()
    return 200, {
        **shown,
        "name": name,
        "protected": False,
        "commit": {**shown["commit"], "sha": refs[f"refs/heads/{name}"]},
    }


@route(f"GET {R}/pulls")
def pulls(call: Call):
    wanted = call.given.get("state", "open")
    owner = call.state.repository.split("/")[0]
    head = call.given.get("head")
    found = [
        issue
        for issue in reversed(call.state.pulls)
        if wanted in ("all", issue.state) and head in (None, f"{owner}:{issue.pull.head}")
    ]
    return 200, call.page([answers.pull(call.state, issue, call.base, full=False) for issue in found])


@route(f"POST {R}/pulls")
def create_pull(call: Call):
    head, base, refs = call.body["head"], call.body["base"], call.store.refs()
    for name in (head, base):
        if f"refs/heads/{name}" not in refs:
            raise Refused(422, f"Validation Failed: {'head' if name == head else 'base'} invalid")
    if any(issue.state == "open" and (issue.pull.head, issue.pull.base) == (head, base) for issue in call.state.pulls):
        raise Refused(422, f"Validation Failed: A pull request already exists for {call.state.repository}:{head}.")
    if call.store.is_ancestor(refs[f"refs/heads/{head}"], refs[f"refs/heads/{base}"]):
        raise Refused(422, f"Validation Failed: No commits between {base} and {head}")
    made = Pull(head, refs[f"refs/heads/{head}"], base, call.body.get("draft", False))
    opened = call.state.pull(call.token.login, call.body["title"], call.body.get("body", ""), made)
    return 201, answers.pull(call.state, opened, call.base)


@route(f"GET {R}/pulls/{{pull_number}}")
def pull(call: Call):
    return 200, answers.pull(call.state, call.pull, call.base)


@route(f"PATCH {R}/pulls/{{pull_number}}")
def update_pull(call: Call):
    found = call.pull
    for name in ("title", "body", "state"):
        setattr(found, name, call.body.get(name, getattr(found, name)))
    found.updated_at = call.state.now()
    return 200, answers.pull(call.state, found, call.base)


@route(f"GET {R}/pulls/{{pull_number}}/reviews")
def reviews(call: Call):
    return 200, call.page([answers.review(review) for review in call.pull.pull.reviews])


@route(f"GET {R}/pulls/{{pull_number}}/files")
def files(call: Call):
    shown = operations()[f"GET {R}/pulls/{{pull_number}}/files"].example()[0]
    found = call.store.changes(call.pull.pull.base, call.pull.pull.head_sha)
    return 200, call.page([{**shown, "filename": path, "patch": patch} for path, patch in found.items()])


@route(f"GET {R}/pulls/{{pull_number}}/comments")
def line_comments(call: Call):
    return 200, call.page([answers.line_comment(comment) for comment in call.pull.pull.line_comments])


@route(f"GET {R}/commits/{{ref}}/check-runs")
def check_runs(call: Call):
    return 200, answers.check_runs(call.state, call.given["ref"])


@route(f"GET {R}/actions/jobs/{{job_id}}/logs")
def job_logs(call: Call):
    if not any(check.id == call.given["job_id"] for check in call.state.checks):
        raise Refused(404, "Not Found")
    # GitHub keeps logs at another host, which must not see the token.
    return 302, f"{call.base.replace('127.0.0.1', 'localhost')}/_standin/logs/{call.given['job_id']}"


@route(f"GET {R}/actions/permissions/workflow")
def workflow_permissions(call: Call):
    may = call.state.settings["workflows_open_pulls"]
    return 200, {"default_workflow_permissions": "read", "can_approve_pull_request_reviews": may}


@route(f"GET {R}/actions/secrets")
def secrets(call: Call):
    shown = operations()[f"GET {R}/actions/secrets"].example()
    named = [{**shown["secrets"][0], "name": name} for name in call.state.settings["secrets"]]
    return 200, {"total_count": len(named), "secrets": named}


@route(f"GET {R}/actions/variables/{{name}}")
def variable(call: Call):
    if call.given["name"] not in call.state.settings["variables"]:
        raise Refused(404, "Not Found")
    shown = operations()[f"GET {R}/actions/variables/{{name}}"].example()
    return 200, {**shown, "name": call.given["name"], "value": call.state.settings["variables"][call.given["name"]]}


@route(f"GET {R}/rules/branches/{{branch}}")
def rules(call: Call):
    shown = operations()[f"GET {R}/rules/branches/{{branch}}"].example()
    return 200, shown[:1] if call.state.settings["ruled"] else []
