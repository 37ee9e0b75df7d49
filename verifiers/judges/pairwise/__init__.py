"""The judge ``pairwise``: two candidates side by side at a time, a letter for each, and a tournament of such meetings.

After LLM-as-a-Verifier (arXiv 2607.05391): letters whose log-probabilities give an expectation, several criteria, a
ring in which everybody is shown first once, then everybody against the two best of it.
"""

from __future__ import annotations

from verifiers.judges.pairwise.judge import Pairwise
from verifiers.judges.pairwise.tournament import meetings

__all__ = ["Pairwise", "meetings"]
