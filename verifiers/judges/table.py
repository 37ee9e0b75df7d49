"""Every judge by its name."""

from __future__ import annotations

from verifiers.ballot import P_YES
from verifiers.judges.deepswe_verifier import DeepSweVerifier
from verifiers.judges.judge import Judge
from verifiers.judges.p_yes import PYes
from verifiers.judges.pairwise import Pairwise
from verifiers.judges.r2e_verifier import R2EVerifier
from verifiers.judges.rubric import Rubric

JUDGES: dict[str, Judge] = {
    P_YES: PYes(),
    "pairwise": Pairwise(),
    "rubric": Rubric(),
    "r2e-verifier": R2EVerifier(),
    "deepswe-verifier": DeepSweVerifier(),
}
"""By the names that configuration, ballots, rules and reports use.

A judge's place is the number of its record (``judge-0.jsonl``), so a new one goes to the end.
"""

DEFAULT = (P_YES,)
"""Those that the word ``on`` means."""
