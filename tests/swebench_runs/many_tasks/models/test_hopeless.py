"""A model that no call can succeed with is found before work begins: real litellm against a server on loopback."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from agent.models.contract import ModelError, ModelUnusable
from swebench_runs.config import load
from swebench_runs.errors import UsageError
from swebench_runs.many_tasks.models.hopeless import find_hopeless


class Handler(BaseHTTPRequestHandler):
    """Lists one model, and answers as it or, being asked for another, with what the server says."""

    def do_GET(self):
        self.send(200, {"object": "list", "data": [{"id": "known"}]})

    def do_POST(self):
        request = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.server.asked.append(request["model"])
        if self.server.status != 200:
            said = f"The model `{request['model']}` does not exist"
            return self.send(self.server.status, {"error": {"message": said, "code": "model_not_found"}})
        choice = {"index": 0, "message": {"role": "assistant", "content": "ready"}, "finish_reason": "stop"}
        usage = {"prompt_tokens": 9, "completion_tokens": 1, "total_tokens": 10}
        return self.send(200, {"id": "1", "object": "chat.completion", "choices": [choice], "usage": usage})

    def send(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "k")
    served = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    served.asked, served.status = [], 200
    threading.Thread(target=served.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield served
    served.shutdown()
    served.server_close()


def found(server, name, *keys):
    return find_hopeless(load([f"model={name}", f"api_base=http://127.0.0.1:{server.server_port}/v1", *keys]))


def test_a_model_that_is_listed_is_asked_nothing(server):
    assert found(server, "openai/known") == []
    assert server.asked == []


def test_one_that_is_not_listed_is_asked_one_word_which_is_told_to_be_charged(server):
    (word,) = found(server, "openai/alias")
    assert word.usage.prompt_tokens == 9
    assert server.asked == ["alias"]


def test_one_that_the_endpoint_does_not_know_is_told(server):
    server.status = 404
    with pytest.raises(ModelUnusable, match="openai/wrong: the endpoint does not know this model; check its name"):
        found(server, "openai/wrong")


def test_an_endpoint_that_is_only_busy_is_left_to_the_work(server):
    server.status = 503
    assert found(server, "openai/alias", "retry_seconds=0.1") == []


def test_a_cluster_s_nodes_may_reach_what_this_machine_does_not(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "k")
    keys = ["model=openai/m", "api_base=http://127.0.0.1:9/v1", "retry_seconds=0.1"]
    with pytest.raises(ModelError, match="nobody answers"):
        find_hopeless(load(keys))
    assert find_hopeless(load([*keys, "cluster=auto"])) == []


def test_a_missing_key_comes_first(monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(UsageError, match="there is no API key"):
        find_hopeless(load(["model=openai/m"]))
