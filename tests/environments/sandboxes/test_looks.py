"""When a running command's disk is looked at, and that it stands still where a look is out of turn."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import pytest
from waiting import until

from environments.sandboxes.bubblewrap import BubblewrapSandbox, host_root
from environments.sandboxes.looks import pace
from environments.sandboxes.looks.pace import Pace
from environments.sandboxes.looks.processes import _others, stopped

MiB = 1 << 20


@pytest.fixture
def world(monkeypatch):
    """A clock and a disk that stand still until a test moves them."""
    world = {"now": 100.0, "free": 1000 * MiB}
    monkeypatch.setattr(pace, "time", SimpleNamespace(monotonic=lambda: world["now"]))
    monkeypatch.setattr(pace, "free_disk", lambda place: world["free"])
    return world


def test_a_disk_with_room_is_counted_in_turn_alone(world):
    looks = Pace(Path("/"), left=500 * MiB)
    for _ in range(4):
        world["now"] += 0.0125
        assert looks.next - world["now"] <= 0.05
        world["free"] -= 100 * MiB
    assert looks.is_due()
    assert not looks.hurried
    looks.counted(100 * MiB, began=world["now"] - 0.1)
    world["now"] += 0.3  # counting took long: a fifth of the time is the most that it may take
    assert not looks.is_due()


def test_the_less_may_be_written_the_sooner_is_asked_and_a_count_follows_once_it_may_be_gone(world):
    looks = Pace(Path("/"), left=20 * MiB)
    assert 0.002 < looks.next - world["now"] < 0.02
    world["now"] = looks.next
    world["free"] -= 15 * MiB
    assert not looks.is_due()
    assert looks.next - world["now"] < 0.005
    world["now"] = looks.next
    world["free"] -= 5 * MiB
    assert looks.is_due()
    assert looks.hurried


def test_who_else_fills_the_disk_does_not_have_the_files_counted_all_the_time(world):
    looks = Pace(Path("/"), left=20 * MiB)
    looks.counted(20 * MiB, began=world["now"] - 1.0)
    world["free"] -= 500 * MiB
    world["now"] += 0.9
    assert not looks.is_due()
    assert not looks.is_due(lambda: 5 * MiB)
    world["now"] += 0.01
    assert looks.is_due(lambda: 20 * MiB)  # it was this one
    world["now"] += 0.2
    assert looks.is_due()


def test_a_disk_that_cannot_be_seen_is_counted_in_turn(world):
    looks = Pace(None, left=20 * MiB, pause=2.0)
    world["now"] += 1.9
    assert not looks.is_due()
    world["now"] += 0.2
    assert looks.is_due()
    assert not looks.hurried


def test_what_runs_stands_still_for_a_look_and_what_stood_still_goes_on_doing_so():
    script = "sleep 600 & sleep 600 & kill -STOP $!; wait"
    with BubblewrapSandbox.create([], root=host_root(), run_id="looks") as sandbox, ThreadPoolExecutor(1) as pool:
        done = pool.submit(sandbox.run, script, cwd="/")
        try:
            until(lambda: sandbox._running is not None)
            first = sandbox._running.init_pid
            until(lambda: states(first).count("T") == 1 and len(states(first)) == 3)
            with stopped(first):
                until(lambda: states(first).count("T") == 3)
                assert state(first) == "S"
            until(lambda: states(first).count("T") == 1)
        finally:
            sandbox.close()
        assert done.result().exit_code != 0


def states(first):
    """Return how each process of a sandbox but its first stands."""
    return [state(pid) for pid in _others(first)]


def state(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:  # it ended meanwhile
        return ""
