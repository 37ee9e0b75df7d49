"""The ballot: the outcomes of every test on every candidate and on the base, and the judges' scores."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Annotated, Any, Self

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, model_validator

from environments.workbench.outcome import Outcome

BASE = "base"
"""The name of the unpatched tree in ``Ballot.outcomes``."""
P_YES = "p-yes"
"""The judge whose score is R2E-Gym's execution-free one (EF): a model's P(YES)."""
OLD_NAMES = {"yes-no": P_YES}
"""What judges were called in earlier versions' files -> their names."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Candidate(_Frozen):
    """A normalised patch; trajectories with the same patch are one candidate."""

    id: str
    """Hash of the normalised patch."""
    patch: str
    cluster: str = ""
    """Candidates with the same syntax tree (comments, formatting and local names apart) share a cluster."""
    suspicious: tuple[str, ...] = ()
    """What it adds that no repair needs, in words (``agent.suspicion``), or how it behaved; empty for a clean one."""


class Entry(_Frozen):
    """One trajectory as the rules see it."""

    id: str
    """The trajectory's id, ``<kind>-<index>``."""
    candidate: str | None = None
    """The candidate it produced; None for an empty or inapplicable patch, and for test trajectories."""
    patch_chars: int = 0
    """Length of its diff in characters (CodeMonkeys' tie-break)."""
    test: str | None = None
    """Id of its final test, whether or not that test reproduces."""
    trajectory: str = ""
    """Of a further sample of a trajectory of many: that trajectory's id; it is dropped where that one is."""
    scores: Mapping[str, float | None] = {}
    """Judge's name -> its score of the patch; None, or no entry, when missing."""

    @model_validator(mode="before")
    @classmethod
    def _one_judge(cls, values: Any) -> Any:
        """Read earlier versions' files: of one judge, whose score stood under ``ef``, and of judges by old names."""
        if not isinstance(values, Mapping):
            return values
        if "ef" in values:
            return {key: value for key, value in values.items() if key != "ef"} | {"scores": {P_YES: values["ef"]}}
        scores = values.get("scores")
        if not isinstance(scores, Mapping) or not OLD_NAMES.keys() & scores.keys():
            return values
        return {**values, "scores": {OLD_NAMES.get(name, name): score for name, score in scores.items()}}

    @property
    def edits(self) -> bool:
        """Tell an editing trajectory, with or without a patch, from a test trajectory and from a further sample."""
        return not self.id.startswith("test-") and not self.trajectory

    @property
    def by(self) -> str:
        """The id of the trajectory whose work it is."""
        return self.trajectory or self.id


Entries = Annotated[tuple[Entry, ...], Field(validation_alias=AliasChoices("entries", "machines"))]
"""``machines`` in files that were written before they had this name."""


class Ballot(_Frozen):
    """All that a rule may read. Editing entries first, in index order, then test entries."""

    entries: Entries
    candidates: tuple[Candidate, ...]
    tests: tuple[str, ...]
    """Ids of the generated tests, in order of creation."""
    issue_tests: tuple[str, ...] = ()
    """Those of them that the harness made from the issue's own examples."""
    outcomes: Mapping[str, Mapping[str, Outcome]]
    """test id -> candidate id or BASE -> outcome."""
    rewritten: Mapping[str, tuple[str, ...]] = {}
    """Test id -> the existing tests of the base that it is a new version of, which fails there: it says that what they
    demand is to change."""
    regression_tests: tuple[str, ...] = ()
    """Existing tests that pass on the base, twice."""
    regressions: Mapping[str, tuple[str, ...]] = {}
    """candidate id -> regression tests that do not pass on it; absent when the suite could not be run on it."""
    behaviour: Mapping[str, Mapping[str, str]] = {}
    """id of a piece of the issue's code that states no outcome -> candidate id or BASE -> a hash of what happened."""
    calls: Mapping[str, Mapping[str, str]] = {}
    """id of a call of a changed function by existing tests -> candidate id or BASE -> a hash of what came of it."""
    issue: str = ""
    """The problem statement, for rules that weigh how well a patch fits it; empty where nobody gave it."""
    earned: tuple[str, ...] = ()
    """Judges of the ballot that have shown their worth on graded outcomes of other repositories, the best first."""
    waivers: Mapping[str, Mapping[str, str]] = {}
    """candidate id -> regression test that the issue asks to break -> the issue's own words for it."""

    @model_validator(mode="before")
    @classmethod
    def _one_worthy_judge(cls, values: Any) -> Any:
        """Read files that were written when one judge could have a say: ``judge_worth`` told whether."""
        if not isinstance(values, Mapping) or "judge_worth" not in values:
            return values
        rest = {key: value for key, value in values.items() if key != "judge_worth"}
        return rest | ({"earned": (P_YES,)} if values["judge_worth"] else {})

    def reproduces(self, test: str) -> bool:
        """Tell whether the harness saw the test fail (not error) on the base."""
        return self.outcomes.get(test, {}).get(BASE) == Outcome.FAIL

    def with_scores(self, scores: Mapping[str, Mapping[str, float | None]]) -> Self:
        """Return the ballot with scores, by judge and candidate, beside what others said; no patch has no score."""

        def scored(entry: Entry) -> Entry:
            if entry.candidate is None:
                return entry
            new = {judge: row.get(entry.candidate) for judge, row in scores.items()}
            return entry.model_copy(update={"scores": {**entry.scores, **new}})

        return self.model_copy(update={"entries": tuple(map(scored, self.entries))})

    def without(self, entries: Collection[str]) -> Self:
        """Return the ballot as it would be had these entries never run: their candidates and tests go too."""
        kept = tuple(m for m in self.entries if m.id not in entries and m.trajectory not in entries)
        candidates = {m.candidate for m in kept}
        tests = {m.test for m in kept} | set(self.issue_tests)
        return self.model_copy(
            update={
                "entries": kept,
                "candidates": tuple(c for c in self.candidates if c.id in candidates),
                "tests": tuple(t for t in self.tests if t in tests),
                "outcomes": {
                    t: {tree: o for tree, o in row.items() if tree == BASE or tree in candidates}
                    for t, row in self.outcomes.items()
                    if t in tests
                },
                "rewritten": {t: names for t, names in self.rewritten.items() if t in tests},
                "regressions": {c: r for c, r in self.regressions.items() if c in candidates},
                "waivers": {c: waived for c, waived in self.waivers.items() if c in candidates},
                "behaviour": _of_trees(self.behaviour, candidates),
                "calls": _of_trees(self.calls, candidates),
            }
        )


def _of_trees(seen: Mapping[str, Mapping[str, str]], kept: Collection[str | None]) -> dict[str, dict[str, str]]:
    """Return what was seen on the base and on those candidates that are kept."""
    return {
        name: {tree: done for tree, done in row.items() if tree == BASE or tree in kept} for name, row in seen.items()
    }
