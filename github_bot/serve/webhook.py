"""What listens: GitHub's deliveries, checked and queued before they are answered; health and figures beside."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import re
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, generate_latest

from github_bot.serve.queue import Queue

MAX_BODY = 25 << 20
"""Bytes; GitHub sends no more."""
MAX_HELD = 8 * MAX_BODY
"""Bytes of all bodies that are being read: whoever sends them is not known yet."""
BODY_SECONDS = 10.0
"""GitHub itself waits no longer for an answer."""
MAX_WAITING = 10_000
EVENTS = frozenset(
    {"issues", "issue_comment", "pull_request", "pull_request_review", "pull_request_review_comment", "check_suite"}
)
"""What anything is done for; others are answered and forgotten."""
_ID = re.compile(r"[A-Za-z0-9-]{1,100}")
_SIGNATURE = re.compile(r"sha256=[0-9a-f]{64}")
_UNSIGNED = (401, "the signature is wrong: check the webhook's secret")
# GitHub compresses nothing: what comes is what was signed, and unpacks to no more.
_HANDLER = {"auto_decompress": False, "keepalive_timeout": 75.0, "lingering_time": 2.0}


def application(queue: Queue, secret: str, woken: Callable[[], None], path: str = "/webhook") -> web.Application:
    """Return the server's application.

    Args:
        queue: where deliveries go.
        secret: the webhook's own, by which GitHub signs.
        woken: called when there is something to do.
        path: where GitHub delivers.
    """
    figures = CollectorRegistry()
    answered = Counter("runoff_bot_answers", "What deliveries were answered.", ["said"], registry=figures)
    deliveries = Gauge("runoff_bot_deliveries", "Deliveries that are kept, by state.", ["state"], registry=figures)

    bodies = _Bodies()

    async def checked(request: web.Request) -> tuple[int, str]:
        signature = request.headers.get("X-Hub-Signature-256", "")
        if not _SIGNATURE.fullmatch(signature):  # before a stranger's body is read
            return _UNSIGNED
        async with bodies.read(request) as body:
            if isinstance(body, tuple):
                return body
            if not is_signed(body, signature, secret):
                return _UNSIGNED
            return await asyncio.to_thread(_kept, queue, request.headers, body)

    async def deliver(request: web.Request) -> web.Response:
        status, said = await checked(request)
        answered.labels(said).inc()
        if status == 202:
            woken()
        return web.json_response({"said": said}, status=status)

    async def health(_: web.Request) -> web.Response:
        counts = await asyncio.to_thread(queue.counts)
        return web.json_response({"ok": True, **counts})

    async def metrics(_: web.Request) -> web.Response:
        for state, number in (await asyncio.to_thread(queue.counts)).items():
            deliveries.labels(state).set(number)
        return web.Response(body=generate_latest(figures), headers={"Content-Type": CONTENT_TYPE_LATEST})

    served = web.Application(client_max_size=MAX_BODY, handler_args=_HANDLER)
    served.add_routes([web.post(path, deliver), web.get("/healthz", health), web.get("/metrics", metrics)])
    return served


class _Bodies:
    """The bodies that are being read, which hold no more together than MAX_HELD."""

    def __init__(self) -> None:
        self._held = 0

    @asynccontextmanager
    async def read(self, request: web.Request) -> AsyncIterator[bytes | tuple[int, str]]:
        """Give a request's body, or the answer to one that is too large, too slow, broken, or one too many."""
        body = bytearray()
        try:
            yield await self._whole(request, body)
        finally:
            self._held -= len(body)

    async def _whole(self, request: web.Request, body: bytearray) -> bytes | tuple[int, str]:
        too_large = 413, f"a body holds at most {MAX_BODY:,} bytes"
        if (request.content_length or 0) > MAX_BODY:
            return too_large
        try:
            async with asyncio.timeout(BODY_SECONDS):
                async for part in request.content.iter_any():
                    body += part
                    self._held += len(part)
                    if len(body) > MAX_BODY:
                        return too_large
                    if self._held > MAX_HELD:
                        return 503, "too many bodies are being read: deliver it again"
        except TimeoutError:
            return 408, f"the body did not come in {BODY_SECONDS:.0f} seconds"
        except web.RequestPayloadError:
            return 400, "the body is broken"
        return bytes(body)


def is_signed(body: bytes, signature: str, secret: str) -> bool:
    """Tell whether a body is signed by a secret; none is where there is no secret."""
    wanted = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return bool(secret) and hmac.compare_digest(wanted.encode(), signature.encode("utf-8", "replace"))


def _kept(queue: Queue, headers: Mapping[str, str], body: bytes) -> tuple[int, str]:
    event, identifier = headers.get("X-GitHub-Event", ""), headers.get("X-GitHub-Delivery", "")
    if not _ID.fullmatch(identifier):
        return 400, "X-GitHub-Delivery is missing"
    if event not in EVENTS:
        return 200, "nothing is done for this event"
    try:
        place = place_of(json.loads(body))
        place.encode()  # half a letter is a name of nothing, and SQLite's file cannot hold it
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return 400, "the body is no event's JSON: choose application/json for the webhook"
    if queue.counts()["queued"] >= MAX_WAITING:
        return 503, "too many deliveries wait"
    if not queue.put(identifier, event, place, body):
        return 200, "delivered before"
    return 202, "queued"


def place_of(payload: dict[str, dict[str, object]]) -> str:
    """Return where an event happened: repository and issue; events of one issue's pull request are of the issue."""
    repository = str(payload["repository"]["full_name"])
    shown = payload.get("pull_request") or {}
    branch = shown.get("head") or payload.get("check_suite") or {}
    name = str(branch.get("ref") or branch.get("head_branch") or "") if isinstance(branch, dict) else ""
    if own := re.fullmatch(r"runoff/issue-(\d{1,12})", name):
        return f"{repository}#{own[1]}"
    return f"{repository}#{payload.get('issue', shown).get('number', '')}"
