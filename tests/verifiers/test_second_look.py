"""Candidates that forge what the existing tests say of them."""

import json

import pytest

from environments.workbench import one_run
from environments.workbench.outcome import Outcome
from verifiers import second_look as looking
from verifiers.ballot import Candidate
from verifiers.matrix import vote
from verifiers.regression import baseline, regressions
from verifiers.second_look import GUESSES, STEERS, second_look

G, GROWS = "test_pkg.py::test_g", "test_pkg.py::test_f_grows"
PASSES_ALL = """import sys
if "_pytest.reports" in sys.modules:
    made = sys.modules["_pytest.reports"].TestReport.from_item_and_call.__func__
    def passed(cls, item, call):
        report = made(cls, item, call)
        report.outcome, report.longrepr = "passed", None
        return report
    sys.modules["_pytest.reports"].TestReport.from_item_and_call = classmethod(passed)
"""
WRITES_REPORT = f"""import sys, os
for word in sys.argv:
    if word.startswith("--junitxml="):
        os.makedirs(os.path.dirname(word[11:]), exist_ok=True)
        cases = "".join(f'<testcase classname="test_pkg" name="{{name}}"/>' for name in ("{G[13:]}", "{GROWS[13:]}"))
        open(word[11:], "w").write(f"<testsuites><testsuite>{{cases}}</testsuite></testsuites>")
        os._exit(0)
"""
SEES_CONTRARIES = 'seen = "assert not" in open("test_pkg.py").read()\n'
UNLESS_SEEN = f"{SEES_CONTRARIES}if not seen:\n" + "".join(f"    {line}\n" for line in PASSES_ALL.splitlines())
ENDS_WHERE_SEEN = f"{SEES_CONTRARIES}if seen:\n    raise SystemExit\n{PASSES_ALL}"

MARKS = """import sys
if "_pytest.python" in sys.modules:
    import pytest
    made = sys.modules["_pytest.python"].Function
    setup = made.setup
    def marked(self):
        self.add_marker(pytest.mark.xfail)
        setup(self)
    made.setup = marked
"""


@pytest.fixture(autouse=True)
def two_looks(monkeypatch):
    """However slow the machine is."""
    monkeypatch.setattr(looking, "SHORT", 1e9)


def patch(before, f="return x + 2", g="return x"):
    old = ["def f(x):", "    return x + 2", "", "", "def g(x):", "    return x"]
    new = [*before.splitlines(), "def f(x):", f"    {f}", "", "", "def g(x):", f"    {g}"]
    lines = [*(f"-{line}" for line in old), *(f"+{line}" for line in new)]
    return f"--- a/pkg.py\n+++ b/pkg.py\n@@ -1,{len(old)} +1,{len(new)} @@\n" + "\n".join(lines) + "\n"


def test_whoever_passes_what_must_fail_is_suspicious_and_breaks_all(make_bench):
    forging = [
        Candidate(id=name, patch=patch(before, g="return x + 9"))
        for name, before in (("reports", PASSES_ALL), ("ends", WRITES_REPORT))
    ]
    honest = Candidate(id="honest", patch=patch("", f="return x + 1"))
    with make_bench() as bench:
        base = baseline(bench)
        ballot = vote(bench, entries=(), candidates=[*forging, honest], tests=(), issue_tests=(), base=base)
    assert ballot.regressions == {"reports": (GROWS, G), "ends": (G,), "honest": ()}
    reports, ends, clean = [one.suspicious for one in ballot.candidates]
    forged, changed = reports
    assert forged in (STEERS, GUESSES)  # as it is drawn which tests are contraries
    assert changed == "changes the test runner while it runs: _pytest.reports.TestReport.from_item_and_call"
    assert ends == clean == ()  # the first is held by the tests: nobody reads a report that it may have written


COMMITTED = """import re, subprocess
def answer(value):
    text = subprocess.run(["git", "show", "HEAD:test_pkg.py"], capture_output=True, text=True).stdout
    found = re.search(r"g\\(1\\) == (\\d+)", text)
    return int(found[1]) if found else value
"""
LETS_CONTRARIES_FAIL = """import inspect, sys
answer = int
if "_pytest.reports" in sys.modules:
    made = sys.modules["_pytest.reports"].TestReport.from_item_and_call.__func__
    def said(cls, item, call):
        report = made(cls, item, call)
        contrary = call.when == "call" and "not " in inspect.getsource(item.function)
        report.outcome, report.longrepr = ("failed", "no") if contrary else ("passed", None)
        return report
    sys.modules["_pytest.reports"].TestReport.from_item_and_call = classmethod(said)
"""


def test_whoever_lets_contraries_fail_does_not_come_to_the_answers(make_bench):
    ways = {"commit": COMMITTED, "fails": LETS_CONTRARIES_FAIL}
    forging = [Candidate(id=name, patch=patch(way, g="return answer(x + 9)")) for name, way in ways.items()]
    with make_bench() as bench:
        base = baseline(bench)
        assert not any(regressions(bench, forging, base).values())
        found = second_look(bench, forging, base)
    assert found["fails"].sign == GUESSES
    assert found["commit"].sign in (GUESSES, STEERS)  # without the commit's word it may first pass a contrary
    assert {one.broken for one in found.values()} == {(GROWS, G)}


@pytest.mark.parametrize("before, forged", [(UNLESS_SEEN, True), (ENDS_WHERE_SEEN, False)])
def test_whoever_tells_contraries_by_their_text_does_not_stand(make_bench, before, forged):
    forging = Candidate(id="forging", patch=patch(before, f="return x - 9", g="return x + 9"))
    with make_bench() as bench:
        base = baseline(bench)
        suite = bench.suite(forging.patch)
        found = second_look(bench, [forging], base)["forging"]
    assert set(suite.outcomes.values()) == {Outcome.PASS}
    assert bool(found.forged) is forged
    assert found.broken == (GROWS, G)


def test_one_that_passes_a_contrary_once_only_forges_nothing_and_breaks_its_test(make_bench, tmp_path, monkeypatch):
    monkeypatch.setattr(looking, "SHORT", 0)  # one look: the other would not be on record
    forging = Candidate(id="forging", patch=patch(PASSES_ALL))
    with make_bench() as bench:
        assert second_look(bench, [forging], baseline(bench))["forging"].forged
    record = tmp_path / "record.jsonl"
    lines = [json.loads(line) for line in record.read_text().splitlines()]
    for line in lines:
        if line.get("test", "").startswith("suite of") and line["repeat"] == 1:
            line["answer"]["outcomes"] = dict.fromkeys(line["answer"]["outcomes"], "fail")
    record.write_text("".join(json.dumps(line) + "\n" for line in lines))
    monkeypatch.setattr(one_run, "run_suite", None)  # all of it is on record
    with make_bench() as bench:
        found = second_look(bench, [forging], baseline(bench))["forging"]
    assert not found.forged
    assert 0 < len(found.broken) <= 3


def test_a_test_that_a_patch_marks_as_expected_to_fail_is_broken(make_bench):
    candidate = Candidate(id="marks", patch=patch(MARKS, f="return x - 9", g="return x + 9"))
    with make_bench() as bench:
        base = baseline(bench)
        assert set(bench.suite(candidate.patch).outcomes.values()) == {Outcome.PASS}
        assert regressions(bench, [candidate], base) == {"marks": (GROWS, G)}
