"""What is measured of slots and threads is kept for the machine that it was measured on, and only there."""

import contextlib
import json

import pytest

from agent.models.local import tuning
from agent.models.local.catalog import local_model
from agent.models.local.options import ServerOptions
from agent.models.local.server import LocalServer
from agent.models.local.tuning import Tuned, fewest, measured, slot_counts, thread_counts, tuned

MODEL = local_model("local")
GIVEN = ServerOptions(slots=4, context=8192, threads=1)
FOUND = Tuned(threads=1, slots=2, speeds={"1": {"1": 9.0, "2": 16.0}})


@pytest.fixture
def calls(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr("os.getloadavg", lambda: (0.0, 0.0, 0.0))
    made = []
    monkeypatch.setattr(tuning, "measured", lambda options, serve: made.append(options) or FOUND)
    return made


def kept(tmp_path):
    return list((tmp_path / "runoff" / "tuning").glob("*.json"))


def test_it_is_measured_once_and_what_else_was_asked_for_stays(calls, tmp_path):
    for _ in range(2):
        options = tuned(MODEL, GIVEN, None)
        assert (options.slots, options.threads, options.context) == (2, 1, 8192)
    assert len(calls) == 1
    assert len(kept(tmp_path)) == 1


@pytest.mark.parametrize("spoil", ["machine", "threads", "slots", "text", "list"])
def test_another_machine_or_a_damaged_file_means_measuring_again(calls, tmp_path, spoil):
    tuned(MODEL, GIVEN, None)
    (file,) = kept(tmp_path)
    values = json.loads(file.read_text())
    values[spoil] = {"machine": ["another"], "threads": 5000, "slots": -1}.get(spoil)
    file.write_text({"text": "{", "list": "[]"}.get(spoil, json.dumps(values)))
    tuned(MODEL, GIVEN, None)
    assert len(calls) == 2


def test_a_busy_machine_is_not_measured_and_nothing_is_kept(calls, tmp_path, monkeypatch, caplog):
    monkeypatch.setattr("os.getloadavg", lambda: (500.0, 0.0, 0.0))
    with caplog.at_level("INFO"):
        assert tuned(MODEL, ServerOptions(slots=4, context=8192, threads=3), None).threads == 2
        assert tuned(MODEL, GIVEN, None) == GIVEN
    assert "not measured now, for this machine is busy (load 500.0): 4 and 2" in caplog.text
    assert (calls, kept(tmp_path)) == ([], [])


def test_another_number_of_slots_is_another_measurement(calls):
    tuned(MODEL, GIVEN, None)
    tuned(MODEL, ServerOptions(slots=1, context=8192, threads=1), None)
    assert [options.slots for options in calls] == [4, 1]


def test_more_slots_must_be_worth_it():
    assert fewest({1: 20.0, 2: 21.0, 4: 21.5}) == 1
    assert fewest({1: 20.0, 2: 30.0, 4: 31.0}) == 2
    assert fewest({1: 20.0, 2: 21.0, 4: 30.0}) == 4


def test_what_is_tried():
    assert (thread_counts(8), thread_counts(2), thread_counts(1)) == ([8, 7, 4], [2, 1], [1])
    assert (slot_counts(4), slot_counts(1)) == ([1, 2, 4], [1])


def test_the_fastest_threads_and_slots_are_chosen(monkeypatch):
    speeds = {(2, 1): 10.0, (2, 2): 11.0, (2, 4): 12.0, (1, 1): 9.0, (1, 2): 18.0, (1, 4): 18.5}
    threads = []

    @contextlib.contextmanager
    def serve(options):
        threads.append(options.threads)
        yield None

    monkeypatch.setattr(tuning, "_asking", lambda server: lambda seed: None)
    monkeypatch.setattr(tuning, "_speed", lambda ask, at_once: speeds[threads[-1], at_once])
    found = measured(ServerOptions(slots=4, context=8192, threads=2), serve)
    assert (found.threads, found.slots) == (1, 2)
    assert found.speeds["1"] == {"1": 9.0, "2": 18.0, "4": 18.5}
    speeds[2, 4] = 30.0
    found = measured(ServerOptions(slots=4, context=8192, threads=2), serve)
    assert (found.threads, found.slots) == (2, 4)


@pytest.mark.model
def test_a_real_server_is_measured():
    options = ServerOptions(slots=1, context=8192, threads=1)
    found = measured(options, lambda options: LocalServer("local-small", options=options, share=False))
    assert (found.threads, found.slots) == (1, 1)
    assert found.speeds["1"]["1"] > 0
