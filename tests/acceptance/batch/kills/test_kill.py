"""The torture of item 4 with one kill (`make acceptance-kill`: ten): real processes and sandbox, a scripted server."""

import json
import subprocess
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest

from acceptance.batch.kills import left_over
from acceptance.batch.kills.call_counter import Counter
from acceptance.batch.kills.kill import (
    Round,
    Torture,
    after,
    no_call_twice,
    nothing_left,
    repeats,
    torture,
    untouched,
)
from acceptance.record import Record

SCENARIO = {
    **{"subset": "starter", "filter": "inflection", "slice": "0:1", "model": "openai/scripted"},
    **{"trajectories": 2, "tests": 1, "turns": 1, "test_turns": 1, "runoff_turns": 1, "workers": 2},
    **{"context_tokens": 1000, "early_stop": "false", "judge": "on"},
}
KILLS = (2,)
"""The calls of a resumption at which it is killed."""


def at_call(number):
    """When that many calls have left the process since it started."""

    def moment(process, counter):
        before = len(counter.counts().keys)
        while len(counter.counts().keys) - before < number:
            try:
                process.wait(timeout=0.02)
            except subprocess.TimeoutExpired:
                continue
            return False
        return True

    return moment


@pytest.fixture
def subject(scripted_endpoint):
    environment = {"OPENAI_API_BASE": scripted_endpoint, "OPENAI_API_KEY": "none"}
    # A short path: sandboxes are mounted from below it.
    with (
        tempfile.TemporaryDirectory(prefix="rk") as name,
        Counter(Path(name) / "calls.jsonl") as counter,
        left_over.adopting_orphans(),
    ):
        yield Torture(SCENARIO, Path(name), counter, environment)


def test_a_killed_run_does_the_same_work_and_leaves_nothing(subject):
    record = Record("kill", n=len(KILLS), unit="kills")
    torture(record, subject, lambda seconds: [at_call(number) for number in KILLS])
    assert record.passed, (record.shortfalls, (subject.folder / "output.txt").read_text()[-3000:])
    assert record.figures["kills"] == len(KILLS)
    assert record.figures["recorded_answers"] > len(KILLS)
    assert [done.killed for done in subject.rounds] == [False, True, False]


def test_where_not_even_the_untouched_run_ends_well_no_kill_is_waited_for(subject):
    record = Record("kill", n=len(KILLS), unit="kills")
    hopeless = replace(subject, config={**SCENARIO, "subset": "no-such-subset"})
    torture(record, hopeless, lambda seconds: [at_call(1)])
    assert record.shortfalls == ["the uninterrupted run ends well: exit code 2"]


def done(run, requests, recorded=0, killed=False):
    return Round(run, killed=killed, seconds=1.0, exit_code=0, requests=requests, recorded=recorded, survivors=())


@pytest.mark.parametrize(
    "rounds, keys, shortfalls",
    [
        ([done("killed-0", 2, 1, killed=True), done("killed-0", 2, 2)], "abbc", []),
        ([done("killed-0", 2, 1, killed=True), done("killed-0", 2, 1)], "abbc", ["requests are at most"]),
        ([done("killed-0", 4, 1, killed=True)], "abcd", ["requests are at most"]),
        ([done("killed-0", 2, 1, killed=True), done("killed-0", 2, 2)], "abab", ["only what was in flight"]),
        ([done("killed-0", 0, 0, killed=True)], "", ["requests went through"]),
    ],
)
def test_calls_beyond_the_record_and_those_in_flight_are_shortfalls(rounds, keys, shortfalls, tmp_path):
    log = tmp_path / "calls.jsonl"
    log.write_text("".join(json.dumps({"event": "begun", "key": key}) + "\n" for key in keys))
    record = Record("kill", n=1, unit="kills")
    no_call_twice(record, Torture({"workers": 2}, tmp_path, Counter(log), rounds=rounds))
    assert [found.startswith(wanted) for found, wanted in zip(record.shortfalls, shortfalls, strict=True)] == [
        True for _ in shortfalls
    ]


@pytest.mark.parametrize("survivor, fails", [("/usr/bin/bwrap --unshare-user", False), ("python -m serve", True)])
def test_a_server_that_outlives_a_kill_is_a_shortfall_a_waiting_bwrap_is_counted(survivor, fails, tmp_path):
    killed = done("killed-0", 0, killed=True)
    record, rounds = Record("kill", n=1, unit="kills"), [replace(killed, survivors=(survivor,))]
    nothing_left(record, Torture({}, tmp_path, Counter(tmp_path / "calls.jsonl"), rounds=rounds))
    assert [shortfall.startswith("no server") for shortfall in record.shortfalls] == [True] * fails
    assert record.figures["bwraps_that_outlived_a_kill"] == (not fails)


def test_calls_asked_again_are_counted_within_a_run():
    rounds = [done("reference", 2), done("killed-0", 1), done("killed-0", 2)]
    assert repeats(["a", "b", "a", "a", "b"], rounds) == 1
    assert repeats(["a", "a", "b", "c", "d"], rounds) == 1
    assert repeats(["a", "b", "a", "b", "c"], rounds) == 0


def test_moments_by_the_clock_strike_only_the_living(tmp_path):
    with subprocess.Popen(["sleep", "600"]) as sleeping:
        assert after(0.01)(sleeping, None)
        sleeping.kill()
    with subprocess.Popen(["true"]) as ending:
        assert not after(60)(ending, None)
        assert not untouched(ending, None)
