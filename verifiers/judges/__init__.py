"""Judges: execution-free verifiers that score candidates by reading them, each under a name of its own.

    JUDGES["yes-no"].score(ask, Case(situation, candidate, ballot))     # 0.83, or None

A new judge is a file with a ``Judge`` and one entry of the table; its scores stand in the ballot by that name.
"""

from __future__ import annotations

from verifiers.judges.asked import WORDS, WORTHLESS, asked, left_out
from verifiers.judges.case import Case
from verifiers.judges.judge import Ask, Judge
from verifiers.judges.table import DEFAULT, JUDGES

__all__ = ["DEFAULT", "JUDGES", "WORDS", "WORTHLESS", "Ask", "Case", "Judge", "asked", "left_out"]
