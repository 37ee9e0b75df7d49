"""What the votes came to, in a line for whoever watches a run."""

from __future__ import annotations

from environments.text import amount
from environments.workbench.outcome import Outcome
from selection.rules.evidence import outcome
from selection.weighing import gate
from verifiers.ballot import Ballot, Candidate

SHOWN = 3
"""Patches that are told of by name."""


def votes_told(ballot: Ballot) -> str:
    """Say how many patches pass all tests that show the issue and break nothing, and how the first few fared."""
    tests = [test for test in ballot.tests if ballot.reproduces(test)]
    if not ballot.candidates:
        return "votes: no patch to vote on"
    passed = {one.id: _passed(ballot, one, tests) for one in ballot.candidates}
    clean = [one for one in ballot.candidates if gate(ballot, one.id) == "clean" and not one.suspicious]
    survive = [one for one in clean if tests and passed[one.id] == len(tests)]
    ordered = sorted(ballot.candidates, key=lambda one: (one not in clean, -passed[one.id]))
    told = "; ".join(
        f"{one.id[:8]} {passed[one.id]} of {amount(len(tests), 'test')}, existing tests {gate(ballot, one.id)}"
        f"{', suspicious: it ' + one.suspicious[0] if one.suspicious else ''}"
        for one in ordered[:SHOWN]
    )
    more = f"; {len(ordered) - SHOWN} more" if len(ordered) > SHOWN else ""
    return f"votes: {len(survive)} of {amount(len(ballot.candidates), 'patch', 'patches')} survive ({told}{more})"


def _passed(ballot: Ballot, candidate: Candidate, tests: list[str]) -> int:
    return sum(outcome(ballot, test, candidate.id) is Outcome.PASS for test in tests)
