"""One task: its predictions to a choice, with what speaks for it."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from agent.patch import appliable, remarks
from selection.patches import PatchBallot, ballot_of_patches
from selection.rules import NO_PATCH, RULES, Ranking, Rule
from selection.rules.clean_first import CleanFirst
from selection.rules.consensus import by_score
from selection.rules.evidence import by_id, cluster_support, makers
from swebench_runs.choosing.agreement import agreement, is_alone
from swebench_runs.choosing.fitted import consensus_verifier
from swebench_runs.choosing.predictions import Prediction, Unread
from swebench_runs.errors import UsageError
from verifiers.ballot import Ballot
from verifiers.consensus import Consensus, gather
from verifiers.consensus.model import probability

CONSENSUS = "consensus"


@dataclass(frozen=True)
class Selector:
    """A rule by its name, and the fitted verifier if it is the rule that has one."""

    name: str
    rule: Rule
    verifier: Consensus | None = None
    own: bool = False
    """The user fitted the verifier: then it knows how often a lone candidate of theirs is right."""

    def rank(self, ballot: Ballot) -> tuple[Ranking, dict[str, float], float | None]:
        """Return the order of the candidates, their scores, and the confidence that the first one is right.

        The last two are the verifier's alone: no score and no confidence without it. Nor has a lone candidate one by
        the verifier that comes along: nothing agrees with it or differs from it, and how often such a one is right is
        another matter for every system.
        """
        if self.verifier is None:
            return self.rule(ballot), {}, None
        evidence = gather(ballot)
        odds = self.verifier.log_odds(evidence)
        ids = (candidate.id for candidate in ballot.candidates)
        scores = dict(zip(ids, probability(odds).tolist(), strict=True))
        clean = np.array([not candidate.suspicious for candidate in ballot.candidates])
        # What is suspicious stands last, so that the confidence is the best clean one's.
        of_clean = np.where(clean, odds, odds.min()) if clean.any() else odds
        confidence = self.verifier.confidence(evidence, of_clean) if self.own or not is_alone(ballot) else None
        return CleanFirst(lambda ballot: by_score(ballot, odds))(ballot), scores, confidence


@dataclass(frozen=True)
class Standing:
    """A candidate where the rule put it."""

    candidate: str
    rank: int
    """From 1; tied candidates share it."""
    score: float | None
    """The verifier's P(right), uncalibrated: for comparing candidates of one task."""
    multiplicity: int
    """Attempts that made this very change."""
    cluster_size: int
    """Attempts that made a change which reads the same, comments and local names apart."""
    sources: tuple[str, ...]
    systems: tuple[str, ...]
    suspicious: tuple[str, ...]
    """What it adds that no repair needs, in words: it stands below every change that adds nothing of the kind."""


@dataclass(frozen=True)
class Choice:
    """What was chosen for one task, and why."""

    instance_id: str
    patch: str
    """As its system wrote it, in the form that ``git apply`` and ``patch -p1`` take; empty without a candidate."""
    remarks: tuple[str, ...]
    """Why the patch may not apply, or not as a whole."""
    issue_known: bool
    attempts: int
    standings: tuple[Standing, ...]
    """Best first: the first is the choice."""
    refused: tuple[Unread, ...]
    """Predictions that are no candidates."""
    why: str
    confidence: float | None
    abstained: bool
    abstention: str
    """Why; empty where the choice is stood by."""


def selector(rule: str, verifier: Path | None) -> Selector:
    """Return a rule by its name; ``verifier``: a file fitted by ``runoff verifier fit``. Raises UsageError."""
    if rule not in RULES:
        close = difflib.get_close_matches(rule, RULES, n=1, cutoff=0.4)
        hint = f"did you mean {close[0]}?" if close else f"there are: {', '.join(RULES)}"
        raise UsageError(f"no rule {rule!r}: {hint}")
    if rule != CONSENSUS:
        if verifier is not None:
            raise UsageError(f"--verifier is for the rule {CONSENSUS}: the rule {rule} has none")
        return Selector(rule, RULES[rule])
    return Selector(rule, RULES[rule], consensus_verifier(verifier), own=verifier is not None)


