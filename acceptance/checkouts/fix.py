"""Item 6: ``runoff fix`` in a checkout with local changes: a patch or an honest abstention, nothing touched."""

from __future__ import annotations

import hashlib
import random
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from acceptance.commands import Done, run, runoff
from acceptance.record import Record, recording
from agent.patch import is_test_path
from environments.sandboxes.contract import WORKTREE
from environments.task import Task
from swebench_runs import splits

SEED = 7
LIMIT = 900.0
BUDGET = ("-c", "demo")
"""The budgets of one task of the demo."""


@dataclass(frozen=True)
class State:
    """A checkout, byte for byte."""

    files: dict[str, str]
    """Path -> kind, mode and hash of every file and link, .git included."""
    status: str
    """What git says of it."""


def main() -> None:
    """Draw a starter task, make it a checkout with local changes, and fix its issue."""
    with recording(Record("fix", n=1, unit="issues", seed=SEED)) as record, tempfile.TemporaryDirectory() as name:
        starter = splits.starter()
        task = random.Random(SEED).choice(sorted(starter.tasks(), key=lambda task: task.instance_id))
        starter.lay_tree(task, Path(name) / "layer")
        checkout = (Path(name) / "layer" / WORKTREE.strip("/")).rename(Path(name) / task.repo.rpartition("/")[2])
        fix(record, task, checkout, ("-m", "local", *BUDGET))


def fix(record: Record, task: Task, checkout: Path, options: Sequence[str]) -> None:
    """Fix the task's issue in ``checkout`` once local changes are made in it, and check what came of it."""
    changed = change_locally(checkout)
    issue, patch = checkout.parent / "ISSUE.md", checkout.parent / "fix.patch"
    issue.write_text(task.problem_statement)
    before = state_of(checkout)
    command = runoff("fix", str(checkout), "--issue", str(issue), *options, "-o", str(patch))
    done = run(command, timeout=LIMIT, env={"XDG_STATE_HOME": str(checkout.parent / "state")})
    after = state_of(checkout)
    found = patch.read_bytes() if patch.exists() else b""
    record.figures |= {
        "task": task.instance_id,
        "fix_seconds": round(done.seconds, 1),
        "local_changes": changed,
        "git_status": before.status.splitlines(),
        "patch": found.decode(errors="replace"),
        "said": said(done),
    }
    record.check("runoff fix ends well", done.exit_code == 0, f"exit code {done.exit_code}: {done.last_line}")
    answered = bool(found) or any("Abstained" in line for line in said(done))
    record.check("a patch or an honest abstention", answered, "; ".join(said(done)) or "neither")
    touched = sorted(dict(before.files.items() ^ after.files.items()))
    record.check("the user's files are untouched", not touched, ", ".join(touched) or f"{len(after.files)} files")
    record.check("git status is the same", before.status == after.status, f"{len(after.status.splitlines())} entries")
    if found:
        told = git(checkout, "apply", "--check", str(patch))
        record.check("the patch applies to the tree as it is", told == "", told or "git apply --check says nothing")


def change_locally(checkout: Path) -> dict[str, str]:
    """Make a staged, an unstaged and an untracked change; returns kind -> path. No function changes its meaning."""
    sources = [path for path in git(checkout, "ls-files", "*.py").splitlines() if not is_test_path(path)]
    edited = checkout / max(sources, key=lambda path: (checkout / path).stat().st_size)
    edited.write_bytes(edited.read_bytes().rstrip(b"\n") + b"\n\n\n# local work in progress\n")
    (checkout / "NOTES.md").write_text("my notes\n")
    git(checkout, "add", "NOTES.md")
    (checkout / "scratch.txt").write_text("not for git\n")
    return {"unstaged": str(edited.relative_to(checkout)), "staged": "NOTES.md", "untracked": "scratch.txt"}


def state_of(checkout: Path) -> State:
    """Read a checkout's state."""
    files = {}
    for path in sorted(checkout.rglob("*")):
        if path.is_symlink():
            files[str(path.relative_to(checkout))] = f"link {path.readlink()}"
        elif path.is_file():
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            files[str(path.relative_to(checkout))] = f"{path.stat().st_mode:o} {digest}"
    return State(files, git(checkout, "--no-optional-locks", "status", "--porcelain=v2", "--untracked-files=all"))


def said(done: Done) -> list[str]:
    """Return what the command says of its result."""
    telling = ("Abstained", "Answer", "Tried", "Lost", "Took", "The patch")
    return [line.strip() for line in done.output.splitlines() if line.startswith(telling)]


def git(checkout: Path, *arguments: str) -> str:
    """Run git in the checkout and return all that it says."""
    done = subprocess.run(["git", "-C", str(checkout), *arguments], capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


if __name__ == "__main__":
    main()
