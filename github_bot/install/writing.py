"""``runoff bot init``: the workflow and the configuration, written into a checkout."""

from __future__ import annotations

import re
from importlib import resources
from pathlib import Path

from github_bot.config import PATH
from swebench_runs.checkouts.checkout import require_folder
from swebench_runs.errors import UsageError
from swebench_runs.run_folder.files import write_whole

WORKFLOW = ".github/workflows/runoff.yml"
_ACTION = re.compile(r"[A-Za-z0-9-]+/[A-Za-z0-9._-]+@[0-9a-f]{40}")


def install(root: Path, action: str, *, force: bool) -> list[str]:
    """Write both files below a checkout's top and return what was written and what comes next, a line each.

    ``action``: ``owner/name@commit`` of the Runoff that runs. UsageError where a file is there already.
    """
    require_folder(root)
    if not (root / ".git").exists():
        raise UsageError(f"{root} is not the top of a git checkout: GitHub reads .github there alone")
    if not _ACTION.fullmatch(action):
        raise UsageError(f"--action {action!r}: write OWNER/NAME@COMMIT with all 40 digits of the commit")
    wanted = {WORKFLOW: workflow(action), PATH: _text("runoff.yaml")}
    if not force and (there := [name for name in wanted if (root / name).exists()]):
        raise UsageError(f"{root / there[0]} is there already: --force writes it anew")
    for name, text in wanted.items():
        write_whole(root / name, text)
    return [
        *(f"Written: {root / name}" for name in wanted),
        "Next: commit both to the default branch; set the repository's variable RUNOFF_MODEL (a litellm model string),",
        "the variable RUNOFF_MODEL_KEY_NAME (such as ANTHROPIC_API_KEY) and the secret RUNOFF_MODEL_KEY;",
        "make the label; then `runoff bot doctor OWNER/NAME` says what is missing.",
    ]


def workflow(action: str) -> str:
    """Return the workflow that uses an action, ``owner/name@commit``."""
    return _text("workflow.yaml").replace("@ACTION_REPOSITORY@", action.partition("@")[0]).replace("@ACTION@", action)


def _text(name: str) -> str:
    return (resources.files("github_bot.install") / name).read_text("utf-8")
