"""What samples come to: each different change is tried once, at once, against all that shows the issue."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from agent.scaffolds.sampling.answer import Answer
from agent.scaffolds.sampling.place import fingerprint
from agent.trajectory.session import Session
from environments.workbench.outcome import GeneratedTest, Outcome

_MOST_TESTS = 4
"""Reproductions that a change must pass."""
_TIMES_THE_BASE = 10
_LEAST_SECONDS = 2
"""What a sample may take of a test: samples often loop for ever, and the model waits while a test runs."""
_MOST_CHARACTERS = 40_000
"""Of a source that an answer makes: what is longer is no correction."""


@dataclass
class Survivor:
    """A change that passes every reproduction."""

    patch: str
    test: GeneratedTest
    format: str
    count: int
    """Samples that made it."""
    likelihood: float | None
    """The best mean log-probability that one of them had."""
    regressions: tuple[str, ...] = ()
    """Existing tests that it breaks."""

    @property
    def merit(self) -> tuple[bool, int, int, float]:
        """Order of survivors: none broken, fewest broken, made most often, likeliest."""
        likely = self.likelihood if self.likelihood is not None else float("-inf")
        return (not self.regressions, -len(self.regressions), self.count, likely)


@dataclass
class Counts:
    """What became of a format's samples, each counted once at every stage that it reached."""

    samples: int = 0
    tokens: int = 0
    placed: int = 0
    """Could be read as a change of the place."""
    parsed: int = 0
    changed: int = 0
    distinct: int = 0
    """Were the first of their kind, and tried."""
    surviving: int = 0

    def __str__(self) -> str:
        """Say it in a line."""
        return f"{self.samples} samples, {self.distinct} different, {self.surviving} pass"


@dataclass
class Sieve:
    """The samples of one trajectory. Duplicates and unchanged code cost nothing further."""

    session: Session
    tests: Sequence[GeneratedTest]
    baseline: Sequence[str]
    survivors: dict[str, Survivor] = field(default_factory=dict)
    """By fingerprint."""
    counts: dict[str, Counts] = field(default_factory=dict)
    """By format."""
    _seen: set[str] = field(default_factory=set)
    _limits: dict[str, float] = field(default_factory=dict)

    @property
    def total(self) -> Counts:
        """All formats' counts, added."""
        rows = [vars(counts) for counts in self.counts.values()]
        return Counts(**{name: sum(row[name] for row in rows) for name in vars(Counts())})

    @property
    def best(self) -> Survivor | None:
        """The best survivor; among equals the first."""
        return max(self.survivors.values(), key=lambda one: one.merit, default=None)

    def sift(self, answers: Sequence[Answer]) -> bool:
        """Count answers and try what is new in them; tell whether there is a new survivor."""
        new: dict[str, tuple[Answer, str]] = {}
        marks = [(answer, self._count(answer, new)) for answer in answers]
        passing = self._passing({mark: patch for mark, (_, patch) in new.items()})
        for mark in passing:
            self._keep(mark, *new[mark])
        for answer, made in marks:
            surviving = [mark for mark in made if mark in self.survivors]
            self.counts[answer.format].surviving += bool(surviving)
            for mark in surviving:
                survivor = self.survivors[mark]
                survivor.count += 1
                likely = [one for one in (answer.likelihood, survivor.likelihood) if one is not None]
                survivor.likelihood = max(likely, default=None)
        return bool(passing)

    def _count(self, answer: Answer, new: dict[str, tuple[Answer, str]]) -> list[str]:
        """Count an answer, put what nobody has tried into ``new``, and return the fingerprints of its changes."""
        counts = self.counts.setdefault(answer.format, Counts())
        counts.samples += 1
        counts.tokens += answer.tokens
        sources = [source for source in answer.sources if len(source) <= _MOST_CHARACTERS]
        counts.placed += bool(sources)
        marks = {mark: source for source in sources if (mark := fingerprint(source)) is not None}
        counts.parsed += bool(marks)
        if answer.place.fingerprint in marks:  # what stands there already was meant
            return []
        counts.changed += bool(marks)
        made = {f"{answer.place.symbol.id} {mark}": source for mark, source in marks.items()}
        fresh = {mark: source for mark, source in made.items() if mark not in self._seen}
        counts.distinct += bool(fresh)
        self._seen |= fresh.keys()
        for mark, source in fresh.items():
            if (patch := answer.place.patch(source)) is not None:
                new[mark] = (answer, patch)
        return list(made)

    def _passing(self, patches: dict[str, str]) -> list[str]:
        """Return the marks of the patches that pass every reproduction, each run in a fork of its own."""
        for test in self.tests[:_MOST_TESTS]:
            if not patches:
                return []
            runs = self.session.run_on(test, list(patches.values()), seconds=self._limit(test))
            passed = [mark for mark, run in zip(patches, runs, strict=True) if run.outcome == Outcome.PASS]
            patches = {mark: patches[mark] for mark in passed}
        return list(patches)

    def _limit(self, test: GeneratedTest) -> float:
        if test.id not in self._limits:
            (base,) = self.session.run_on(test, [None])
            self._limits[test.id] = max(_LEAST_SECONDS, math.ceil(_TIMES_THE_BASE * base.seconds))
        return self._limits[test.id]

    def _keep(self, mark: str, answer: Answer, patch: str) -> None:
        broken = self.session.regressions(patch, self.baseline) if self.baseline else ()
        self.survivors[mark] = Survivor(patch, self.tests[0], answer.format, 0, answer.likelihood, broken)
