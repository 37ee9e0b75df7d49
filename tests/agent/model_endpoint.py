"""An OpenAI-compatible server on loopback that answers, stalls, refuses and breaks on cue."""

import json
import socket
import struct
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from agent.models.contract import Message
from agent.models.endpoints.settings import EndpointSettings
from agent.models.litellm_client.litellm_model import LiteLLMModel
from agent.models.profiles import ModelProfile

ASK = [Message(role="user", content="Fix it.")]


def answer(*contents, logprobs=None, prompt_tokens=10, completion_tokens=5):
    """Make the body of a chat completion."""
    choices = [
        {
            "index": index,
            "finish_reason": "stop",
            "message": {"role": "assistant", "content": content},
            **({"logprobs": {"content": logprobs}} if logprobs else {}),
        }
        for index, content in enumerate(contents)
    ]
    usage = {
        "prompt_tokens": prompt_tokens,
        "completion_tokens": completion_tokens,
        "total_tokens": prompt_tokens + completion_tokens,
        "prompt_tokens_details": {"cached_tokens": 4},
    }
    return {"id": "x", "object": "chat.completion", "created": 1, "model": "m", "choices": choices, "usage": usage}


def error(message):
    return {"error": {"message": message, "type": "invalid_request_error"}}


class Endpoint(ThreadingHTTPServer):
    """Plays (status, body, headers) in order, the last one for ever; a body may be ``reset``, ``stall``, a function."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.headers = []
        self.script, self.requests, self.lock, self.over = [], [], threading.Lock(), threading.Event()
        self.play = None  # a function from a request to (status, body), in place of a script
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}/v1"

    def following(self, request):
        with self.lock:
            self.requests.append(request)
            if self.play:
                return *self.play(request), {}
            return self.script.pop(0) if len(self.script) > 1 else self.script[0]


class Handler(BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_POST(self):
        request = json.loads(self.rfile.read(int(self.headers["content-length"])))
        if self.path in ("/apply-template", "/tokenize"):
            text = request.get("content", "")
            known = {"prompt": "a b c", "tokens": text.split()}
            return self.reply(200, known, {})
        self.server.headers.append({name.lower(): value for name, value in self.headers.items()})
        status, body, headers = self.server.following(request)
        if body == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            return self.connection.close()
        if body == "stall":
            return self.server.over.wait(30)
        return self.reply(status, body(request) if callable(body) else body, headers)

    def reply(self, status, body, headers):
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        for name, value in {**headers, "content-type": "application/json", "content-length": len(raw)}.items():
            self.send_header(name, str(value))
        self.end_headers()
        self.wfile.write(raw)


def model_at(endpoint, profile=None, name="openai/m", **options):
    profile = profile or ModelProfile()
    patience = {"retry_seconds": options.pop("retry_seconds")} if "retry_seconds" in options else {}
    endpoints = EndpointSettings((endpoint.url,), **patience)
    return LiteLLMModel(name, endpoints=endpoints, api_key="k", profile=profile, **options)
