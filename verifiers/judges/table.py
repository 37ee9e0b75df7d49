"""Every judge by its name."""

from __future__ import annotations

from verifiers.ballot import YES_NO
from verifiers.judges.judge import Judge
from verifiers.judges.yes_no import YesNo

JUDGES: dict[str, Judge] = {YES_NO: YesNo()}
"""By the names that configuration, ballots, rules and reports use.

A judge's place is the number of its record (``judge-0.jsonl``), so a new one goes to the end.
"""

DEFAULT = (YES_NO,)
"""Those that the words ``auto`` and ``on`` mean."""
