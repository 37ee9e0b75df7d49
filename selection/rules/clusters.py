"""Which candidates are one cluster: those that behave alike where behaviour was seen, else those that read alike."""

from __future__ import annotations

from verifiers.ballot import BASE, Ballot, Candidate


def cluster_of(candidate: Candidate) -> str:
    """Return a candidate's cluster by its text; one that was not clustered stands alone."""
    return candidate.cluster or candidate.id


def text_clusters(ballot: Ballot) -> dict[str, str]:
    """Return candidate id -> its cluster by its text."""
    return {candidate.id: cluster_of(candidate) for candidate in ballot.candidates}


def behaviour_clusters(ballot: Ballot) -> dict[str, str]:
    """Return candidate id -> what it does on the issue's code, of those candidates that change anything of it.

    One that leaves everything as it was on the base shares nothing with another that does.
    """
    seen = {candidate.id: vector(ballot, candidate.id) for candidate in ballot.candidates}
    base = vector(ballot, BASE)
    return {name: "does " + " ".join(done) for name, done in seen.items() if done and "" not in done and done != base}


def clusters(ballot: Ballot) -> dict[str, str]:
    """Return candidate id -> its cluster: by behaviour where it has one, else by its text."""
    return text_clusters(ballot) | behaviour_clusters(ballot)


def vector(ballot: Ballot, tree: str) -> tuple[str, ...]:
    """Return what happened on a tree, a probe each; empty text where one was not run on it."""
    return tuple(row.get(tree, "") for row in ballot.behaviour.values())
