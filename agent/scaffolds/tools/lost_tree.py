"""What a trajectory does whose tree is of no more use: it goes on in a fresh one that has its last change."""

from __future__ import annotations

from typing import Literal

from agent.prompts import render
from agent.trajectory.session import Session
from agent.trajectory.workspace import Workspace

Loss = Literal["tree", "disk"]
"""The files of the tree cannot be compared with their commit any more; the sandbox's disk is used up."""


def begun_anew(session: Session, workspace: Workspace, patch: str, loss: Loss) -> str:
    """Go on in a new fork with ``patch`` applied; return what the model is told of it."""
    what = {"tree": "the tree cannot be compared any more", "disk": "the sandbox's disk is used up"}[loss]
    session.tell(f"{what}: begun anew from the last change")
    workspace.begin_anew(patch)
    return render("tools/begun_anew", loss=loss, patch=bool(patch))
