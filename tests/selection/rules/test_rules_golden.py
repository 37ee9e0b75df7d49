"""Rules against independent re-tellings of what was published, and against answers worked out by hand."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.patch import make_patch
from environments.workbench.outcome import Outcome
from selection.patches import ballot_of_patches
from selection.rules import NO_PATCH, RULES
from selection.rules.consensus import expected_similarity
from verifiers.ballot import BASE, P_YES, Ballot, Candidate, Entry
from verifiers.consensus import gather

SIZES = (1, 2, 3, 26)


def ballot_of(rows, tests=()):
    """``rows``: (patch text or None, EF, broken regression tests, generated tests passed, final test) a trajectory."""
    patches = list(dict.fromkeys(row[0] for row in rows if row[0] is not None))
    facts = {row[0]: row for row in rows}
    return Ballot(
        entries=tuple(
            Entry(id=f"edit-{i}", candidate=patch, scores={P_YES: ef}, test=test, patch_chars=len(patch or ""))
            for i, (patch, ef, _, _, test) in enumerate(rows)
        ),
        candidates=tuple(Candidate(id=patch, patch=patch) for patch in patches),
        tests=tuple(tests),
        outcomes={
            test: {BASE: Outcome.FAIL} | {p: Outcome.PASS if test in facts[p][3] else Outcome.FAIL for p in patches}
            for test in tests
        },
        regression_tests=("r0", "r1"),
        regressions={p: facts[p][2] for p in patches},
    )


def notebook(rows):
    """R2E-Gym's notebook: top n by EF, keep the best regression, keep the most tests passed, keep the best EF.

    What is left is averaged over. Told from its description (ties at the cut are all kept, a
    missing score ranks last), with plain lists and no key in common with the rule.
    """
    pool = [row for row in rows if row[0] is not None]
    known = sorted((row[1] for row in pool if row[1] is not None), reverse=True)
    n = max(3, int(0.5 * len(pool)))
    if known and len(pool) > n:
        pool = [r for r in pool if r[1] is not None and r[1] >= known[n - 1]] if len(known) >= n else pool
    if not pool:
        return Counter()
    passing = [2 - len(row[2]) for row in pool]
    pool = [row for row, rate in zip(pool, passing, strict=True) if rate == max(passing)]
    passed = [len(row[3]) for row in pool]
    pool = [row for row, count in zip(pool, passed, strict=True) if count == max(passed)]
    scores = [-1.0 if row[1] is None else row[1] for row in pool]
    return Counter(row[0] for row, score in zip(pool, scores, strict=True) if score == max(scores))


def monkeys(rows):
    """CodeMonkeys' filter: votes of every machine's final test, then fewer characters, then first; exact dedup last."""
    votes = {}
    for patch, _, _, passed, _ in rows:
        if patch is not None:
            votes[patch] = sum(1 for *_, test in rows if test is not None and test in passed)
    listed = [row[0] for row in rows if row[0] is not None]
    for key in (len, lambda patch: -votes[patch]):
        listed.sort(key=key)  # a stable sort: the last key weighs most
    return list(dict.fromkeys(listed))


@st.composite
def trajectories(draw):
    names = [f"{'p' * (i % 4 + 1)}{i:02}" for i in range(draw(st.sampled_from(SIZES)))]
    tests = [f"t{i}" for i in range(draw(st.integers(0, 4)))]
    passed = st.sets(st.sampled_from(tests)) if tests else st.just(set())
    facts = {name: (tuple(draw(st.sets(st.sampled_from(["r0", "r1"])))), draw(passed)) for name in names}
    missing = draw(st.booleans())
    score = st.none() if missing else st.none() | st.sampled_from([0.0, 1.0, *(i / 32 for i in range(32))])
    final = st.sampled_from([None, *tests])
    made = [draw(st.sampled_from([*names, None])) for _ in names]
    return [(p, draw(score), *(facts[p] if p else ((), set())), draw(final)) for p in made], tests


@settings(max_examples=150, deadline=None)
@given(trajectories())
def test_r2e_hybrid_leads_with_what_the_notebook_averages_over(drawn):
    rows, tests = drawn
    ranking = RULES["r2e-hybrid"](ballot_of(rows, tests))
    assert Counter(ranking[0] if ranking else ()) == notebook(rows)


@settings(max_examples=150, deadline=None)
@given(trajectories())
def test_codemonkeys_orders_as_its_filter_does(drawn):
    rows, tests = drawn
    assert [name for (name,) in RULES["codemonkeys"](ballot_of(rows, tests))] == monkeys(rows)


def test_twenty_six_trajectories_by_hand():
    """EF falls from 0.26 to 0.01: 0 to 12 stay, and of them 3 and 12 are clean; 13 passes most and is cut off."""
    rows = [(f"p{i:02}", (26 - i) / 100, ("r0",), {"t0"}, None) for i in range(26)]
    rows[3] = ("p03", 0.23, (), {"t0"}, None)
    rows[12] = ("p12", 0.14, (), {"t0", "t1"}, "t1")
    rows[13] = ("p13", 0.13, (), {"t0", "t1", "t2"}, "t2")
    ballot = ballot_of(rows, ["t0", "t1", "t2"])
    hybrid = RULES["r2e-hybrid"](ballot)
    assert hybrid[:3] == (("p12",), ("p03",), ("p00",))
    assert hybrid[13] == ("p13",)
    assert RULES["codemonkeys"](ballot)[:3] == (("p13",), ("p12",), ("p00",))


@pytest.mark.parametrize("rule", sorted(RULES))
@pytest.mark.parametrize("size", SIZES)
def test_one_candidate_wins_and_empty_ballots_have_no_winner(rule, size):
    patch = make_patch({"a.py": b"old\n"}, {"a.py": b"new\n"})
    alone = ballot_of_patches([patch] * size).ballot
    (group,) = RULES[rule](alone)
    assert set(group) == {alone.candidates[0].id}
    empty = ballot_of_patches([""] * size).ballot
    assert RULES[rule](empty) == (((NO_PATCH,) * size,) if rule == "random" else ())
    nobody = Ballot(entries=(), candidates=(), tests=(), outcomes={})
    assert RULES[rule](nobody) == ()


LINES = ["old" if n in (4, 14) else f"line{n}" for n in range(20)]


class TestMedoid:
    """``old`` in line 5 becomes ``a b`` (A) or ``a c`` (B); ``old`` in line 15 becomes ``d`` (C).

    Changed words: A and B share old and a of 4 (1/2), A and C, B and C share old of 4 (1/4). Touched lines: A and B the
    same (1), C none of them (0). Means: AB 3/4, AC = BC 1/8.
    """

    A, B, C = (
        make_patch(
            {"x.py": "\n".join(LINES).encode()}, {"x.py": "\n".join([*LINES[:n], new, *LINES[n + 1 :]]).encode()}
        )
        for n, new in ((4, "a b"), (4, "a c"), (14, "d"))
    )

    def named(self, *patches):
        result = ballot_of_patches(patches)
        letters = dict(zip((self.A, self.B, self.C), "ABC", strict=True))
        names = {c.id: letters[patches[result.given(c.id)[0]]] for c in result.ballot.candidates}
        ranking = [Counter(names[c] for c in group) for group in RULES["medoid"](result.ballot)]
        utility = expected_similarity(gather(result.ballot))
        return ranking, {names[c.id]: float(u) for c, u in zip(result.ballot.candidates, utility, strict=True)}

    def test_two_alike_beat_the_third_and_tie(self):
        ranking, utility = self.named(self.A, self.B, self.C)
        assert utility == pytest.approx({"A": 7 / 8, "B": 7 / 8, "C": 2 / 8})
        assert ranking == [Counter("AB"), Counter("C")]

    def test_a_copy_counts_as_one_more_that_agrees(self):
        ranking, utility = self.named(self.A, self.B, self.C, self.A)
        assert utility == pytest.approx({"A": 1 + 7 / 8, "B": 13 / 8, "C": 3 / 8})
        assert ranking == [Counter("A"), Counter("B"), Counter("C")]

    def test_three_copies_of_the_odd_one_outweigh_the_pair(self):
        ranking, utility = self.named(self.A, self.B, self.C, self.C, self.C)
        assert utility == pytest.approx({"A": 9 / 8, "B": 9 / 8, "C": 18 / 8})
        assert ranking == [Counter("C"), Counter("AB")]
