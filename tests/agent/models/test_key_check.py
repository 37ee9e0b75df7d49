"""Whether an endpoint takes a key is found out by its list of models: real requests to a server on loopback."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from agent.models.key_check import refused_key
from agent.models.keys import key_variable


class Lists(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.seen.append((self.path, dict(self.headers)))
        self.send_response(self.server.status)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture
def lists():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Lists)
    server.seen, server.status = [], 401
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
    said = refused_key(model, base(lists))
    assert "refuses the API key" in said
    assert f"set {variable}" in said
    assert "wrong" not in said
    ((path, headers),) = lists.seen
    assert path == "/v1/models"
    assert headers[header].removeprefix("Bearer ") == "wrong"


@pytest.mark.parametrize("status", [200, 403, 404, 500, 501])
def test_any_other_answer_says_nothing_of_the_key(lists, monkeypatch, status):
    monkeypatch.setenv("OPENAI_API_KEY", "k")
    lists.status = status
    assert refused_key("openai/m", base(lists)) is None
    assert lists.seen


def test_nobody_is_asked_without_a_key_of_an_embedded_model_or_where_there_is_no_list(lists, monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.setenv("OLLAMA_API_KEY", "k")
    for model in ("openai/m", "local", "ollama/qwen3", "no-such-vendor-here"):
        assert refused_key(model, base(lists)) is None
    assert lists.seen == []
    assert "model_kwargs" in refused_key("openai/m", base(lists), {"api_key": "mine"})


def test_an_endpoint_that_is_not_there_is_left_to_the_first_call(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "k")
    for address in ("http://127.0.0.1:9/v1", "nothing://", "http://[", "http://a b/"):
        assert refused_key("openai/m", (address,)) is None


def test_no_variable_is_named_where_several_may_hold_the_key():
    assert key_variable("bedrock/anthropic.x") == ""
    assert key_variable("no-such-vendor-here") == ""


@pytest.mark.parametrize(
    ("model", "key", "variable"),
    [
        ("openai/m", "OPENAI_API_KEY", "OPENAI_API_BASE"),
        ("openai/m", "OPENAI_API_KEY", "OPENAI_BASE_URL"),
        ("anthropic/claude-sonnet-4-5", "ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL"),
    ],
)
def test_the_key_of_an_endpoint_that_the_environment_names_is_shown_there_alone(
    lists, monkeypatch, model, key, variable
):
    monkeypatch.setenv(key, "mine")
    monkeypatch.setenv(variable, base(lists)[0])
    assert f"the endpoint at {base(lists)[0]} refuses" in refused_key(model)
    assert len(lists.seen) == 1


def test_a_list_that_drips_is_not_waited_for(lists, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "k")
    monkeypatch.setattr("agent.models.key_check.PATIENCE", 0.2)
    over = threading.Event()

    def drip(handler):
        for letter in b"HTTP/1.1 401 No\r\ncontent-length: 0\r\n\r\n":
            handler.wfile.write(bytes([letter]))
            handler.wfile.flush()
            if over.wait(0.05):
                return

    monkeypatch.setattr(Lists, "do_GET", drip)
    assert refused_key("openai/m", base(lists)) is None
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
    assert "refuses the API key" in refused_key("openai/m", base(lists))


def test_no_proxy_is_asked_for_what_is_on_this_machine(lists, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "k")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert "refuses the API key" in refused_key("openai/m", base(lists))
