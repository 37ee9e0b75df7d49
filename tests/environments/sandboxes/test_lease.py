"""The two sides of the CPU lease exclude one another, and neither starves."""

import threading
from contextlib import ExitStack

import pytest

from environments.sandboxes.lease import CpuLease, NoLease

PATIENCE = 10


class Holder(threading.Thread):
    """Takes one side of a lease in its own thread and keeps it until told."""

    def __init__(self, hold):
        super().__init__(daemon=True)
        self._hold = hold
        self.has = threading.Event()
        self._release = threading.Event()
        self.start()

    def run(self):
        with self._hold():
            self.has.set()
            self._release.wait(PATIENCE)

    def release(self):
        self._release.set()
        self.join(PATIENCE)
        assert not self.is_alive()


def queued(lease, count):
    """Wait until so many batches stand in line."""
    until(lease, lambda: len(lease._waiting) >= count)


def members(lease, batch, count):
    """Wait until a batch in line has so many members."""
    until(lease, lambda: lease._waiting[batch].members >= count)


def until(lease, condition):
    for _ in range(100 * PATIENCE):
        with lease._changed:
            if condition():
                return
            lease._changed.wait(0.01)
    pytest.fail("nobody came to stand in line")


def test_several_of_one_group_hold_at_once():
    lease = CpuLease()
    first, second = Holder(lease.tests), Holder(lease.tests)
    assert first.has.wait(PATIENCE)
    assert second.has.wait(PATIENCE)
    first.release()
    second.release()


def test_the_groups_exclude_one_another():
    lease = CpuLease()
    test = Holder(lease.tests)
    assert test.has.wait(PATIENCE)
    model = Holder(lease.model)
    queued(lease, 1)
    assert not model.has.is_set()
    test.release()
    assert model.has.wait(PATIENCE)
    model.release()


def test_a_newcomer_does_not_overtake_the_other_group_that_waits():
    lease = CpuLease()
    first = Holder(lease.tests)
    assert first.has.wait(PATIENCE)
    model = Holder(lease.model)
    queued(lease, 1)
    late = Holder(lease.tests)
    queued(lease, 2)
    assert not late.has.is_set()
    first.release()
    assert model.has.wait(PATIENCE)
    assert not late.has.is_set()
    model.release()
    assert late.has.wait(PATIENCE)
    late.release()


def test_those_who_wait_go_in_as_one_batch():
    lease = CpuLease()
    test = Holder(lease.tests)
    assert test.has.wait(PATIENCE)
    waiting = [Holder(lease.model) for _ in range(3)]
    queued(lease, 1)
    members(lease, 0, 3)
    test.release()
    assert all(holder.has.wait(PATIENCE) for holder in waiting)
    for holder in waiting:
        holder.release()


def test_an_error_inside_gives_the_lease_back():
    lease = CpuLease()
    with pytest.raises(ValueError, match="boom"), lease.tests():
        raise ValueError("boom")
    model = Holder(lease.model)
    assert model.has.wait(PATIENCE)
    model.release()


def test_many_threads_never_mix_and_all_come_through():
    lease = CpuLease()
    inside = {"tests": 0, "model": 0}
    mixed, rounds, lock = [], [], threading.Lock()

    def work(group, hold):
        for _ in range(50):
            with hold():
                with lock:
                    inside[group] += 1
                    mixed.append(inside["tests"] and inside["model"])
                with lock:
                    inside[group] -= 1
            rounds.append(group)

    sides = {"tests": lease.tests, "model": lease.model}
    threads = [threading.Thread(target=work, args=item, daemon=True) for item in list(sides.items()) * 3]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(rounds) == 300
    assert not any(mixed)


def test_no_lease_lets_everybody_in():
    lease = NoLease()
    with ExitStack() as stack:
        stack.enter_context(lease.tests())
        stack.enter_context(lease.model())
        assert stack is not None
