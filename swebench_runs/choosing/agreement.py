"""How far the other attempts agree with a candidate, in words."""

from __future__ import annotations

from agent.patch.sections import paths
from selection.rules.evidence import by_id, cluster_support, makers
from verifiers.ballot import Ballot


def is_alone(ballot: Ballot) -> bool:
    """Tell whether one attempt alone made a candidate."""
    return sum(map(len, makers(ballot).values())) == 1


def agreement(ballot: Ballot, candidate: str) -> str:
    """Say how many of the attempts made the same change, one that reads the same, or touch the same files."""
    made, candidates = makers(ballot), by_id(ballot)
    total = sum(map(len, made.values()))
    if is_alone(ballot):
        return "It is the only candidate: nothing agrees with it or differs from it."
    same, alike = len(made[candidate]), cluster_support(ballot)[candidate]
    files = {name: frozenset(paths(candidates[name].patch)) for name in made}
    there = sum(len(made[name]) for name, touched in files.items() if touched == files[candidate])
    words = [f"{same} of {total} candidates made this change"]
    if alike > same:
        words.append(f"{alike - same} more one that differs in comments, formatting or local names alone")
    if there > alike:
        words.append(f"{there - alike} more another change of the same files")
    return f"{', '.join(words)}."
