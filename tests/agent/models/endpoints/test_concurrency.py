"""How many calls an endpoint gets at once."""

import threading
from math import inf

from waiting import until

from agent.models.endpoints.concurrency import Concurrency


def never():
    return False


def test_it_is_halved_once_for_calls_that_were_pushed_back_together_and_grows_by_one_a_round():
    now = [0.0]
    calls = Concurrency(clock=lambda: now[0])
    entered = [calls.enter(never) for _ in range(16)]
    now[0] = 1.0
    assert [calls.pushed_back(one, None) for one in entered] == [True, *[False] * 15]
    assert calls.limit == 8
    for _ in range(16):
        calls.leave()
    for _ in range(8):
        calls.answered()
    assert 8.9 < calls.limit < 9.1
    for _ in range(2000):
        calls.answered()
    assert calls.limit == inf


def test_a_call_over_the_limit_waits_for_another_to_leave():
    calls = Concurrency()
    first = calls.enter(never)
    assert calls.pushed_back(first, None)
    assert calls.limit == 1
    got = []
    thread = threading.Thread(target=lambda: got.append(calls.enter(never)))
    thread.start()
    calls.leave()
    thread.join(5)
    assert got[0] is not None


def test_nobody_is_let_in_before_the_endpoint_wants_to_be_asked_again_and_a_waiting_call_can_be_given_up():
    over, looks = threading.Event(), []
    calls = Concurrency()
    calls.pushed_back(calls.enter(never), retry_after=30)
    calls.leave()
    got = []

    def given_up():
        looks.append(1)
        return over.is_set()

    thread = threading.Thread(target=lambda: got.append(calls.enter(given_up)))
    thread.start()
    until(lambda: looks)
    assert not got
    over.set()
    thread.join(5)
    assert got == [None]
