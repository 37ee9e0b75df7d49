"""Git data: refs, commits, trees and blobs, as GitHub lets them be asked for and made."""

import base64
import re

from standin import answers
from standin.call import Call, R, Refused, route
from standin.description import operations
from standin.git_store import NotThere


@route(f"GET {R}/git/ref/{{ref}}")
def ref(call: Call):
    return 200, _shown_ref(call, f"refs/{call.given['ref']}")


@route(f"POST {R}/git/refs")
def create_ref(call: Call):
    name, sha = call.body["ref"], call.body["sha"]
    if not re.fullmatch(r"refs/.+/.+", name):
        raise Refused(422, "Reference name must start with 'refs/' and contain at least two slashes.")
    if name in call.store.refs():
        raise Refused(422, "Reference already exists")
    _commit(call, sha)
    call.store.set_ref(name, sha)
    return 201, _shown_ref(call, name)


@route(f"PATCH {R}/git/refs/{{ref}}")
def move_ref(call: Call):
    name, sha = f"refs/{call.given['ref']}", call.body["sha"]
    old = call.store.refs().get(name)
    if old is None:
        raise Refused(422, "Reference does not exist")
    _commit(call, sha)
    if not call.body.get("force") and not call.store.is_ancestor(old, sha):
        raise Refused(422, "Update is not a fast forward")
    call.store.set_ref(name, sha)
    for issue in call.state.pulls:
        if f"refs/heads/{issue.pull.head}" == name and issue.state == "open":
            issue.pull.head_sha = sha
    return 200, _shown_ref(call, name)


@route(f"DELETE {R}/git/refs/{{ref}}")
def delete_ref(call: Call):
    name = f"refs/{call.given['ref']}"
    if name not in call.store.refs():
        raise Refused(422, "Reference does not exist")
    call.store.delete_ref(name)
    return 204, None


def _shown_ref(call: Call, name: str) -> dict:
    refs = call.store.refs()
    if name not in refs:
        raise Refused(404, "Not Found")
    return answers.ref(name, refs[name], call.store.kind(refs[name]))


def _commit(call: Call, sha: str) -> dict:
    try:
        return call.store.commit(sha)
    except NotThere:
        raise Refused(422, "Object does not exist") from None


@route(f"GET {R}/git/commits/{{commit_sha}}")
def commit(call: Call):
    try:
        return 200, answers.commit(call.given["commit_sha"], call.store.commit(call.given["commit_sha"]))
    except NotThere:
        raise Refused(404, "Not Found") from None


@route(f"POST {R}/git/commits")
def create_commit(call: Call):
    body = call.body
    sha = call.store.add_commit(body["message"], body["tree"], body.get("parents", []))
    return 201, answers.commit(sha, call.store.commit(sha))


@route(f"GET {R}/git/trees/{{tree_sha}}")
def tree(call: Call):
    sha = call.given["tree_sha"]
    try:
        return 200, answers.tree(sha, call.store.tree(sha, recursive="recursive" in call.given))
    except NotThere:
        raise Refused(404, "Not Found") from None


@route(f"POST {R}/git/trees")
def create_tree(call: Call):
    entries = [{"mode": "100644", **entry} for entry in call.body["tree"]]
    for entry in entries:
        if "content" in entry:
            entry["sha"] = call.store.add_blob(entry.pop("content").encode())
    try:
        sha = call.store.add_tree(entries, call.body.get("base_tree"))
    except NotThere as error:
        raise Refused(422, f"GitRPC::BadObjectState: {error}") from None
    return 201, answers.tree(sha, call.store.tree(sha))


@route(f"GET {R}/git/blobs/{{file_sha}}")
def blob(call: Call):
    try:
        return 200, answers.blob(call.given["file_sha"], call.store.blob(call.given["file_sha"]))
    except NotThere:
        raise Refused(404, "Not Found") from None


@route(f"POST {R}/git/blobs")
def create_blob(call: Call):
    text = call.body["content"]
    raw = base64.b64decode(text) if call.body.get("encoding") == "base64" else text.encode()
    sha = call.store.add_blob(raw)
    return 201, {"sha": sha, "url": f"{call.base}/repos/{call.state.repository}/git/blobs/{sha}"}


@route(f"GET {R}/compare/{{basehead}}")
def compare(call: Call):
    base, head = (call.store.refs().get(f"refs/heads/{end}", end) for end in call.given["basehead"].split("..."))
    try:
        forward, backward = call.store.is_ancestor(base, head), call.store.is_ancestor(head, base)
    except NotThere:
        raise Refused(404, "Not Found") from None
    status = "identical" if base == head else "ahead" if forward else "behind" if backward else "diverged"
    shown = operations()[f"GET {R}/compare/{{basehead}}"].example()
    return 200, {**shown, "status": status, "commits": [], "files": []}
