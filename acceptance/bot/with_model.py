"""The bot once with a real model: a label on an issue whose example shows the fault, to whatever end that comes to.

What the model makes of it is recorded, not asked for: a draft whose branch is right, a patch in a comment and an honest
abstention all pass; a draft that is wrong, two comments or a lost result do not.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from acceptance.bot.ground import FILES, ISSUE, Ground, ground
from acceptance.record import Record, recording

_RIGHT = "from shop import total; assert (total([3, 4]), total([]), total([5]), total([1, 2, 3])) == (7, 0, 5, 6)"
"""What the issue means, which no model is shown."""
_ENDS = ("draft_pull_request", "comment", "abstention")


def measure(record: Record, at: Ground, model: str) -> None:
    """Fill the record: one label."""
    number, began = at.issue(), time.monotonic()
    with at.serving() as server:
        status = server.deliver(*at.labelled(number))
        ended = status == 202 and server.idle()
    record.check("the delivery is worked on to its end", ended, status)
    (written,) = (at.folder / "state").glob("jobs/*/artifact/artifact.json")
    made = json.loads(written.read_text())
    own = [one.body for one in at.github.state.issues[number].comments]
    record.figures.update(
        model=model,
        outcome=made["outcome"],
        confidence=made["confidence"],
        spending=made["spending"],
        evidence=made["evidence"],
        comment=own,
        seconds_from_label_to_end=round(time.monotonic() - began, 1),
    )
    record.check("it ends in one of the honest ways", made["outcome"] in _ENDS, made["outcome"])
    record.check("one comment, that is no longer `working`", len(own) == 1 and "is working on" not in own[0], own)
    drafted, pulls = made["outcome"] == "draft_pull_request", at.github.state.pulls
    record.check("a draft pull request if it says so, else none", len(pulls) == drafted, f"{len(pulls)} pull requests")
    for pull in pulls:
        tree = at.folder / "clone"
        url = f"{at.github.url}/{at.github.state.repository}.git"
        subprocess.run(["git", "clone", "-q", "-b", pull.pull.head, url, str(tree)], check=True)
        tests = _code(tree, "-m", "pytest", "-q", "-p", "no:cacheprovider")
        record.check("the branch's tests pass", tests == 0, f"pytest ended with {tests}")
        record.check("the branch does what the issue means", _code(tree, "-c", _RIGHT) == 0, pull.body[:300])
    record.check("nothing was asked against GitHub's description", not at.github.state.violations, "none")


def _code(tree: Path, *arguments: str) -> int:
    return subprocess.run([sys.executable, *arguments], cwd=tree, capture_output=True, check=False).returncode


def main() -> None:
    """Measure and record."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", required=True, help="a litellm model string, or local")
    model = parser.parse_args().model
    with (
        tempfile.TemporaryDirectory(prefix="runoff-bot-") as scratch,
        ground(Path(scratch), f"model: {model}\nminutes: 20\n") as at,
        recording(Record(f"bot-{model.replace('/', '-')}", n=1, unit="issues")) as record,
    ):
        record.figures.update(issue=ISSUE[0], files=sorted(FILES))
        measure(record, at, model)


if __name__ == "__main__":
    main()
