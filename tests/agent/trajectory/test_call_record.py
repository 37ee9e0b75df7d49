"""The account of calls: real litellm against a server on loopback."""

import pytest
from model_endpoint import ASK, answer, error

from agent.models.contract import ModelError, Request, Usage
from agent.models.endpoints.settings import EndpointSettings
from agent.models.litellm_client.litellm_model import LiteLLMModel
from agent.models.profiles import ModelProfile
from agent.trajectory.call_record import CallRecord, Calls, calls_of
from environments.record_file import append_line, read_lines


@pytest.fixture
def record(tmp_path):
    return CallRecord(tmp_path / "calls.jsonl", "edit-3")


def ask(endpoint, record, **settings):
    endpoints = EndpointSettings((endpoint.url,), **settings)
    model = LiteLLMModel("openai/m", endpoints=endpoints, api_key="k", profile=ModelProfile())
    return model.complete(Request(ASK, account=record))


def test_each_try_has_an_id_that_the_endpoint_is_told(endpoint, record, tmp_path):
    endpoint.script = [(500, error("busy"), {}), (200, answer("yes"), {})]
    usage = ask(endpoint, record).usage
    lines = read_lines(tmp_path / "calls.jsonl")
    ids = [headers["x-client-request-id"] for headers in endpoint.headers]
    assert [line["call"] for line in lines] == [ids[0], ids[0], ids[1], ids[1]]
    assert len(set(ids)) == 2
    assert [line.get("trajectory") for line in lines] == ["edit-3", None, "edit-3", None]
    assert "InternalServerError" in lines[1]["failed"]
    assert calls_of([tmp_path / "calls.jsonl"]) == Calls(
        sent=2,
        answered=1,
        failed=1,
        prompt_tokens=usage.prompt_tokens,
        completion_tokens=usage.completion_tokens,
    )


def test_an_id_is_written_before_anything_is_sent(endpoint, record, tmp_path):
    (tmp_path / "calls.jsonl").mkdir()  # so nothing can be written
    with pytest.raises(OSError, match=r"calls\.jsonl"):
        ask(endpoint, record)
    assert not endpoint.requests


def test_a_call_without_an_end_stays_open(endpoint, record, tmp_path):
    path = tmp_path / "calls.jsonl"
    endpoint.script = [(401, error("no such key"), {})]
    with pytest.raises(ModelError):
        ask(endpoint, record)
    append_line(path, {"call": "cut off", "at": "", "trajectory": "edit-0"})
    assert calls_of([path, tmp_path / "of a task not begun"]) == Calls(sent=2, failed=1)
    assert calls_of([path]).open == 1


def test_an_end_that_finds_no_room_is_written_later(record, tmp_path):
    path, aside = tmp_path / "calls.jsonl", tmp_path / "aside"
    first = record.sent()
    path.rename(aside)
    path.mkdir()  # so nothing can be written
    record.over(first, Usage(prompt_tokens=7))
    with pytest.raises(OSError, match=r"calls\.jsonl"):
        record.sent()
    path.rmdir()
    aside.rename(path)
    CallRecord(path, "edit-0").close()  # whichever of the task's trajectories comes next
    assert calls_of([path]) == Calls(sent=1, answered=1, prompt_tokens=7)
