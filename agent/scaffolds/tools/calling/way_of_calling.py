"""How a trajectory with tools begins: by the endpoint's functions, or by blocks of text."""

from __future__ import annotations

from agent.models.contract import Model
from agent.models.profiles import ModelProfile
from agent.trajectory.session import Session

MOST_GARBLING = 2
"""Trajectories of a run that gave functions up because they came garbled, from which on others begin without."""


def begins_with_functions(session: Session, profile: ModelProfile) -> bool:
    """Tell whether a trajectory calls by functions from its first answer on.

    Not where earlier ones of the run have met that the endpoint refuses them, or that they come garbled: each would
    pay answers to meet it again. That stands on record, so that a resumed trajectory begins as it began.
    """
    if not profile.tools:
        return False
    journal, why = session.journal, _why_not(session.model)
    if not journal.due("functions") and (journal.goes_on or not why):
        return True
    session.tell(f"{why or 'functions failed before'}: tools are called by blocks of text")
    journal.step("functions", {"answers": 0}, lambda: {"done": "called by blocks of text from the beginning"})
    return False


def note_garbled(model: Model) -> None:
    """Note that one trajectory gave functions up because they came garbled."""
    model.garbled_functions = getattr(model, "garbled_functions", 0) + 1  # type: ignore[attr-defined]


def _why_not(model: Model) -> str:
    if getattr(model, "refuses_functions", False):
        return "the endpoint refused functions before"
    garbled = getattr(model, "garbled_functions", 0)
    return f"functions came garbled in {garbled} trajectories before" if garbled >= MOST_GARBLING else ""
