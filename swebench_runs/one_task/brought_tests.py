"""Tests and scripts that given patches bring along: run on the base and on every candidate, whoever wrote them.

Many systems leave in their patch the tests that they wrote or changed, and scripts that show the issue. They are no
part of a candidate. But a test that fails on the base and passes on its author's change says what that author takes
the issue to be, and what it does on the others' changes nobody could optimise against. A script states no outcome:
it is run for what it does, as the issue's own code is (``verifiers.behaviour``).
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import PurePosixPath

from agent.patch import PatchError, apply_patch, is_scratch_name, is_test_path, joined, sections
from agent.trajectory.trajectory import Trajectory
from environments.trees.steering import steering_paths
from environments.workbench.contraries import Look
from environments.workbench.outcome import GeneratedTest, Outcome
from environments.workbench.suites.suite_run import SuiteRun
from swebench_runs.one_task.work import Work
from verifiers.ballot import BASE, Ballot, Candidate
from verifiers.behaviour import probe_of

MOST_TESTS, MOST_SCRIPTS = 6, 4
"""Different changes of tests, and scripts, of one task that are run: those that most attempts bring."""
BROUGHT = "brought-"
"""What the id of such a test begins with."""
_FILES = ("test_*.py", "*_test.py", "tests.py")
_OWN_FAULT = re.compile(r"^(NameError|ImportError|ModuleNotFoundError|SyntaxError|IndentationError)\b", re.MULTILINE)


@dataclass(frozen=True)
class Brought:
    """What the tests of one attempt look like in the tree."""

    id: str
    """Hash of the files: the same tests are one."""
    files: Mapping[str, bytes]
    """Path -> content of each file among the tests that the patch changes or adds."""

    @property
    def modules(self) -> tuple[str, ...]:
        """The files that hold tests."""
        return tuple(path for path in sorted(self.files) if any(fnmatch(PurePosixPath(path).name, p) for p in _FILES))


def with_brought_tests(work: Work, ballot: Ballot, attempts: Sequence[Trajectory]) -> Ballot:
    """Return the ballot with the outcomes of the tests that attempts brought along.

    What an attempt brings is one test of the ballot. It stands for the cases that fail on the base and pass on that
    attempt's own change; without any it says nothing and is left out. On another change it passes where all of them do.
    """
    by_attempt = {one.id: brought for one in attempts if (brought := _brought(work, one.patch))}
    candidate_of = {entry.id: entry.candidate for entry in ballot.entries}
    authors = {name: brought for name, brought in by_attempt.items() if candidate_of.get(name)}
    counted = Counter(brought.id for brought in authors.values())
    kept = sorted(counted, key=lambda name: (-counted[name], name))[:MOST_TESTS]
    outcomes, written, rewritten = dict(ballot.outcomes), dict[str, str](), dict[str, tuple[str, ...]]()
    for test in kept:
        mine = [name for name, brought in authors.items() if brought.id == test]
        own = {name for attempt in mine if (name := candidate_of[attempt])}
        shown, row = _measured(work, authors[mine[0]], ballot.candidates, own)
        if shown:
            outcomes[test] = row
            written |= dict.fromkeys(mine, test)
            rewritten[test] = tuple(case for case in shown if case in ballot.regression_tests)
    entries = tuple(one.model_copy(update={"test": written.get(one.id, one.test)}) for one in ballot.entries)
    tests = tuple(dict.fromkeys([*ballot.tests, *written.values()]))
    work.folder.event(
        "brought_tests", attempts=len(authors), different=len(counted), tests=sorted(set(written.values()))
    )
    changed = {test: cases for test, cases in rewritten.items() if cases}
    return ballot.model_copy(update={"entries": entries, "tests": tests, "outcomes": outcomes, "rewritten": changed})


def brought_scripts(attempts: Sequence[Trajectory]) -> tuple[GeneratedTest, ...]:
    """Return probes of the new scripts that attempts left in the tree to reproduce the issue."""
    counted: Counter[GeneratedTest] = Counter()
    for attempt in attempts:
        try:
            parts = [part for part in sections(attempt.patch) if part.is_new and _is_script(part.path)]
            _, after = apply_patch(joined(parts), _no_file) if parts else ({}, {})
        except PatchError:
            continue  # it is no candidate either, which gathering tells
        for content in after.values():
            text = (content or b"").decode("utf-8", "replace")
            if text and (probe := probe_of(text, "brought", goes_on=False)) is not None:
                counted[probe] += 1
    return tuple(sorted(counted, key=lambda probe: (-counted[probe], probe.id))[:MOST_SCRIPTS])


def _is_script(path: str) -> bool:
    return path.endswith(".py") and is_scratch_name(path) and not is_test_path(path)


def _no_file(path: str) -> bytes:
    raise FileNotFoundError(path)


def _brought(work: Work, patch: str) -> Brought | None:
    """Return the tests of a patch as they are in the tree; None where it has none that can be run."""
    try:
        parts = [part for part in sections(patch) if part.path.endswith(".py") and is_test_path(part.path)]
        folders = work.bench.task.environment.python_path
        known = work.bench.everything() if parts else ()
        steering = set(steering_paths(joined(parts), known.__contains__, folders)) if parts else set()
        parts = [part for part in parts if part.path not in steering and not part.copied and part.after]
        _, after = apply_patch(joined(parts), work.bench.read) if parts else ({}, {})
    except PatchError:
        return None
    files = {path: content for path, content in after.items() if content is not None}
    told = "\0".join(f"{path}\0{hashlib.sha256(files[path]).hexdigest()}" for path in sorted(files))
    brought = Brought(BROUGHT + hashlib.sha256(told.encode("utf-8", "surrogateescape")).hexdigest()[:12], files)
    return brought if brought.modules else None


def _measured(
    work: Work, brought: Brought, candidates: Sequence[Candidate], own: set[str]
) -> tuple[list[str], dict[str, Outcome]]:
    """Return the cases that what an attempt brought stands for, and tree -> outcome; none where it shows nothing."""
    trees = [(None, 0), *((candidate.patch, 0) for candidate in candidates)]
    seconds = work.config.suite_seconds
    on_base, *runs = work.bench.part(brought.modules, trees, seconds=seconds, look=Look(brought.files, frozenset()))
    by_candidate = {one.id: run for one, run in zip(candidates, runs, strict=True)}
    cases = [test for test in on_base.outcomes if _fails(on_base, test)]
    shown = [test for test in cases if any(by_candidate[name].outcome(test) is Outcome.PASS for name in own)]
    passed = {name: all(run.outcome(test) is Outcome.PASS for test in shown) for name, run in by_candidate.items()}
    return shown, {BASE: Outcome.FAIL, **{name: Outcome.PASS if yes else Outcome.FAIL for name, yes in passed.items()}}


def _fails(run: SuiteRun, test: str) -> bool:
    """Tell whether a case fails for what it is about: an exception of the code under test counts, one of its own not.

    Runners like unittest's call both an error; then what it printed tells.
    """
    outcome = run.outcome(test)
    if outcome is Outcome.ERROR:
        return not _OWN_FAULT.search(run.failures.get(test, "ImportError"))
    return outcome is Outcome.FAIL
