"""The doctor asks a model: real litellm against a server on loopback."""

import json
import sys
from pathlib import Path

import pytest

from swebench_runs.cli import main

sys.path.insert(0, str(Path(__file__).parents[2] / "agent"))
from model_endpoint import Endpoint, answer, error


@pytest.fixture
def endpoint(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "k")
    served = Endpoint()
    yield served
    served.over.set()
    served.shutdown()
    served.server_close()


def able(request):
    """Answer as a model that calls functions, cuts its answers and takes no log-probabilities."""
    if "logprobs" in request:
        return 400, error("logprobs is not supported with this model")
    body = answer(*["ready"] * request.get("n", 1))
    if "tools" in request:
        call = {"id": "1", "type": "function", "function": {"name": "add", "arguments": '{"a": 17, "b": 25}'}}
        body["choices"][0] |= {"finish_reason": "tool_calls"}
        body["choices"][0]["message"] |= {"content": None, "tool_calls": [call]}
    if "Count" in json.dumps(request["messages"]):
        body["choices"][0]["finish_reason"] = "length"
    return 200, body


def told(capsys, *arguments):
    with pytest.raises(SystemExit) as ended:
        main(["doctor", *arguments])
    shown = capsys.readouterr()
    return ended.value.code, shown.out, shown.err


def test_it_says_what_the_model_can_do_what_it_costs_and_which_profile_it_got(endpoint, capsys):
    endpoint.play = able
    code, out, _ = told(capsys, "-m", "openai/gpt-4o", "--api-base", endpoint.url)
    assert code == 0
    lines = dict(line.split(": ", 1) for line in out.splitlines())
    assert lines["chat"].startswith("yes, answered 'ready'")
    assert lines["tools"] == "yes, called as it was told to"
    assert lines["logprobs"].startswith("no, logprobs dropped")
    assert lines["n"] == "yes, 2 answers of one call"
    assert lines["cut answer"] == "yes, told as cut"
    assert lines["price"].startswith("2.5 $ a million prompt tokens, 10 $ of answers")
    assert "*gpt-4*" in lines["profile"]
    calls = len(endpoint.requests) - 1  # the refused one is not billed
    price = (6 * 2.5 + 4 * 1.25 + 5 * 10) / 1e6 * calls
    assert f"asking cost {price:.6f} $: 8 kinds of call" in out


def test_a_server_of_ones_own_that_calls_functions_is_told_how_to_switch_tools_on(endpoint, capsys, tmp_path):
    endpoint.play = able
    _, out, _ = told(capsys, "-m", "openai/mine", "--api-base", endpoint.url)
    (line,) = [line for line in out.splitlines() if line.startswith("worth knowing")]
    own = tmp_path / "mine.yaml"
    own.write_text(line.split("`")[1])
    _, out, _ = told(capsys, "-m", "openai/mine", "--api-base", endpoint.url, "--profile", str(own))
    assert "scaffold: tools" in out
    assert "worth knowing" not in out
    endpoint.play = lambda request: (200, answer("ready"))
    _, out, _ = told(capsys, "-m", "openai/mine", "--api-base", endpoint.url, "--profile", str(own))
    assert "--tool-call-parser" in out


@pytest.mark.parametrize(
    ("status", "message", "code", "says"),
    [
        (401, "Incorrect API key provided", 2, "refuses the API key"),
        (404, "The model `gpt-9` does not exist", 2, "does not know this model"),
    ],
)
def test_what_no_call_can_mend_is_one_line(endpoint, capsys, status, message, code, says):
    endpoint.script = [(status, error(message), {})]
    ended, _, err = told(capsys, "-m", "openai/gpt-9", "--api-base", endpoint.url)
    assert ended == code
    assert len(err.splitlines()) == 1
    assert says in err
    assert len(endpoint.requests) == 1


def test_an_endpoint_that_is_not_there_is_told_with_exit_code_3(capsys, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "k")
    monkeypatch.setattr("swebench_runs.cli.doctor_model.PATIENCE", 0.1)
    code, _, err = told(capsys, "-m", "openai/x", "--api-base", "http://127.0.0.1:9/v1")
    assert code == 3
    assert "Connection refused" in err


def test_a_missing_key_is_told_before_anything_is_asked(endpoint, capsys, monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY")
    code, out, err = told(capsys, "-m", "openai/x", "--api-base", endpoint.url)
    assert (code, out, endpoint.requests) == (2, "", [])
    assert "there is no API key: set OPENAI_API_KEY" in err


def test_a_call_that_failed_ends_in_advice_and_says_nothing_of_what_the_model_can_do(endpoint, capsys):
    endpoint.play = lambda request: (400, error("no such thing here")) if "tools" in request else able(request)
    code, out, _ = told(capsys, "-m", "openai/gpt-4o", "--api-base", endpoint.url)
    assert code == 0
    assert "worth knowing: no answer to tools, so what it can do there is not known" in out
    assert "--tool-call-parser" not in out
