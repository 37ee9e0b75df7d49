"""The crash matrix: the server killed (-9) at points of both phases, then started again, every event delivered twice.

At each point an issue of its own is labelled. Whatever was cut off, there must be one comment, one branch, one pull
request with both commits, and the money of one run.
"""

from __future__ import annotations

import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from acceptance.bot.ground import Ground, Server, ground
from acceptance.record import Record, recording


@dataclass(frozen=True)
class Point:
    """Where the server is killed."""

    what: str
    request: str = ""
    """Of GitHub, at which the stand-in kills it; a pattern of ``METHOD path``."""
    kind: str = "kill-after"
    skip: int = 0
    file: str = ""
    """Or a file below the state folder; it is killed once there is one."""


POINTS = (
    Point("start: before the comment is made", r"POST .*/issues/\d+/comments$", "kill-before"),
    Point("start: the comment is made, and nobody knows", r"POST .*/issues/\d+/comments$"),
    Point("work: its process has started", file="jobs/{number}/log.txt"),
    Point("work: the run is configured", file="runs/*/issue-{issue}/*/*/run.yaml"),
    Point("work: a trajectory is on record", file="runs/*/issue-{issue}/*/*/tasks/*/trajectories/*.jsonl"),
    Point("work: the artifact is written", file="jobs/{number}/artifact/artifact.json"),
    Point("publish: a tree is made", r"POST .*/git/trees$"),
    Point("publish: before the branch", r"POST .*/git/refs$", "kill-before"),
    Point("publish: the branch is made", r"POST .*/git/refs$"),
    Point("publish: the pull request is made", r"POST .*/pulls$"),
    Point("publish: before the comment is edited", r"PATCH .*/issues/comments/\d+$", "kill-before"),
    Point("publish: the comment is edited", r"PATCH .*/issues/comments/\d+$"),
)


def measure(record: Record, at: Ground) -> None:
    """Fill the record."""
    number = at.issue()
    with at.serving() as server:
        server.deliver(*at.labelled(number))
        server.idle()
    whole = state_of(at, number)
    record.check("without a kill", whole == expected(number, whole["cost"]), whole)
    for index, point in enumerate(POINTS, start=2):
        number, killed = at.issue(), killed_at(point, at, index)
        found = state_of(at, number)
        good = killed and found == expected(number, whole["cost"])
        record.check(point.what, good, f"{found}{'' if killed else '; it was not killed there'}")
    record.check("nothing was asked against GitHub's description", not at.github.state.violations, "none")
    record.figures["cost_of_one_run"] = whole["cost"]


def killed_at(point: Point, at: Ground, index: int) -> bool:
    """Label the newest issue, kill the server at a point, let another end the work; tell whether the kill hit."""
    number = max(at.github.state.issues)
    delivery = at.labelled(number)
    server = at.start()
    if point.request:
        at.github.faults.add(point.kind, point.request, skip=point.skip, pid=server.process.pid)
    server.deliver(*delivery)
    if point.request:
        hit = _until(lambda: server.process.poll() is not None, server)
    else:
        pattern = point.file.format(number=index, issue=number)
        hit = _until(lambda: any((at.folder / "state").glob(pattern)), server)
        server.kill()
    at.github.faults.waiting.clear()
    with at.serving() as again:
        again.deliver(*delivery)
        again.deliver({**delivery[0], "X-GitHub-Delivery": f"again-{number}"}, delivery[1])
        again.idle()
    return hit


def state_of(at: Ground, number: int) -> dict[str, object]:
    """Return what there is on an issue: comments, branch, commits, pull requests, and what the run cost."""
    from github_bot.marker import marker_of

    branch = f"runoff/issue-{number}"
    comments = at.github.state.issues[number].comments
    marker = marker_of(comments[0].body) if comments else None
    commits = at.github.store.git("rev-list", "--count", f"main..{branch}") if _has(at, branch) else b"0"
    return {
        "comments": len(comments),
        "branches": int(_has(at, branch)),
        "commits": int(commits),
        "pull_requests": sum(issue.pull.head == branch for issue in at.github.state.pulls),
        "runs": len(marker.runs) if marker else 0,
        "cost": round(sum(run.cost or 0.0 for run in marker.runs.values()), 6) if marker else 0.0,
    }


def expected(number: int, cost: object) -> dict[str, object]:
    """Return what there must be."""
    return {"comments": 1, "branches": 1, "commits": 2, "pull_requests": 1, "runs": 1, "cost": cost}


def _has(at: Ground, branch: str) -> bool:
    return f"refs/heads/{branch}" in at.github.store.refs()


def _until(there: Callable[[], bool], server: Server, limit: float = 1800.0) -> bool:
    end = time.monotonic() + limit
    while not there():
        if time.monotonic() > end:
            return False
        try:
            server.process.wait(0.02)
        except subprocess.TimeoutExpired:
            continue
        return there()
    return True


if __name__ == "__main__":
    with (
        tempfile.TemporaryDirectory(prefix="runoff-bot-") as scratch,
        ground(Path(scratch)) as laid,
        recording(Record("bot-crash", n=len(POINTS), unit="kills")) as noted,
    ):
        measure(noted, laid)
