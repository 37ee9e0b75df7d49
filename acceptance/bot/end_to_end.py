"""The bot end to end by a scripted model: what a maintainer sees of each way that an issue can go."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from importlib import import_module
from pathlib import Path

from acceptance.bot.ground import EDIT, ISSUE, SECRET, Ground, Server, ground
from acceptance.record import Record, recording

_REVIEW = """None is nothing to pay.

```python
>>> from shop import total
>>> total(None)
TypeError
```

I expected `0`.
"""
_REVIEWED = EDIT.replace("sum(prices[1:])", "sum(prices)").replace(
    "    return sum(prices)\n>", "    return sum(prices or ())\n>"
)
_LOG = "E  AssertionError: assert total([1]) == 1.0\n"
_NOTHING = "I cannot help with that."


def measure(record: Record, at: Ground) -> None:
    """Fill the record, scenario after scenario."""
    with at.serving(workers=1) as server:
        number = _pull_request(record, at, server)
        _rounds(record, at, server, number)
        _abstention_and_retry(record, at, server)
        _vague(record, at, server)
        _stop(record, at, server)
    record.check("nothing was asked against GitHub's description", not at.github.state.violations, "none")


def _pull_request(record: Record, at: Ground, server: Server) -> int:
    number = at.issue()
    _deliver(server, *at.labelled(number))
    (pull,) = at.github.state.pulls or (None,)
    text = _comment(at, number)
    record.check("label: a draft pull request", pull is not None and pull.pull.draft, text[:200])
    if pull is None:
        raise SystemExit("without a pull request there is nothing more to measure")
    record.check("label: it closes the issue", f"Fixes #{number}" in pull.body, pull.title)
    record.check("label: one comment, that names it", f"#{pull.number}" in text, text[-120:])
    branch, tree = pull.pull.head, at.folder / "clone"
    _git(at.folder, "clone", "-q", "-b", branch, f"{at.github.url}/{at.github.state.repository}.git", str(tree))
    made = _git(tree, "diff", "--name-only", "origin/main", branch).split()
    tests = [name for name in made if name.startswith("tests/")]
    record.check(
        "label: the branch changes the source and adds a test", made == ["shop.py", *tests] != ["shop.py"], made
    )
    last = _git(tree, "diff", "--name-only", "HEAD~1").split()
    record.check("label: the test is a commit of its own", last == tests, last)
    record.check("label: the branch's tests pass", _pytest(tree) == 0, "pytest on the branch")
    _git(tree, "checkout", "-q", "origin/main", "--", "shop.py")
    record.check("label: its test fails without the change", _pytest(tree, *tests) == 1, "pytest with main's source")
    return int(pull.number)


def _rounds(record: Record, at: Ground, server: Server, number: int) -> None:
    events, state = import_module("standin.events"), at.github.state
    pull = state.issues[number]
    (at.folder / "edit.txt").write_text(_REVIEWED)
    before = pull.pull.head_sha
    review = state.review(number, "mia", _REVIEW)
    _deliver(server, *events.delivery(*events.reviewed(state, at.github.url, number, review), SECRET))
    record.check("review: the branch moves forward", _onward(at, before, pull.pull.head_sha), pull.pull.head_sha[:12])
    for when, runs in (("red checks: looked at, their log with them", 1), ("red checks again: no second time", 1)):
        state.check(pull.pull.head_sha, "tests", "failure", "1 failed", _LOG)
        headers, body = events.delivery(*events.checks_ended(state, at.github.url, number), SECRET)
        server.deliver(headers, body)
        server.idle()
        tasks = list((at.folder / "state").glob("runs/*/*/checks-*/*/tasks/*/task.json"))
        told = sum("assert total([1]) == 1.0" in task.read_text() for task in tasks)
        said = _comment(at, 1)
        done = len(tasks) == told == runs and "could not work" not in said
        record.check(when, done, f"{len(tasks)} runs; {said[:120]}")
    pull.state, pull.updated_at = "closed", state.now()
    _deliver(server, *events.delivery(*events.closed(state, at.github.url, number, "mia"), SECRET))
    gone = f"refs/heads/{pull.pull.head}" not in at.github.store.refs()
    record.check("closed: its branch is removed", gone, pull.pull.head)
    (at.folder / "edit.txt").write_text(EDIT)


def _abstention_and_retry(record: Record, at: Ground, server: Server) -> None:
    (at.folder / "edit.txt").write_text(_NOTHING)
    number, pulls = at.issue(), len(at.github.state.pulls)
    _deliver(server, *at.labelled(number))
    text = _comment(at, number)
    record.check("no patch: a comment, no pull request", len(at.github.state.pulls) == pulls, text[:200])
    (at.folder / "edit.txt").write_text(EDIT)
    _say(at, server, number, "/runoff retry the first price is left out")
    record.check("retry: a pull request", len(at.github.state.pulls) == pulls + 1, _comment(at, number)[:200])


def _vague(record: Record, at: Ground, server: Server) -> None:
    number = at.issue("It is broken", "Please help.")
    _deliver(server, *at.labelled(number))
    text = _comment(at, number)
    record.check("vague: one question", "needs to know more" in text, text[:200])


def _stop(record: Record, at: Ground, server: Server) -> None:
    """Stop a run while its model does not answer: the script waits for the other end of a pipe."""
    edit, number = at.folder / "edit.txt", at.issue()
    edit.unlink()
    os.mkfifo(edit)
    headers, body = at.labelled(number)
    server.deliver(headers, body)
    pattern = f"runs/*/issue-{number}/*/*/run.yaml"
    while not any((at.folder / "state").glob(pattern)) and server.process.poll() is None:
        time.sleep(0.2)
    _say(at, server, number, "/runoff stop")
    text = _comment(at, number)
    record.check("stop: the run ends, and says so", "was stopped" in text, text[:200])
    edit.unlink()
    edit.write_text(EDIT)


def _say(at: Ground, server: Server, number: int, text: str) -> None:
    events, state = import_module("standin.events"), at.github.state
    comment = state.comment(number, "mia", text)
    _deliver(server, *events.delivery(*events.commented(state, at.github.url, number, comment), SECRET))


def _deliver(server: Server, headers: dict[str, str], body: bytes) -> None:
    """Deliver an event, and wait until it is worked on."""
    status = server.deliver(headers, body)
    if status != 202 or not server.idle():
        raise RuntimeError(f"the delivery was answered {status}, or its work did not end")


def _comment(at: Ground, number: int) -> str:
    """Return what the bot's comments on an issue say; there must be one."""
    own = [one.body for one in at.github.state.issues[number].comments if one.login.endswith("[bot]")]
    return own[0] if len(own) == 1 else f"{len(own)} comments"


def _onward(at: Ground, before: str, after: str) -> bool:
    return before != after and bool(at.github.store.is_ancestor(before, after))


def _pytest(tree: Path, *files: str) -> int:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *files]
    return subprocess.run(command, cwd=tree, capture_output=True, check=False).returncode


def _git(folder: Path, *arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, check=True).stdout


if __name__ == "__main__":
    with (
        tempfile.TemporaryDirectory(prefix="runoff-bot-") as scratch,
        ground(Path(scratch)) as laid,
        recording(Record("bot", n=8, unit="scenarios")) as noted,
    ):
        noted.figures["issue"] = ISSUE[0]
        measure(noted, laid)
