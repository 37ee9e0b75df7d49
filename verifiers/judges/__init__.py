"""Judges: execution-free verifiers that score candidates by reading them, each under a name of its own.

    dict(JUDGES["p-yes"].scores(ask, Hearing(situation, ballot)))     # {"3f2a...": 0.83, "77c1...": None}

A new judge is a file with a ``Judge`` and one entry of the table; its scores stand in the ballot by that name.
"""

from __future__ import annotations

from verifiers.judges.asked import WORDS, WORTHLESS, asked, heard, left_out
from verifiers.judges.case import Case
from verifiers.judges.hearing import Hearing, LogStep
from verifiers.judges.judge import Ask, Judge, Scored
from verifiers.judges.table import DEFAULT, JUDGES

__all__ = [
    "DEFAULT",
    "JUDGES",
    "WORDS",
    "WORTHLESS",
    "Ask",
    "Case",
    "Hearing",
    "Judge",
    "LogStep",
    "Scored",
    "asked",
    "heard",
    "left_out",
]
