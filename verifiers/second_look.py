"""A second look at candidates that break nothing: some of the regression tests are their own contraries in it.

The existing tests share a process with the patch that they judge, so that a patch can make their failures passes. It
would make those of their contraries passes too (``environments.workbench.contraries``), which the base fails. What is
run is a part of the suite that takes no more than ``SECONDS``, drawn by a word that the code under test cannot know.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from environments.workbench.contraries import Look, passing_contraries, split, untouched
from environments.workbench.outcome import Outcome
from environments.workbench.suites.suite_run import SuiteRun, SuiteState
from environments.workbench.workbench import Workbench
from verifiers.ballot import Candidate
from verifiers.regression import Baseline

SECONDS = 30.0
"""What the drawn part of the suite takes on the base, about."""
_LIMIT = 4 * SECONDS
STEERS = "passes tests that must fail"


@dataclass(frozen=True)
class Found:
    """What the second look shows of a candidate."""

    forged: tuple[str, ...]
    """Ids of contraries that the base fails and that pass here."""
    broken: tuple[str, ...]
    """The regression tests that do not pass: all of them where what the runner says is forged."""


def second_look(bench: Workbench, candidates: Sequence[Candidate], base: Baseline) -> dict[str, Found]:
    """Return what the look shows, by candidate id; nothing where there is none: no test has a contrary, or no time."""
    look = _drawn(bench, base) if candidates else None
    if look is None:
        return {}
    paths = tuple(look.files)
    trees = [(None, 0), *((one.patch, 0) for one in candidates)]
    on_base, *runs = bench.part(paths, trees, seconds=_LIMIT, changed=look.files)
    if on_base.state is not SuiteState.RAN:
        return {}
    found = {one.id: _found(look, on_base, run, base) for one, run in zip(candidates, runs, strict=True)}
    doubted = [one for one in candidates if found[one.id].forged]  # once may be a test's own whim
    again = bench.part(paths, [(one.patch, 1) for one in doubted], seconds=_LIMIT, changed=look.files)
    for one, run in zip(doubted, again, strict=True):
        if not _found(look, on_base, run, base).forged:
            found[one.id] = Found((), found[one.id].forged)
    return found


def _found(look: Look, on_base: SuiteRun, run: SuiteRun, base: Baseline) -> Found:
    contraries = passing_contraries(look, base.passing)
    must_fail = {test: on_base.outcome(test) for test in contraries}
    must_fail = {test: outcome for test, outcome in must_fail.items() if outcome in (Outcome.FAIL, Outcome.ERROR)}
    forged = tuple(test for test in must_fail if run.outcome(test) is Outcome.PASS)
    if forged:
        return Found(forged, base.passing)
    if run.state is SuiteState.TIMED_OUT:
        return Found((), ())
    must_pass = untouched(look, (test for test in base.passing if on_base.outcome(test) is Outcome.PASS))
    wanted = {**must_fail, **dict.fromkeys(must_pass, Outcome.PASS)}
    return Found((), tuple(test for test in base.passing if test in wanted and run.outcome(test) is not wanted[test]))


def _drawn(bench: Workbench, base: Baseline) -> Look | None:
    """Draw test files of the baseline, as many as fit the time, and which of their tests are contraries."""
    texts = bench.contents()
    named = bench.suite_paths if bench.task.environment.test_command else {test.split("::")[0] for test in base.passing}
    files = sorted(path for path in named if path in texts)
    if not files:
        return None
    chance = random.Random(f"{bench.secret} {base.passing}")
    chance.shuffle(files)
    share = min(1.0, SECONDS / max(bench.suite().seconds, 1.0))
    kept = files[: max(1, int(len(files) * share))]
    looks = split({path: texts[path] for path in kept}, chance)
    return looks[0] if looks else None
