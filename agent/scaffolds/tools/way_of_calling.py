"""How a trajectory with tools begins: by the endpoint's functions, or by blocks of text."""

from __future__ import annotations

from agent.models.profiles import ModelProfile
from agent.trajectory.session import Session


def begins_with_functions(session: Session, profile: ModelProfile) -> bool:
    """Tell whether a trajectory calls by functions from its first answer on.

    Not where an earlier one of the run has met that the endpoint refuses them: each would pay an answer to meet it
    again. That stands on record, so that a resumed trajectory begins as it began.
    """
    if not profile.tools:
        return False
    journal = session.journal
    if not journal.due("functions") and (journal.goes_on or not getattr(session.model, "refuses_functions", False)):
        return True
    session.tell("the endpoint refused functions before: tools are called by blocks of text")
    journal.step("functions", {"answers": 0}, lambda: {"done": "called by blocks of text from the beginning"})
    return False
