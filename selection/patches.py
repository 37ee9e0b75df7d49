"""A ballot of nothing but patches: anyone's candidates for one task, without a repository and without tests."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agent.patch import Change, PatchError, change_fingerprint, read_change
from agent.patch.places import same_place
from agent.suspicion import suspicions_of
from environments.text import writable
from verifiers.ballot import Ballot, Candidate, Entry

MOST_CHANGES = 256
"""Different changes of one task that are weighed against each other: every two of them are compared."""


@dataclass(frozen=True)
class PatchBallot:
    """A ballot and what became of each patch that was given."""

    ballot: Ballot
    """One entry per patch, in an order that depends on the patches alone, empty ones last."""
    order: tuple[int, ...]
    """Machine -> index of its patch among those given."""
    problems: dict[int, str]
    """Index of a patch given -> why it is no candidate: a patch that cannot be read, or that changes no source."""

    def given(self, candidate: str) -> tuple[int, ...]:
        """Return the indices of the patches that became this candidate, in the order given."""
        entries = zip(self.ballot.entries, self.order, strict=True)
        return tuple(sorted(index for entry, index in entries if entry.candidate == candidate))


def ballot_of_patches(patches: Sequence[str], issue: str = "") -> PatchBallot:
    """Turn the diffs of one task, in any system's form, into a ballot.

    Diffs of the same change are one candidate. What the ballot holds depends neither on the order of the patches nor
    on how they were written down: a candidate's patch is the change in one form (``agent.patch.Change.patch``). Of more
    than ``MOST_CHANGES`` different ones those count that were made most often.
    """
    changes: list[Change | None] = []
    problems: dict[int, str] = {}
    read = {patch: _read(writable(patch)) for patch in dict.fromkeys(patches)}
    for index, patch in enumerate(patches):
        change, problem = read[patch]
        changes.append(change)
        if problem:
            problems[index] = problem
    keys = [change.key if change else "" for change in changes]
    weighed = _most_made(keys)
    for index, key in enumerate(keys):
        if key and key not in weighed:
            problems[index] = f"not weighed: of over {MOST_CHANGES} different changes others were made more often"
            keys[index] = ""
    order = sorted(range(len(patches)), key=lambda index: (not keys[index], keys[index]))
    found = {keys[index]: changes[index] for index in order if keys[index]}
    clusters = _clusters({key: change for key, change in found.items() if change})
    candidates = [
        Candidate(id=key, patch=c.patch, cluster=clusters[key], suspicious=suspicions_of(c))
        for key, c in found.items()
        if c
    ]
    length = {candidate.id: len(candidate.patch) for candidate in candidates}
    entries = tuple(
        Entry(id=f"edit-{number}", candidate=keys[index] or None, patch_chars=length.get(keys[index], 0))
        for number, index in enumerate(order)
    )
    ballot = Ballot(entries=entries, candidates=tuple(candidates), tests=(), outcomes={}, issue=writable(issue))
    return PatchBallot(ballot, tuple(order), problems)


def _most_made(keys: Sequence[str]) -> frozenset[str]:
    made = Counter(key for key in keys if key)
    return frozenset(sorted(made, key=lambda key: (-made[key], key))[:MOST_CHANGES])


def _clusters(changes: Mapping[str, Change]) -> dict[str, str]:
    """Return key -> cluster: changes that read the same once comments and local names are out, at the same place."""
    groups: dict[str, list[list[str]]] = {}
    found = {}
    for key, change in changes.items():
        fingerprint = change_fingerprint(change)
        clusters = groups.setdefault(fingerprint, [])
        cluster = next((c for c in clusters if same_place(changes[c[0]], change)), None)
        if cluster is None:
            clusters.append(cluster := [])
        cluster.append(key)
        found[key] = f"{fingerprint}-{clusters.index(cluster)}"
    return found


def _read(patch: str) -> tuple[Change | None, str]:
    if not patch.strip():
        return None, "the patch is empty"
    try:
        change = read_change(patch)
    except PatchError as error:
        return None, str(error)
    return (change, "") if change.source else (None, "it changes no source file")
