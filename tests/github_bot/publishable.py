"""An artifact that may be published on the stand-in's repository."""

from agent.patch import make_patch
from github_bot.artifact import Artifact, Spending, Trigger, issue_digest

REPO = "octo/shop"
BEFORE = b"def total(prices):\n    return sum(prices[1:])\n"
AFTER = b"def total(prices):\n    return sum(prices)\n"
TEST = b"from shop import total\n\n\ndef test_total():\n    assert total([3, 4]) == 7\n"
FIX_PATCH = make_patch({"shop/price.py": BEFORE}, {"shop/price.py": AFTER}).encode()
TEST_PATCH = make_patch({}, {"tests/test_issue_1.py": TEST}).encode()


def artifact(base="a" * 40, **changes):
    """Return an artifact for issue 1, with what is changed of it."""
    values = {
        "repository": REPO,
        "issue": 1,
        "issue_digest": issue_digest("total loses the first price", "`total([3, 4])` is 4, expected 7"),
        "trigger": Trigger(kind="label", id="label-1-1", actor="mia"),
        "run_id": "run-1",
        "base_branch": "main",
        "base_commit": base,
        "branch": "runoff/issue-1",
        "outcome": "draft_pull_request",
        "title": "Count the first price",
        "body": "The first price was left out.\n\nFixes #1",
        "comment": "There is a pull request.",
        "confidence": "high",
        "spending": Spending(cost=1.25, tokens=10),
        "patch": FIX_PATCH,
        "test_patch": TEST_PATCH,
    }
    return Artifact(**{**values, **changes})
