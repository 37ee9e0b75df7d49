"""Answers without end, and failures whose words cost more to read than they are worth."""

import itertools
import time

import httpx
import pytest
from model_endpoint import ASK, model_at

from agent.models.answers.readable import LONGEST_FAILURE, readable
from agent.models.contract import ModelUnusable, Request, RequestRefused, UnusableAnswer

BIT = b"x" * 1000


class Endless(httpx.SyncByteStream):
    def __init__(self):
        self.given = 0

    def __iter__(self):
        for _ in itertools.count():
            self.given += len(BIT)
            if self.given > 64 << 20:
                raise AssertionError("it is read for ever")
            yield BIT


def response(status, path):
    request = httpx.Request("POST", f"http://endpoint{path}", extensions={"timeout": {"read": 5.0}})
    return httpx.Response(status, stream=Endless(), request=request)


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/messages"])
def test_of_a_failure_without_end_the_beginning_is_read(path):
    assert len(readable(response(500, path), time.monotonic()).content) == LONGEST_FAILURE


@pytest.mark.parametrize("status", [200, 500])
@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/messages", "/v1/completions"])
def test_no_body_is_read_beyond_the_time_limit(status, path):
    with pytest.raises(httpx.ReadTimeout, match="not whole within"):
        readable(response(status, path), time.monotonic() - 6)


def test_words_of_any_length_and_depth_are_read_soon(endpoint):
    for body in (b"<script>" * 50_000, b"[" * 200_000, b"<" * 400_000):
        endpoint.script = [(400, body, {})]
        with pytest.raises(RequestRefused):
            model_at(endpoint).complete(Request(ASK))


def test_json_that_goes_too_deep_is_told(endpoint, monkeypatch):
    monkeypatch.setattr("agent.models.failures.retrying.FIRST_WAIT", 0.0)
    endpoint.script = [(200, b'{"choices":' + b"[" * 200_000, {})]
    with pytest.raises(UnusableAnswer, match="goes too deep"):
        model_at(endpoint).complete(Request(ASK))


def test_redirects_in_a_circle_are_told_as_such(endpoint):
    endpoint.script = [(307, {}, {"Location": f"{endpoint.url}/chat/completions"})]
    with pytest.raises(ModelUnusable, match="redirects again and again"):
        model_at(endpoint).complete(Request(ASK))
