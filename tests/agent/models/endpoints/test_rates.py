"""Requests and tokens a minute."""

from agent.models.endpoints.rates import Rates


class Clock:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now

    def wait(self, seconds):
        self.now += seconds


def sent(rates, clock, tokens):
    return rates.take(tokens, lambda: False, clock.wait)


def test_no_more_requests_go_in_any_minute_than_allowed():
    clock = Clock()
    rates = Rates(rpm=3, tpm=None, clock=clock)
    times = [sent(rates, clock, 1).at for _ in range(9)]
    assert all(later - earlier >= 60 for earlier, later in zip(times, times[3:], strict=False))
    assert times[2] == 0.0


def test_tokens_count_as_their_worst_case_until_the_answer_is_there():
    clock = Clock()
    rates = Rates(rpm=None, tpm=1000, clock=clock)
    first = sent(rates, clock, 900)
    rates.settle(first, 100)
    assert sent(rates, clock, 800).at == 0.0
    assert sent(rates, clock, 800).at >= 60


def test_a_request_larger_than_a_minute_goes_alone_and_a_cancelled_one_not_at_all():
    clock = Clock()
    rates = Rates(rpm=None, tpm=1000, clock=clock)
    assert sent(rates, clock, 5000).at == 0.0
    assert rates.take(5000, lambda: True, clock.wait) is None
