"""Answers of OpenAI-compatible endpoints, read whole and put into the one form that litellm reads.

What can be read is read here, once, between the connection and litellm; what cannot is told with how it begins.
"""

from __future__ import annotations

import json
import time
from typing import Any

import httpx

from agent.models.answers.event_stream import is_stream, joined
from agent.models.answers.usual_form import MovedAway, UnreadableBody, json_object, usual_form

LONGEST = 16 * 2**20
"""Bytes of the longest answer that is read: many choices of a hundred thousand tokens each."""
LONGEST_FAILURE = 64 * 2**10
"""Bytes that are read of what a failure says."""
MOST_REDIRECTS = 5
_LOSES_THE_BODY = (301, 302, 303)
"""Redirects that clients follow with a request of another kind, without what was asked."""


class ReadableClient(httpx.Client):
    """An HTTP client whose chat completions have the usual form."""

    def send(self, request: httpx.Request, **options: Any) -> httpx.Response:
        """Send a request; see httpx."""
        started, stream = time.monotonic(), options.pop("stream", False)
        options.pop("follow_redirects", None)
        response = super().send(request, stream=True, follow_redirects=False, **options)
        for _ in range(MOST_REDIRECTS):
            if response.next_request is None or _is_lost(response):
                break
            response.close()
            response = super().send(response.next_request, stream=True, follow_redirects=False, **options)
        usual = readable(response, started)
        if not stream:
            usual.read()
        return usual


class ReadableTransport(httpx.BaseTransport):
    """The same for clients that take a transport; shared by many, so that closing one of them closes nothing."""

    def __init__(self, inner: httpx.BaseTransport) -> None:
        self._inner = inner

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request; see httpx."""
        started = time.monotonic()
        response = self._inner.handle_request(request)
        response.request = request
        return readable(response, started)


def readable(response: httpx.Response, started: float) -> httpx.Response:
    """Return a chat completion in the usual form; what is no chat completion's answer as it came.

    Args:
        response: what came, its body not yet read.
        started: when the request was sent; the body must be there within the request's time limit from then.

    Raises MovedAway where it is a redirect that would lose what was asked, UnreadableBody where an endpoint answers
    with success and something else, such as a page of a gateway's.
    """
    if not response.request.url.path.endswith("/chat/completions"):
        return _bounded(response, started)
    if response.is_redirect:
        place = response.headers.get("location", "another place")
        response.close()
        again = "" if _is_lost(response) else "again and again, "
        raise MovedAway(f"it redirects {again}to {place}: give the address there as api_base")
    if not response.is_success:
        return _bounded(response, started)
    content = _whole(response, started)
    body = joined(content) if is_stream(content) else json_object(content)
    if body is None:
        raise UnreadableBody(_told(content))
    status, usual = usual_form(body)
    return _made(response, status, json.dumps(usual).encode(), (b"content-type", b"application/json"))


def _bounded(response: httpx.Response, started: float) -> httpx.Response:
    """Return an answer as it came, read within the time limit; of a failure the beginning of what it says is enough."""
    if response.is_redirect:
        return response
    enough = None if response.is_success else LONGEST_FAILURE
    return _made(response, response.status_code, _whole(response, started, enough))


def _made(response: httpx.Response, status: int, content: bytes, *more: tuple[bytes, bytes]) -> httpx.Response:
    """Return a response with another status and content, already read."""
    left_out = {b"content-length", b"content-encoding", b"transfer-encoding", *(name for name, _ in more)}
    headers = [(name, value) for name, value in response.headers.raw if name.lower() not in left_out]
    return httpx.Response(
        status,
        headers=[*headers, *more],
        content=content,
        request=response.request,
        extensions={key: value for key, value in response.extensions.items() if key != "network_stream"},
    )


def _is_lost(response: httpx.Response) -> bool:
    return response.status_code in _LOSES_THE_BODY and response.request.method == "POST"


def _whole(response: httpx.Response, started: float, enough: int | None = None) -> bytes:
    """Read a body; each piece may come in time and the whole never end, so both are bounded here.

    ``enough``: bytes of its beginning that will do; None: all of it is wanted.
    """
    limit = response.request.extensions.get("timeout", {}).get("read")
    pieces, size = [], 0
    for piece in response.iter_bytes():
        pieces.append(piece)
        size += len(piece)
        if enough is not None and size >= enough:
            break
        if size > LONGEST:
            response.close()
            raise UnreadableBody(f"its answer is longer than {LONGEST >> 20} MB")
        if limit is not None and time.monotonic() - started > limit:
            response.close()
            raise httpx.ReadTimeout("the answer was not whole within the time limit", request=response.request)
    response.close()
    return b"".join(pieces)[:enough]


def _told(content: bytes) -> str:
    """Return how an answer that cannot be read begins, and what is wrong with it where it means to be JSON."""
    start = " ".join(content[:300].decode("utf-8", "replace").split())[:160]
    if not start:
        return "it answers with nothing"
    if content.lstrip()[:1] != b"{":
        return f"it answers with {start!r}"
    try:
        json.loads(content)
    except RecursionError:
        return f"its JSON goes too deep: {start!r}"
    except ValueError as error:
        return f"its JSON is damaged or cut ({error}): {start!r}"
    return f"it answers with {start!r}"
