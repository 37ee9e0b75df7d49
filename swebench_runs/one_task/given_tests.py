"""The failing tests that a user gave with a task: they show the issue, and no model's word stands behind them."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from environments.workbench.outcome import GeneratedTest

FILE = "given.json"


class GivenTests(BaseModel):
    """Tests of the checkout's own suite that were seen failing on it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    tests: tuple[GeneratedTest, ...]
    issue: str
    """The issue in the user's own words; empty where the failing tests are all there is."""
    statement: str
    """The issue as the models read it: the user's words, the tests and how they fail."""
