"""A second look at candidates that break nothing: some of the regression tests are their own contraries in it.

The existing tests share a process with the patch that they judge, so that a patch can make their failures passes. It
would make those of their contraries passes too (``environments.workbench.contraries``), which the base fails. The other
tests are not told their answers: what they find is compared outside of the sandbox, where on the base it is right. What
is run is a part of the suite that takes no more than ``SECONDS``, drawn by a word that the code under test cannot know.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

from environments.workbench.contraries import Look, Said, one_look, passing_contraries, split, untouched, wrong_answers
from environments.workbench.outcome import Outcome
from environments.workbench.suites.suite_run import SuiteRun, SuiteState
from environments.workbench.workbench import Workbench
from verifiers.ballot import Candidate
from verifiers.regression import Baseline

SECONDS = 30.0
"""What the drawn part of the suite takes on the base, about."""
SHORT = 10.0
"""A part that takes no longer is looked at twice, so that each of its tests is changed in both ways."""
_LIMIT = 4 * SECONDS
STEERS = "passes tests that must fail"
GUESSES = "passes tests without coming to their answers"


@dataclass(frozen=True)
class Found:
    """What the second look shows of a candidate."""

    forged: tuple[str, ...]
    """Ids of contraries that the base fails and that pass here, and of tests that pass without their answers."""
    broken: tuple[str, ...]
    """The regression tests that do not pass: all of them where what the runner says is forged."""
    sign: str = ""
    """What is forged, in words."""


def second_look(bench: Workbench, candidates: Sequence[Candidate], base: Baseline) -> dict[str, Found]:
    """Return what the look shows, by candidate id; nothing where there is none: no test can be changed, or no time."""
    found: dict[str, Found] = {}
    for look in _drawn(bench, base) if candidates else ():
        waiting = [one for one in candidates if one.id not in found or not found[one.id].forged]
        for name, here in _looked(bench, look, waiting, base).items():
            known = found.get(name, here)
            broken = {*known.broken, *here.broken}
            found[name] = replace(here, broken=tuple(test for test in base.passing if test in broken))
    return found


def _looked(bench: Workbench, look: Look, candidates: Sequence[Candidate], base: Baseline) -> dict[str, Found]:
    paths = tuple(look.files)
    trees = [(None, 0), *((one.patch, 0) for one in candidates)]
    on_base, *runs = bench.part(paths, trees, seconds=_LIMIT, look=look)
    if on_base.state is not SuiteState.RAN:
        return {}
    found = {one.id: _found(look, on_base, run, base) for one, run in zip(candidates, runs, strict=True)}
    doubted = [one for one in candidates if found[one.id].forged]  # once may be a test's own whim
    again = bench.part(paths, [(one.patch, 1) for one in doubted], seconds=_LIMIT, look=look)
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
        return Found(forged, base.passing, STEERS)
    if run.state is SuiteState.TIMED_OUT:
        return Found((), ())
    here = [test for test in base.passing if run.outcome(test) is Outcome.PASS]
    others = wrong_answers(look, run.answers, here)
    others = {number: tests for number, tests in others.items() if on_base.answers.get(number) is Said.RIGHT}
    # An object of the code's own may be equal to the answer: it breaks its test, and is not called a forgery.
    guessed = [test for number, tests in others.items() if run.answers.get(number) is not Said.UNSURE for test in tests]
    if guessed:
        return Found(tuple(dict.fromkeys(guessed)), base.passing, GUESSES)
    unsure = {test for tests in others.values() for test in tests}
    must_pass = untouched(look, (test for test in base.passing if on_base.outcome(test) is Outcome.PASS))
    wanted = {**must_fail, **dict.fromkeys(must_pass, Outcome.PASS)}
    broken = {test for test in wanted if run.outcome(test) is not wanted[test]} | unsure
    return Found((), tuple(test for test in base.passing if test in broken))


def _drawn(bench: Workbench, base: Baseline) -> tuple[Look, ...]:
    """Draw test files of the baseline, as many as fit the time, and what is changed in them: in two looks at a few."""
    texts = bench.contents()
    named = bench.suite_paths if bench.task.environment.test_command else {test.split("::")[0] for test in base.passing}
    files = sorted(path for path in named if path in texts)
    if not files:
        return ()
    chance = random.Random(f"{bench.secret} {base.passing}")
    chance.shuffle(files)
    seconds = max(bench.suite().seconds, 1.0)
    kept = files[: max(1, int(len(files) * min(1.0, SECONDS / seconds)))]
    drawn = split if seconds * len(kept) / len(files) <= SHORT else one_look
    return drawn({path: texts[path] for path in kept}, chance)
