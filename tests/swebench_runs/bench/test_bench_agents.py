"""The bench of agents runs for real in small: the script, the meter, the crowd, and both sides where they are here."""

import json
import mmap
import subprocess
import sys
import threading
import urllib.request

import pytest
from platformdirs import user_cache_path

from swebench_runs.bench.agents.crowd import live_at_once
from swebench_runs.bench.agents.measure import CURVE, _curve, _parts, measure
from swebench_runs.bench.agents.meter import PARTS, Meter
from swebench_runs.bench.agents.runoff_side import opened
from swebench_runs.bench.agents.script import FILES, answer, command
from swebench_runs.bench.agents.sides import MINI, RUNOFF, endpoint
from swebench_runs.bench.agents.table import tables
from swebench_runs.bench.sandboxes.mini_environment import VERSION

needs_mini = pytest.mark.skipif(
    not (user_cache_path("runoff") / f"mini-swe-agent-{VERSION}" / ".installed").exists(),
    reason="mini-swe-agent is installed by `runoff bench agents`, which takes minutes",
)


def called(step, tools, steps):
    talk = [{"role": "user", "content": "?"}, *[{"role": "assistant", "content": "!"}] * step]
    made = answer(talk, tools, steps)["choices"][0]["message"]["tool_calls"][0]["function"]
    return made["name"], json.loads(made["arguments"])


def test_both_agents_are_told_the_same_and_hand_in_at_the_same_step_each_in_its_way():
    for step in range(8):
        assert (
            called(step, ["bash", "edit", "submit"], 10)
            == called(step, ["bash"], 10)
            == (
                "bash",
                {"command": command(step)},
            )
        )
    assert called(9, ["bash", "submit"], 10) == called(8, ["bash", "submit"], 10) == ("submit", {})
    assert called(9, ["bash"], 10)[1]["command"].startswith("echo COMPLETE_TASK")


def test_the_endpoint_tells_the_step_by_the_answers_before_it():
    body = {"model": "m", "messages": [{"role": "user", "content": "x" * 400}], "tools": []}
    with endpoint() as address:
        asked = urllib.request.Request(
            f"{address}/12/v1/chat/completions", json.dumps(body).encode(), {"content-type": "application/json"}
        )
        with urllib.request.urlopen(asked) as answered:
            made = json.loads(answered.read())
    assert made["usage"]["prompt_tokens"] == 100
    assert command(0) in made["choices"][0]["message"]["tool_calls"][0]["function"]["arguments"].replace("\\'", "'")


def test_a_meter_gives_inner_time_to_the_inner_part_and_begins_a_step_with_each_call(monkeypatch):
    clock = iter(range(100))
    monkeypatch.setattr("swebench_runs.bench.agents.meter.time.process_time", lambda: next(clock) / 1000)
    meter = Meter(_last=0.0)
    for _ in range(2):
        with meter.part("layer"), meter.part("litellm"):
            pass
        with meter.part("command"):
            pass
    # every mark of the clock is one millisecond after the last: what lies between two is the part's own
    assert {part: [round(ms) for ms in found] for part, found in meter.steps().items()} == {
        "own": [2],
        "layer": [2],
        "litellm": [1],
        "command": [1],
    }


def test_a_crowd_is_live_at_the_same_time_and_weighed_then():
    held = threading.local()

    def one(number, wait):
        held.block = mmap.mmap(-1, 4 << 20)  # pages of its own, not some that an earlier test has left to the process
        held.block.write(b"x" * (4 << 20))
        wait()
        return number

    found = live_at_once(20, one)
    assert (found["live_at_once"], found["handed_in"]) == (20, 19)
    assert found["bytes_each"] > 3_000_000


def test_a_crowd_of_which_one_fails_does_not_wait_for_it():
    def one(number, wait):
        if number == 3:
            raise RuntimeError("no luck")
        wait()

    with pytest.raises(RuntimeError, match="no luck"):
        live_at_once(5, one)


def test_the_first_and_the_last_steps_do_not_count_and_growth_is_told_around_steps():
    run = {part: [100.0, 100.0, *[float(step) for step in range(2, 247)], 100.0, 100.0] for part in PARTS}
    parts = _parts([run, run], seed=0)
    assert parts["own"]["n"] == 2 * 245
    assert parts["own"]["p95_ms"] > parts["own"]["p50_ms"] == 124
    assert parts["own_and_layer"]["p50_ms"] == 248
    curve = _curve(run, 250)
    assert list(curve["own_mean_ms_at"]) == [str(step) for step in CURVE]
    assert curve["own_mean_ms_at"]["60"] == 59.5
    assert curve["last_to_first"] == pytest.approx(239.0 / 9.5)


def test_runoffs_side_hands_in_what_the_script_changed_and_many_are_live(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "none")
    with endpoint() as address, opened() as runoff:
        done = runoff.steps({"api_base": f"{address}/12/v1", "steps": 12})
        crowd = runoff.live({"count": 4, "steps": 8})
    assert done["ended"] == "submitted"
    assert "-VALUE = 0\n+VALUE = 9\n" in done["patch"]
    assert {len(found) for found in done["steps"].values()} == {11}
    assert all(min(done["steps"][part]) > 0 for part in ("own", "layer", "litellm"))
    assert (crowd["live_at_once"], crowd["handed_in"]) == (4, 4)


@needs_mini
def test_both_are_measured_in_one_run_and_told_in_tables():
    figures = measure(1, seed=0, steps=12, long=20, live=2, held=2)
    assert set(figures["per_step"]) > {RUNOFF, MINI}
    assert figures["per_step"][MINI]["own"]["n"] == 7
    assert figures["live"][MINI]["handed_in"] == figures["live"][RUNOFF]["handed_in"] == 2
    assert [table.row_count for table in tables(figures)] == [5, 1 + 1, 4]


def test_a_side_that_dies_is_told_in_one_line(tmp_path):
    from swebench_runs.bench.agents.sides import Side
    from swebench_runs.errors import EnvironmentMissing

    with (
        subprocess.Popen(
            [sys.executable, "-c", "input()"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as process,
        pytest.raises(EnvironmentMissing, match="the process of x has ended"),
    ):
        Side("x", process).do("steps")


def test_the_tree_is_worth_reading():
    assert all(len(text.splitlines()) > 350 for text in FILES.values())
