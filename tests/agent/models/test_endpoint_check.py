"""Whether a model can be asked is found out by its endpoint's list: real requests to a server on loopback."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from agent.models.contract import ModelError, ModelUnusable
from agent.models.endpoint_check import listed
from agent.models.keys import key_variable


class Lists(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.seen.append((self.path, dict(self.headers)))
        self.send_response(self.server.status)
        self.send_header("content-length", str(len(self.server.body)))
        self.end_headers()
        self.wfile.write(self.server.body)

    def log_message(self, *_):
        pass


@pytest.fixture
def lists():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Lists)
    server.seen, server.status, server.body = [], 401, b""
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def base(server):
    return (f"http://127.0.0.1:{server.server_port}/v1",)


@pytest.mark.parametrize(
    ("model", "variable", "header"),
    [
        ("openai/gpt-4o", "OPENAI_API_KEY", "authorization"),
        ("claude-sonnet-4-5", "ANTHROPIC_API_KEY", "x-api-key"),
        ("deepseek/deepseek-chat", "DEEPSEEK_API_KEY", "authorization"),
    ],
)
def test_a_key_that_is_refused_is_told_with_its_variable(lists, monkeypatch, model, variable, header):
    monkeypatch.setenv(variable, "wrong")
    with pytest.raises(ModelUnusable, match=f"refuses the API key .* set {variable}") as said:
        listed(model, base(lists))
    assert "wrong" not in str(said.value)
    ((path, headers),) = lists.seen
    assert path == "/v1/models"
    assert headers[header].removeprefix("Bearer ") == "wrong"


@pytest.mark.parametrize("status", [200, 403, 404, 500, 501])
def test_any_other_answer_says_nothing_of_the_key(lists, monkeypatch, status):
    monkeypatch.setenv("OPENAI_API_KEY", "k")
    lists.status = status
    assert listed("openai/m", base(lists)) == "no list"
    assert lists.seen


LIST = b'{"object": "list", "data": [{"id": "m", "object": "model"}, {"id": "Qwen/x"}, {}]}'


@pytest.mark.parametrize(
    ("model", "body", "known"),
    [
        ("openai/m", LIST, "listed"),
        ("hosted_vllm/Qwen/x", LIST, "listed"),
        ("openai/other", LIST, "not listed"),
        ("ollama/other", LIST, "not listed"),
        ("openai/m", b'{"data": []}', "no list"),
        ("openai/m", b'["m"]', "no list"),
        ("openai/m", b"<html>", "no list"),
    ],
)
def test_what_an_endpoint_lists_tells_whether_it_has_a_model(lists, monkeypatch, model, body, known):
    monkeypatch.setenv("OPENAI_API_KEY", "k")
    lists.status, lists.body = 200, body
    assert listed(model, base(lists)) == known


def test_a_name_that_is_nobodys_is_told_with_how_to_write_one():
    with pytest.raises(ModelUnusable, match=r"my-model: nobody knows whose .* openai/my-model"):
        listed("my-model")


def test_nobody_is_asked_without_a_key_of_an_embedded_model_or_where_there_is_no_list(lists, monkeypatch):
    for name in ("OPENAI_API_KEY", "OPENAI_API_BASE", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    assert listed("openai/m") == listed("gemini/gemini-2.5-pro") == "nobody to ask"
    assert listed("local", base(lists)) == "no list"
    assert lists.seen == []
    with pytest.raises(ModelUnusable, match="set api_key of model_kwargs"):
        listed("openai/m", base(lists), {"api_key": "mine"})


def test_an_address_of_the_environment_is_asked_as_litellm_would(lists, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "k")
    monkeypatch.setenv("OPENAI_API_BASE", "http://127.0.0.1:9/v1")
    monkeypatch.setenv("OPENAI_BASE_URL", base(lists)[0])  # with both set litellm asks this one
    with pytest.raises(ModelUnusable, match="refuses the API key"):
        listed("openai/m")


def test_where_nobody_answers_it_is_tried_again_and_then_told(lists, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "k")
    monkeypatch.setattr("agent.models.endpoint_check._PAUSE", 0.01)
    nobody, lists.status = "http://127.0.0.1:9/v1", 404
    with pytest.raises(ModelError, match=f"nobody answers at {nobody} .*: start the endpoint, or correct --api-base"):
        listed("openai/m", (nobody,), reach=0.1)
    assert listed("openai/m", (nobody, *base(lists)), reach=0) == "no list"  # of replicas one will do


@pytest.mark.parametrize("address", ["nothing://", "ftp://127.0.0.1/"])
def test_what_is_no_address_is_told_at_once(monkeypatch, address):
    monkeypatch.setenv("OPENAI_API_KEY", "k")
    with pytest.raises(ModelUnusable, match="check --api-base"):
        listed("openai/m", (address,))


def test_no_variable_is_named_where_several_may_hold_the_key():
    assert key_variable("bedrock/anthropic.x") == ""
    assert key_variable("no-such-vendor-here") == ""


def test_a_list_that_drips_is_not_waited_for(lists, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "k")
    monkeypatch.setattr("agent.models.endpoint_check.PATIENCE", 0.2)
    over = threading.Event()

    def drip(handler):
        for letter in b"HTTP/1.1 401 No\r\ncontent-length: 0\r\n\r\n":
            handler.wfile.write(bytes([letter]))
            handler.wfile.flush()
            if over.wait(0.05):
                return

    monkeypatch.setattr(Lists, "do_GET", drip)
    assert listed("openai/m", base(lists)) == "no list"
    over.set()


def test_a_list_without_end_is_not_read(lists, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "k")

    def endless(handler):
        handler.send_response(401)
        handler.end_headers()
        try:
            while True:
                handler.wfile.write(b"x" * 65536)
        except OSError:
            pass

    monkeypatch.setattr(Lists, "do_GET", endless)
    with pytest.raises(ModelUnusable, match="refuses the API key"):
        listed("openai/m", base(lists))


def test_no_proxy_is_asked_for_what_is_on_this_machine(lists, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "k")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with pytest.raises(ModelUnusable, match="refuses the API key"):
        listed("openai/m", base(lists))
