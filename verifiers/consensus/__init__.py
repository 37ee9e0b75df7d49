"""The consensus verifier: how far a candidate agrees with the others, with itself and with the issue.

Execution-free and without a language model: gradient-boosted trees over what the changes themselves show, fitted on
graded patches of many systems (``swebench_runs.choosing.fitting``), read from one versioned file.
"""

from __future__ import annotations

from verifiers.consensus.evidence import ConsensusEvidence, gather
from verifiers.consensus.model import Consensus

__all__ = ["Consensus", "ConsensusEvidence", "gather"]
