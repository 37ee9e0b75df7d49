"""Waiting in tests for what another thread is about to do."""

import threading


def until(condition):
    """Return once the condition holds; fail if it never comes to that."""
    pause = threading.Event()
    for _ in range(2000):
        if condition():
            return
        pause.wait(0.01)
    raise AssertionError("it never came to that")
