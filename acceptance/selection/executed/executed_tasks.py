"""The instances that were executed, as graded tasks: outcomes of the runs beside the pool's patches and grades."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from acceptance.selection.executed.draw import Graded, graded_pool
from acceptance.selection.executed.executing import OUTCOMES
from environments.record_file import read_lines
from swebench_runs.choosing.labelled_pool import LabelledPatch, LabelledTask
from swebench_runs.rows.datasets import SUBSETS, data_folder, problem_statements
from verifiers.ballot import Ballot, Candidate, Entry


def executed_tasks(
    outcomes: Path = OUTCOMES, graded: Path | None = None
) -> tuple[list[LabelledTask], dict[str, Mapping[str, Any]]]:
    """Return the tasks in the order of the draw, with what was run in their ballots, and their lines by id.

    ``graded``: the pool; by default the data folder's.

    Rows that came to no candidate (empty, not applying) are entries without one.
    """
    lines = {line["instance_id"]: line for line in read_lines(outcomes) if not line["problem"]}
    statements = problem_statements([data_folder() / file for file in SUBSETS.values()])
    pool = graded_pool(graded)
    return [_task(name, line, pool[name], statements[name]) for name, line in lines.items()], lines


def _task(name: str, line: Mapping[str, Any], rows: Sequence[Graded], statement: str) -> LabelledTask:
    known = {row.sample_id: row for row in rows}
    owners = [(one, sample) for one, told in line["candidates"].items() for sample in told["samples"]]
    owners += [(None, sample) for sample in line["no_candidate"]]
    ordered = [known[sample] for _, sample in owners]
    written: Mapping[str, str] = line["brought"]
    entries = tuple(
        Entry(
            id=f"edit-{number}",
            candidate=candidate,
            patch_chars=len(known[sample].patch) if candidate else 0,
            test=written.get(sample),
        )
        for number, (candidate, sample) in enumerate(owners)
    )
    patches = {candidate: known[sample].patch for candidate, sample in reversed(owners) if candidate}
    ballot = Ballot(
        entries=entries,
        candidates=tuple(
            Candidate(id=one, patch=patches[one], cluster=told["cluster"], suspicious=tuple(told["suspicious"]))
            for one, told in line["candidates"].items()
        ),
        tests=tuple(line["tests"]),
        issue_tests=tuple(line["issue_tests"]),
        outcomes=line["outcomes"],
        rewritten={test: tuple(names) for test, names in line["rewritten"].items()},
        regression_tests=tuple(f"test {number}" for number in range(line["gate"]["tests"])),
        regressions={one: tuple(tests) for one, tests in line["regressions"].items()},
        behaviour=line["behaviour"],
        calls=line["calls"],
        issue=statement,
    )
    labelled = tuple(LabelledPatch(patch=row.patch, resolved=row.resolved) for row in ordered)
    return LabelledTask(name, statement, labelled, ballot)
