"""The fitted consensus model: one versioned file, and what it says of a task's candidates."""

from __future__ import annotations

from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Self

import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from verifiers.consensus.evidence import CANDIDATE_FEATURES, ConsensusEvidence
from verifiers.consensus.similarity import PAIR_FEATURES, Array
from verifiers.consensus.trees import Trees

SCHEMA = 1
PACKAGED = "consensus.json"
CONFIDENCE_FEATURES = ("log_odds", "margin", "agreement", "log_candidates")
"""Of the chosen candidate: its log-odds, how far they lie above the runner-up's, how much its change is like the
others', and how many candidates there are (a lone one has no margin and no agreement: 0)."""


class Calibration(BaseModel):
    """A logistic regression from CONFIDENCE_FEATURES to P(the chosen candidate is right), fitted out of fold."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    weights: tuple[float, ...]
    bias: float

    def probability(self, features: Array) -> float:
        """Return P(right)."""
        return float(probability(features @ np.array(self.weights) + self.bias))


class Consensus(BaseModel):
    """A fitted model. Scores rank the candidates of one task; only ``confidence`` compares tasks."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_version: int = SCHEMA
    version: str
    votes: Trees
    """From PAIR_FEATURES to the log-odds that the first of a pair is right: what the second says of it."""
    candidates: Trees
    """From CANDIDATE_FEATURES to the log-odds that a candidate is right."""
    calibration: Calibration
    threshold: float
    """Confidence that half of the tasks it was fitted on reach, out of fold."""
    report: dict[str, Any]
    """How it was fitted: the pool's hash and instances, cross-validation, importances, seeds, versions."""

    @model_validator(mode="after")
    def _known_features(self) -> Self:
        if self.schema_version != SCHEMA:
            raise ValueError(f"schema {self.schema_version} is not {SCHEMA}: fit it again with `runoff verifier fit`")
        if self.votes.features != PAIR_FEATURES or self.candidates.features != CANDIDATE_FEATURES:
            raise ValueError("it was fitted on other features: fit it again with `runoff verifier fit`")
        if len(self.calibration.weights) != len(CONFIDENCE_FEATURES):
            raise ValueError("its calibration is for other features: fit it again with `runoff verifier fit`")
        return self

    @staticmethod
    @cache
    def packaged() -> Consensus:
        """Return the model that comes with Runoff."""
        content = resources.files("verifiers.consensus").joinpath(PACKAGED).read_bytes()
        return Consensus.model_validate_json(content)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a fitted file; a file that is none is a ValueError of one line."""
        try:
            return cls.model_validate_json(path.read_bytes())
        except ValidationError as error:
            first = error.errors()[0]
            raise ValueError(f"{path} is not a fitted consensus verifier: {first['msg']}") from None

    def log_odds(self, evidence: ConsensusEvidence) -> Array:
        """Return each candidate's log-odds of being right, uncalibrated."""
        return self.candidates.log_odds(evidence.features(vote_matrix(self.votes, evidence)))

    def confidence(self, evidence: ConsensusEvidence, log_odds: Array) -> float:
        """Return the calibrated P(right) of the candidate with the highest log-odds; 0 without candidates."""
        return self.calibration.probability(confidence_features(evidence, log_odds)) if len(evidence) else 0.0


def probability(log_odds: Array) -> Array:
    """Return the probabilities that log-odds stand for."""
    return np.asarray(1 / (1 + np.exp(-log_odds)))


def vote_matrix(votes: Trees, evidence: ConsensusEvidence) -> Array:
    """Return what candidate j says of candidate i at [i, j], in log-odds; 0 where i is j."""
    matrix = np.zeros((len(evidence), len(evidence)))
    matrix[~np.eye(len(evidence), dtype=bool)] = votes.log_odds(evidence.rows())
    return matrix


def confidence_features(evidence: ConsensusEvidence, log_odds: Array) -> Array:
    """Return CONFIDENCE_FEATURES of a task with at least one candidate."""
    ordered = np.sort(log_odds)[::-1]
    others = len(evidence) - 1
    words = evidence.pairs[:, :, PAIR_FEATURES.index("net_words")]
    return np.array(
        [
            ordered[0],
            ordered[0] - ordered[1] if others else 0.0,
            words[int(np.argmax(log_odds))].sum() / others if others else 0.0,
            np.log(len(evidence)),
        ]
    )
