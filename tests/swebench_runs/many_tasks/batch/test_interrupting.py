"""Ctrl-C, at whatever moment."""

import signal

import pytest

from swebench_runs.many_tasks.batch.interrupting import noticed, stop_on_signals


def press():
    signal.raise_signal(signal.SIGINT)


def test_one_that_a_library_swallowed_is_heard_when_the_work_begins():
    before = signal.getsignal(signal.SIGINT)
    with noticed():
        try:
            press()
        except BaseException:  # noqa: BLE001 - as libraries do that begin with a bare except
            swallowed = True
        assert swallowed
        with pytest.raises(KeyboardInterrupt), stop_on_signals():
            raise AssertionError("the work began")
    assert signal.getsignal(signal.SIGINT) is before
    with stop_on_signals() as stop:  # what one command was told is no other's
        press()
    assert stop.is_set()


def test_the_second_interrupts_at_once():
    with stop_on_signals() as stop:
        press()
        assert stop.is_set()
        with pytest.raises(KeyboardInterrupt):
            press()
