"""What the machine has left, and what it ended for want of it."""

import os
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from waiting import until

from environments.sandboxes import machine
from environments.sandboxes.bubblewrap import BubblewrapSandbox, host_root
from environments.sandboxes.bubblewrap.cgroup import Group, hierarchies
from environments.sandboxes.contract import Limits, MachineShort, StartLate
from environments.sandboxes.looks import host
from environments.workbench.tests_at_once import Turns


@pytest.fixture
def group(tmp_path, monkeypatch):
    monkeypatch.setattr(machine, "_own_group", lambda root: root)
    return tmp_path


def test_a_quota_of_a_control_group_counts_as_cores(group):
    allowed = len(os.sched_getaffinity(0))
    assert machine.cores(group) == allowed
    (group / "cpu.max").write_text("max 100000\n")
    assert machine.cores(group) == allowed
    (group / "cpu.max").write_text("50000 100000\n")
    assert machine.cores(group) == 1
    (group / "cpu.max").write_text(f"{allowed + 5}00000 100000\n")
    assert machine.cores(group) == allowed


def test_a_limit_of_a_control_group_counts_as_memory(group):
    assert machine.memory_left(700, group) == 700
    (group / "memory.max").write_text("max\n")
    assert machine.memory_left(700, group) == 700
    (group / "memory.max").write_text("1000\n")
    (group / "memory.current").write_text("600\n")
    assert machine.memory_left(700, group) == 400


def test_a_full_disk_is_told_with_what_to_do(tmp_path, monkeypatch):
    assert machine.disk_short(tmp_path / "not" / "there") == ""
    monkeypatch.setattr(machine, "LEAST_DISK", 1 << 60)
    assert "are free at" in machine.disk_short(tmp_path / "not" / "there")


def test_while_memory_is_short_tests_run_one_after_the_other():
    short, order = threading.Event(), []
    short.set()
    turns = Turns(2, room=lambda: not short.is_set())
    first_ends, rest_ends = threading.Event(), threading.Event()

    def hold(name, ends):
        with turns.turn():
            order.append(name)
            ends.wait()

    with ThreadPoolExecutor(3) as pool:
        try:
            pool.submit(hold, "first", first_ends)
            until(lambda: order == ["first"])
            for number, name in enumerate(("second", "third"), start=1):
                pool.submit(hold, name, rest_ends)
                until(lambda asked=number: turns.waiting == asked)
            assert order == ["first"]
            short.clear()
            first_ends.set()
            until(lambda: set(order) == {"first", "second", "third"})  # with room both are served
        finally:  # whoever waits, ends
            for event in (first_ends, rest_ends):
                event.set()


@pytest.fixture
def sandbox():
    with BubblewrapSandbox.create([], root=host_root(), run_id="machine") as made:
        yield made


def test_a_command_that_the_full_disk_of_the_machine_ends_has_no_outcome(sandbox, monkeypatch):
    monkeypatch.setattr(host, "DISK_FLOOR", 1 << 60)
    for command in ("sleep 60", "true"):  # ended while it runs, and ended by itself
        with pytest.raises(MachineShort, match="free on the disk") as raised:
            sandbox.run(command, cwd="/")
        assert raised.value.fault == "disk"


def test_a_command_beside_which_the_machine_s_memory_is_used_up_has_no_outcome(sandbox, monkeypatch):
    monkeypatch.setattr(host, "MEMORY_FLOOR", 1 << 60)
    with pytest.raises(MachineShort, match="of memory are left") as raised:
        sandbox.run("true", cwd="/")
    assert raised.value.fault == "memory"


@pytest.mark.skipif(hierarchies() is None, reason="no control groups here: nothing tells who ran out of memory")
@pytest.mark.parametrize("machines", [False, True])
def test_a_memory_kill_is_the_sandboxs_own_only_where_it_came_to_its_limit(monkeypatch, machines):
    hungry = "python -c 'import os; held = [os.urandom(1 << 20) for _ in range(400)]'"
    if machines:
        monkeypatch.setattr(Group, "came_to_limit", lambda group, peak, ooms: False)
    limits = Limits(memory=64 << 20)
    with BubblewrapSandbox.create([], root=host_root(), run_id="machine", limits=limits) as made:
        if machines:
            with pytest.raises(MachineShort, match="out of memory"):
                made.run(hungry, cwd="/")
        else:
            assert made.run(hungry, cwd="/").killed == "memory"


def test_a_sandbox_that_is_not_set_up_in_its_time_fails_as_such():
    limits = Limits(start_seconds=1e-9)
    with BubblewrapSandbox.create([], root=host_root(), run_id="machine", limits=limits) as made:
        with pytest.raises(StartLate, match="not set up in 1e-09 s") as raised:
            made.run("true", cwd="/")
        assert raised.value.fault == "start"