def choose(
    instance_id: str, predictions: Sequence[Prediction], issue: str, by: Selector, min_confidence: float
) -> Choice:
    """Choose among a task's predictions.

    Abstains without a candidate, from a suspicious one (which is chosen where all are), and where the confidence is too
    low.
    """
    found = ballot_of_patches([prediction.patch for prediction in predictions], issue)
    ranking, scores, confidence = by.rank(found.ballot) if found.ballot.candidates else ((), {}, None)
    standings = _standings(found, predictions, ranking, scores)
    abstention = ""
    if not standings:
        abstention = "no candidate" if predictions else "no prediction"
    elif standings[0].suspicious:
        abstention = f"it is suspicious: it {', and '.join(standings[0].suspicious)}"
    elif confidence is not None and confidence < min_confidence:
        abstention = f"the confidence, {confidence:.2f}, is below {min_confidence:.2f}"
    elif doubt := _doubt(found, predictions):
        abstention = f"the only candidate, and its own system would not stand by it ({doubt})"
    patch, told = _handed_on(found, predictions, standings[0].candidate) if standings else ("", ())
    return Choice(
        instance_id=instance_id,
        patch=patch,
        remarks=told,
        issue_known=bool(issue),
        attempts=len(predictions),
        standings=standings,
        refused=tuple(Unread(predictions[i].source, why) for i, why in sorted(found.problems.items())),
        why=_why(found.ballot, standings, by.name),
        confidence=confidence,
        abstained=bool(abstention),
        abstention=abstention,
    )


def _doubt(found: PatchBallot, predictions: Sequence[Prediction]) -> str:
    """Return why a lone candidate's system would not stand by it; empty for any other, and where it says nothing."""
    if not is_alone(found.ballot):
        return ""
    ((index,),) = (found.given(candidate.id) for candidate in found.ballot.candidates)
    return predictions[index].doubted


def _standings(
    found: PatchBallot, predictions: Sequence[Prediction], ranking: Ranking, scores: dict[str, float]
) -> tuple[Standing, ...]:
    made, support, candidates = makers(found.ballot), cluster_support(found.ballot), by_id(found.ballot)
    standings: list[Standing] = []
    for group in [[name for name in dict.fromkeys(group) if name != NO_PATCH] for group in ranking]:
        rank = len(standings) + 1
        for name in group:
            given = [predictions[index] for index in found.given(name)]
            standings.append(
                Standing(
                    candidate=name,
                    rank=rank,
                    score=scores.get(name),
                    multiplicity=len(made[name]),
                    cluster_size=support[name],
                    sources=tuple(prediction.source for prediction in given),
                    systems=tuple(sorted({prediction.system for prediction in given} - {""})),
                    suspicious=candidates[name].suspicious,
                )
            )
    return tuple(standings)


def _handed_on(found: PatchBallot, predictions: Sequence[Prediction], candidate: str) -> tuple[str, tuple[str, ...]]:
    """Return the diff of a candidate, made to apply, and what must be known of it.

    Of several it is one that needs no remark, is whole, the most frequent, the shortest.

    One that nothing can apply, for it only names a binary file, is handed on as it was written.
    """
    texts = Counter(predictions[index].patch for index in found.given(candidate))
    whole, told = {text: appliable(text) for text in texts}, {text: remarks(text) for text in texts}
    chosen = min(texts, key=lambda text: (len(told[text]), whole[text] != text, -texts[text], len(text), text))
    return whole[chosen] or chosen, told[chosen]


def _why(ballot: Ballot, standings: Sequence[Standing], rule: str) -> str:
    if not standings:
        return ""
    tied = sum(standing.rank == 1 for standing in standings) - 1
    tie = f", tied with {tied} other{'s' * (tied > 1)} and first by the hash of its change" if tied else ""
    return f"First by the rule {rule}{tie}. {agreement(ballot, standings[0].candidate)}"
