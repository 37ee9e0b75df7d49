"""How many calls an endpoint gets at once."""

import threading
from math import inf

import pytest
from waiting import until

from agent.models.endpoints.concurrency import Concurrency, calls_to


def never():
    return False


class Endpoint:
    """An endpoint whose calls come back in rounds: all that may be on their way go, then come back together."""

    def __init__(self, workers):
        self.now, self.workers = 0.0, workers
        self.calls = Concurrency(clock=lambda: self.now)
        self.asked = 0

    def again(self, refused):
        """Send one call and let it come back; returns whether it made the limit lower."""
        self.now += 1.0
        entered = self.enter()
        self.now += 1.0
        self.calls.leave()
        return self.calls.pushed_back(entered, None) if refused else self.calls.answered()

    def enter(self):
        """Enter without waiting."""
        looks = iter([False])
        entered = self.calls.enter(lambda: next(looks, True))
        assert entered is not None, "a call has to wait"
        return entered

    def round(self, refuses, retry_after=None):
        """Send a round; ``refuses`` is told each call's number; returns how often the limit was made lower."""
        self.now += 1.0
        going = [self.enter() for _ in range(int(min(self.workers, self.calls.limit)))]
        self.now += 1.0
        lower = 0
        for entered in going:
            self.asked += 1
            self.calls.leave()
            if refuses(self.asked):
                lower += self.calls.pushed_back(entered, retry_after)
            else:
                self.calls.answered()
        return lower


def test_it_is_halved_once_for_calls_that_were_pushed_back_together_and_grows_by_one_a_round():
    endpoint = Endpoint(16)
    for _ in range(5):
        endpoint.round(lambda number: False)
    assert endpoint.round(lambda number: True) == 1
    assert endpoint.calls.limit == 8
    assert endpoint.round(lambda number: False) == 0
    assert 8.9 < endpoint.calls.limit < 9.1
    for _ in range(40):
        endpoint.round(lambda number: False)
    assert endpoint.calls.limit == inf


def test_an_endpoint_that_pushes_all_back_is_asked_one_at_a_time_in_the_end():
    endpoint = Endpoint(32)
    assert [endpoint.round(lambda number: True) for _ in range(5)] == [1] * 5
    assert endpoint.calls.limit == 1


def test_a_burst_that_goes_on_after_the_cut_is_not_cut_again_before_a_round_is_over():
    endpoint = Endpoint(32)
    endpoint.round(lambda number: True)
    endpoint.again(False)  # the last of its round
    assert endpoint.again(True)
    before = endpoint.calls.limit
    assert not any(endpoint.again(True) for _ in range(5))
    assert endpoint.calls.limit == before
    assert any(endpoint.again(True) for _ in range(32))


def test_one_call_of_ten_refused_by_chance_leaves_room_for_many():
    endpoint, limits = Endpoint(32), []
    for _ in range(300):
        endpoint.round(lambda number: number % 10 == 0)
        limits.append(endpoint.calls.limit)
    assert min(limits[100:]) > 6


def test_bursts_among_calls_refused_by_chance_leave_room_for_several():
    endpoint, limits = Endpoint(32), []
    for _ in range(400):
        endpoint.round(lambda number: number % 10 == 0 or number % 70 >= 56)
        limits.append(endpoint.calls.limit)
    assert sum(limits[100:]) / 300 > 4


def test_an_endpoint_with_so_many_places_is_asked_about_so_many_calls_at_once():
    endpoint, limits = Endpoint(32), []
    for _ in range(200):
        first = endpoint.asked
        endpoint.round(lambda number, first=first: number > first + 8)
        limits.append(endpoint.calls.limit)
    assert 6 < sum(limits[50:]) / 150 < 10


def test_what_few_calls_met_lowers_the_limit_to_below_so_few():
    endpoint = Endpoint(32)
    endpoint.round(lambda number: True)
    for _ in range(3):
        endpoint.round(lambda number: False)
    endpoint.workers = 4
    for _ in range(12):
        endpoint.round(lambda number: False)
    assert endpoint.calls.limit > 16
    endpoint.round(lambda number: True)
    assert endpoint.calls.limit <= 4


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


def test_a_retry_after_among_answers_holds_nobody_else_back_and_one_of_a_burst_does():
    endpoint = Endpoint(8)
    for _ in range(3):
        endpoint.round(lambda number: False)
    endpoint.round(lambda number: number == 25, retry_after=30)
    endpoint.round(lambda number: True, retry_after=30)
    with pytest.raises(AssertionError, match="has to wait"):
        endpoint.enter()
    endpoint.now += 30
    endpoint.enter()


def test_no_more_than_its_ceiling_however_well_it_answers():
    calls = Concurrency(most=2)
    assert calls.enter(lambda: False) is not None
    assert calls.enter(lambda: False) is not None
    for _ in range(20):
        calls.answered()
    looks = iter([False, True])
    assert calls.enter(lambda: next(looks)) is None
    calls.leave()
    assert calls.enter(lambda: False) is not None


def test_models_at_one_address_share_its_ceiling_and_those_that_litellm_finds_do_not():
    first, second = calls_to("http://host:1/v1", 3), calls_to("http://host:1/v1", 3)
    assert first is second
    assert calls_to("http://host:2/v1", 3) is not first
    assert calls_to("", 3) is not calls_to("", 3)
