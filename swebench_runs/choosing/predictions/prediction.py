"""What is read from files of predictions."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from swebench_runs.rows.records import Unread


@dataclass(frozen=True)
class Prediction:
    """One attempt at one task, as its file has it."""

    instance_id: str
    patch: str
    """As the system wrote it; empty for an attempt that ended without one. Bytes that are not UTF-8 are surrogates."""
    file: Path
    where: str
    """Which line or entry of the file; empty for the file itself."""
    form: str
    """The name of the file's form (``swebench_runs.choosing.predictions.FORMS``)."""
    system: str = ""
    """Who made it, as the file says. For the record only: no rule sees it."""
    issue: str = ""
    """The problem statement, where the file carries it."""
    doubted: str = ""
    """Why its own system would not stand by it, in words; empty where that is not said."""
    summary: bool = False
    """Its form gathers what other files hold in full: beside one of those with the same patch it is no new attempt."""

    @property
    def source(self) -> str:
        """The file and the place in it."""
        return f"{self.file}{self.where}"


@dataclass
class Reading:
    """All that was found, and all that was not taken."""

    predictions: list[Prediction] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)
    repeats: list[Unread] = field(default_factory=list)
    """Predictions that only say again what another file of theirs says; they do not count."""
    files: set[Path] = field(default_factory=set)
    """Files that hold predictions, those too that only repeat others': nothing may be written over them."""
    grades: Counter[str] = field(default_factory=Counter)
    """Name of a field that could be a grade -> how many records had it. Their values were not read."""
