"""Hand-made ballots for tests of rules."""

from __future__ import annotations

from environments.workbench.outcome import Outcome
from verifiers.ballot import BASE, P_YES, Ballot, Candidate, Entry

LETTERS = {
    "P": Outcome.PASS,
    "F": Outcome.FAIL,
    "E": Outcome.ERROR,
    "T": Outcome.TIMEOUT,
    "M": Outcome.MISSING,
    "K": Outcome.FLAKY,
}


def edit(index: int, candidate: str | None, ef: float | None = None, **more) -> Entry:
    return Entry(id=f"edit-{index}", candidate=candidate, scores={P_YES: ef}, **more)


def make(entries, grid=None, *, clusters=None, patches=None, **more) -> Ballot:
    """``grid``: test -> one letter for the base, then one per candidate in order of first appearance."""
    names = list(dict.fromkeys(m.candidate for m in entries if m.candidate is not None))
    grid = grid or {}
    return Ballot(
        entries=tuple(entries),
        candidates=tuple(
            Candidate(id=n, patch=(patches or {}).get(n, f"patch of {n}"), cluster=(clusters or {}).get(n, ""))
            for n in names
        ),
        tests=tuple(grid),
        outcomes={
            test: {tree: LETTERS[letter] for tree, letter in zip([BASE, *names], row, strict=True)}
            for test, row in grid.items()
        },
        **more,
    )


def singles(count: int) -> list[Entry]:
    return [edit(i, f"c{i}") for i in range(count)]
