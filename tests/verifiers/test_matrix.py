import json

from environments.workbench.outcome import GeneratedTest, Outcome
from verifiers.ballot import BASE, Candidate, Entry
from verifiers.matrix import LEADERS, vote
from verifiers.regression import Baseline

NO_BASELINE = Baseline(passing=(), failing=(), flaky=(), problem=None)


def script(source, origin="test:0"):
    return GeneratedTest.of(f"import sys\nfrom pkg import f\n{source}\n", origin)


SHOWS = script("if f(1) != 2:\n    issue_present()", "issue:0")
ALWAYS = script("f(1)")
ERRS = script("f(1).nothing")


def cast(bench, candidates, tests, base=NO_BASELINE):
    entries = [Entry(id=f"edit-{i}", candidate=c.id) for i, c in enumerate(candidates)]
    return vote(bench, entries=entries, candidates=candidates, tests=tests, issue_tests=[SHOWS], base=base)


def test_every_test_on_every_candidate_and_on_the_base(make_bench, patch_f):
    right, wrong = (Candidate(id=n, patch=patch_f(p)) for n, p in (("r", "return x + 1"), ("w", "return x + 3")))
    with make_bench() as bench:
        ballot = cast(bench, [right, wrong], [SHOWS, ALWAYS, ERRS, SHOWS])

    assert ballot.outcomes == {
        SHOWS.id: {BASE: Outcome.FAIL, "r": Outcome.PASS, "w": Outcome.FAIL},
        ALWAYS.id: {BASE: Outcome.PASS, "r": Outcome.PASS, "w": Outcome.PASS},
        ERRS.id: {BASE: Outcome.ERROR, "r": Outcome.ERROR, "w": Outcome.ERROR},
    }
    assert ballot.tests == (SHOWS.id, ALWAYS.id, ERRS.id)
    assert ballot.issue_tests == (SHOWS.id,)
    assert [test for test in ballot.tests if ballot.reproduces(test)] == [SHOWS.id]


def test_a_cell_whose_two_runs_differ_is_flaky(make_bench, patch_f, tmp_path):
    right = Candidate(id="r", patch=patch_f("return x + 1"))
    with make_bench() as bench:
        cast(bench, [right], [SHOWS, ALWAYS])
    record = tmp_path / "record.jsonl"
    lines = [json.loads(line) for line in record.read_text().splitlines()]
    for line in lines:
        on_base = line.get("patch") == "base"
        if line.get("repeat") == 1 and (line["test"], on_base) in ((SHOWS.id, True), (ALWAYS.id, False)):
            line["answer"]["outcome"] = Outcome.ERROR
    record.write_text("".join(json.dumps(line) + "\n" for line in lines))

    with make_bench() as bench:
        ballot = cast(bench, [right], [SHOWS, ALWAYS])

    assert ballot.outcomes[SHOWS.id] == {BASE: Outcome.FLAKY, "r": Outcome.PASS}
    assert ballot.outcomes[ALWAYS.id] == {BASE: Outcome.PASS, "r": Outcome.FLAKY}
    assert not ballot.reproduces(SHOWS.id)


def test_each_cell_runs_once_and_only_the_leaders_are_repeated(make_bench, patch_f, tmp_path):
    candidates = [Candidate(id=str(n), patch=patch_f(f"return x + {n}")) for n in range(3, 7)]
    candidates.append(Candidate(id="1", patch=patch_f("return x + 1")))
    with make_bench() as bench:
        cast(bench, candidates, [SHOWS])
        recorded = (tmp_path / "record.jsonl").read_bytes()
        cast(bench, candidates, [SHOWS])
    lines = [json.loads(line) for line in recorded.splitlines()[1:]]
    keys = [(line["patch"], line["repeat"]) for line in lines]
    assert len(set(keys)) == len(keys) == (1 + len(candidates)) + (1 + LEADERS)
    assert (tmp_path / "record.jsonl").read_bytes() == recorded


def test_no_tests_and_no_candidates_make_an_empty_ballot(make_bench):
    with make_bench() as bench:
        ballot = vote(bench, entries=[], candidates=[], tests=[], issue_tests=[], base=NO_BASELINE)
    assert (ballot.outcomes, ballot.regressions) == ({}, {})
