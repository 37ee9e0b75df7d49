"""How many tests of real repositories can be changed in the further looks: by a contrary, by withholding an answer.

    python -m acceptance.grading.withheld_share GIT_FOLDER...

Of each repository's newest commit so many test files are drawn, by a seed, and read; nothing is run.
"""

from __future__ import annotations

import random
import re
import sys
from pathlib import Path

from acceptance.record import Record, recording
from environments.host_git import run_git
from environments.workbench.contraries.assertions import parsed, tests_of
from environments.workbench.contraries.negation import negations
from environments.workbench.contraries.withheld import comparisons

FILES, SEED = 60, 1
_TEST_FILE = re.compile(r"(^|/)(test_[^/]*|[^/]*_test)\.py$")


def main(folders: list[str]) -> None:
    """Count, and write the record."""
    record = Record("withheld", n=0, unit="tests", seed=SEED)
    with recording(record):
        for folder in map(Path, folders):
            figures = _counted(folder)
            name = folder.parent.name.replace("+", "/")
            record.figures[name] = figures
            print(name, figures, flush=True)
            record.n += int(figures["tests"])
        for what in ("contrary", "withheld"):
            record.figures[f"share_{what}"] = round(
                sum(one[what] for one in record.figures.values() if isinstance(one, dict)) / max(1, record.n), 3
            )
        record.check("there are enough to speak of a share", record.n >= 1000, record.n)
        record.notes.append(f"up to {FILES} test files of each repository, drawn; tests that a runner would collect")


def _counted(folder: Path) -> dict[str, int | str]:
    def git(*words: str) -> bytes:
        return run_git(folder, *words)

    head = git("for-each-ref", "--count=1", "--sort=-committerdate", "--format=%(objectname)").decode().strip()
    names = git("ls-tree", "-r", "--name-only", "-z", head).decode().split("\0")
    files = [name for name in names if _TEST_FILE.search(name)]
    random.Random(SEED).shuffle(files)
    tests = contrary = withheld = 0
    for name in files[:FILES]:
        source = git("show", f"{head}:{name}")
        if read := parsed(source):
            tests += sum(1 for _ in tests_of(read[0]))
            contrary += len(negations(source))
            withheld += len({one.test for one in comparisons(source)})
    return {"commit": head, "files": len(files[:FILES]), "tests": tests, "contrary": contrary, "withheld": withheld}


if __name__ == "__main__":
    main(sys.argv[1:])
