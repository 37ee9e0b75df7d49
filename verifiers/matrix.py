"""The vote matrix: every generated test on every candidate and on the base, each (test, patch) once.

The base is run twice, and so are the candidates that lead: a cell whose two runs differ is flaky and votes for nobody.
"""

from __future__ import annotations

from collections.abc import Sequence

from environments.workbench.outcome import GeneratedTest, Outcome
from environments.workbench.workbench import Cell, Workbench
from verifiers.ballot import BASE, Ballot, Candidate, Entry
from verifiers.regression import Baseline, changes_runner, regressions
from verifiers.second_look import second_look

LEADERS = 3
"""How many candidates have their cells repeated."""


def vote(
    bench: Workbench,
    *,
    entries: Sequence[Entry],
    candidates: Sequence[Candidate],
    tests: Sequence[GeneratedTest],
    issue_tests: Sequence[GeneratedTest],
    base: Baseline,
    look_again: bool = True,
) -> Ballot:
    """Fill the ballot by execution.

    ``tests``: all generated tests, those of the issue (``issue_tests``) among them, in order of creation; the same
    script counts once. ``look_again``: look for patches that forge the existing tests' outcomes.
    """
    once = list({test.id: test for test in tests}.values())
    trees = {BASE: None} | {candidate.id: candidate.patch for candidate in candidates}
    outcomes = _run(bench, once, trees, 0)
    leaders = _leaders(outcomes, candidates)
    again = _run(bench, once, {BASE: None} | {c.id: c.patch for c in leaders}, 1)
    for test, row in again.items():
        for tree, outcome in row.items():
            if outcomes[test][tree] != outcome:
                outcomes[test][tree] = Outcome.FLAKY
    broken = regressions(bench, candidates, base)
    if look_again:
        candidates, broken = _looked_at_again(bench, candidates, broken, base)
    return Ballot(
        entries=tuple(entries),
        candidates=tuple(candidates),
        tests=tuple(test.id for test in once),
        issue_tests=tuple(dict.fromkeys(test.id for test in issue_tests)),
        outcomes=outcomes,
        regression_tests=base.passing,
        regressions=broken,
    )


def _looked_at_again(
    bench: Workbench, candidates: Sequence[Candidate], broken: dict[str, tuple[str, ...]], base: Baseline
) -> tuple[list[Candidate], dict[str, tuple[str, ...]]]:
    """Look again at those that seem to break nothing: one that passes what must fail is suspicious.

    So is one that changes the test runner while it runs.
    """
    clean = [one for one in candidates if not one.suspicious and not broken.get(one.id)]
    again = second_look(bench, clean, base)
    signs = {name: (found.sign,) for name, found in again.items() if found.forged}
    for name, changed in (changes_runner(bench, clean) if base.passing else {}).items():
        signs[name] = (*signs.get(name, ()), f"changes the test runner while it runs: {changed[0]}")
    marked = [one.model_copy(update={"suspicious": signs[one.id]}) if one.id in signs else one for one in candidates]
    return marked, {**broken, **{one: found.broken for one, found in again.items() if found.broken}}


def _run(
    bench: Workbench, tests: Sequence[GeneratedTest], trees: dict[str, str | None], repeat: int
) -> dict[str, dict[str, Outcome]]:
    cells: list[Cell] = [(test, patch, repeat) for test in tests for patch in trees.values()]
    runs = iter(bench.run_many(cells))
    return {test.id: {tree: next(runs).outcome for tree in trees} for test in tests}


def _leaders(outcomes: dict[str, dict[str, Outcome]], candidates: Sequence[Candidate]) -> list[Candidate]:
    def passed(candidate: Candidate) -> int:
        return sum(row[BASE] == Outcome.FAIL and row[candidate.id] == Outcome.PASS for row in outcomes.values())

    return sorted(candidates, key=passed, reverse=True)[:LEADERS]
