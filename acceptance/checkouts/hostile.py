"""Issue 16, acceptance 5: ``runoff fix`` on hostile checkouts and on ordinary ones, audited from outside.

Each checkout is fixed by a scripted model, the user standing in it, with a home folder of its own beside it. Before and
after, every file of both is hashed and the machine's processes are listed. ``hostile_kinds`` makes the checkouts.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from acceptance.checkouts.audit import children_left, files_of
from acceptance.checkouts.hostile_kinds import HOSTILE, MARK, ORDINARY, Make
from acceptance.commands import run
from acceptance.record import ROOT, Record, recording

LIMIT = 900.0
"""Seconds of one command: a bound, and no figure."""
BUDGET = ("--trajectories", "1", "--tests", "0", "-c", "price.policy=zero", "-c", "judge=off")
EDIT = "m.py\n<<<<<<< SEARCH\n    return x + x + 1\n=======\n    return x + x\n>>>>>>> REPLACE\n"
ISSUE = "double() is one too high\n\n```python\n>>> from m import double\n>>> double(2)\n5\n```\n\nI expected `4`.\n"
_ENDED = (0, 1, 2, 3)
"""Exit codes of a command that ended by itself; anything else is a crash."""


def main() -> None:
    """Fix every checkout and write the record."""
    kinds = [(kind, make, True) for kind, make in HOSTILE.items()]
    kinds += [(kind, make, False) for kind, make in ORDINARY.items()]
    with (
        recording(Record("hostile-checkouts", n=len(kinds), unit="checkouts")) as record,
        tempfile.TemporaryDirectory(prefix="hostile-") as name,
        model(Path(name)) as endpoint,
    ):
        for kind, make, hostile in kinds:
            place = Path(name) / kind
            place.mkdir()
            fix(record, kind, make, endpoint, place, hostile=hostile)


def fix(record: Record, kind: str, make: Make, endpoint: str, place: Path, *, hostile: bool) -> None:
    """Fix one checkout and check what became of it and of what lies around it."""
    checkout, home = place / "checkout", place / "home"
    for folder in (checkout, home / ".ssh"):
        folder.mkdir(parents=True)
    (home / ".ssh" / "id_rsa").write_text("a secret\n")
    make(checkout)
    (place / "issue.md").write_text(ISSUE)
    before = files_of(checkout) | files_of(home)
    patch = place / "fix.patch"
    program = str(Path(sys.executable).with_name("runoff"))  # as a user starts it: ``python -c`` imports what lies here
    command = [program, "fix", ".", "--issue", str(place / "issue.md"), "-m", "openai/scripted", *BUDGET]
    command += ["-c", f"api_base={endpoint}", "-o", str(patch)]
    variables = {"HOME": str(home), "OPENAI_API_KEY": "none", "XDG_CACHE_HOME": str(place.parent / "cache")}
    done = run(command, timeout=LIMIT, cwd=checkout, env={**variables, "XDG_STATE_HOME": str(place / "state")})
    touched = sorted(dict(before.items() ^ (files_of(checkout) | files_of(home)).items()))
    record.check(f"{kind}: tree and home are untouched", not touched, ", ".join(touched) or f"{len(before)} files")
    record.check(f"{kind}: nothing of it ran here", not list(place.rglob(MARK)), list(place.rglob(MARK)) or "no mark")
    left = children_left(place)
    record.check(f"{kind}: no process is left", not left, left or "none")
    if hostile:
        clean = done.exit_code in _ENDED and "Traceback" not in done.output and "\x1b" not in done.output
        record.check(f"{kind}: one clean line, or a result", clean, f"exit code {done.exit_code}: {done.last_line}")
    else:
        fixed = patch.exists() and "+    return x + x\n" in patch.read_text()
        record.check(f"{kind}: fixed", fixed and done.exit_code == 0, f"exit code {done.exit_code}: {done.last_line}")


@contextmanager
def model(folder: Path) -> Iterator[str]:
    """Serve the scripted model for the block; gives its address."""
    edit = folder / "edit.txt"
    edit.write_text(EDIT)
    command = [sys.executable, str(ROOT / "tests" / "scripted_server.py"), str(edit)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        assert server.stdin is not None
        yield server.stdout.readline().strip()
        server.stdin.close()


if __name__ == "__main__":
    main()
