"""The torture of item 4 on a small scale: real processes and a real sandbox, a scripted server for a model."""

import subprocess
import tempfile
from pathlib import Path

import pytest

from swebench_runs.acceptance import traces
from swebench_runs.acceptance.counter import Counter
from swebench_runs.acceptance.kill import Round, Torture, after, repeats, torture, untouched
from swebench_runs.acceptance.record import Record

SCENARIO = {
    **{"subset": "starter", "filter": "inflection", "slice": "0:1", "model": "openai/scripted"},
    **{"trajectories": 2, "tests": 1, "turns": 1, "test_turns": 1, "runoff_turns": 1, "workers": 2},
    **{"context_tokens": 1000, "early_stop": "false", "judge": "on"},
}
KILLS = (1, 1, 2)
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
        traces.adopting_orphans(),
    ):
        yield Torture(SCENARIO, Path(name), counter, environment)


def test_a_run_killed_again_and_again_does_the_same_work_and_leaves_nothing(subject):
    record = Record("kill", n=len(KILLS), unit="kills")
    torture(record, subject, lambda seconds: [at_call(number) for number in KILLS])
    assert record.passed, (record.shortfalls, (subject.folder / "output.txt").read_text()[-3000:])
    assert record.figures["kills"] == len(KILLS)
    assert record.figures["recorded_answers"] > len(KILLS)
    assert [done.killed for done in subject.rounds] == [False, True, True, True, False]


def test_calls_asked_again_are_counted_within_a_run():
    def done(run, requests):
        return Round(run, killed=False, seconds=1.0, exit_code=0, requests=requests, recorded=0, survivors=())

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
