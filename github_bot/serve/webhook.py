"""What listens: GitHub's deliveries, checked and queued before they are answered; health and figures beside."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import re
from collections.abc import Callable, Mapping

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, generate_latest

from github_bot.serve.queue import Queue

MAX_BODY = 25 << 20
"""Bytes; GitHub sends no more."""
MAX_WAITING = 10_000
EVENTS = frozenset(
    {"issues", "issue_comment", "pull_request", "pull_request_review", "pull_request_review_comment", "check_suite"}
)
"""What anything is done for; others are answered and forgotten."""
_ID = re.compile(r"[A-Za-z0-9-]{1,100}")


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

    async def deliver(request: web.Request) -> web.Response:
        body = await request.read()
        status, said = 401, "the signature is wrong: check the webhook's secret"
        if is_signed(body, request.headers.get("X-Hub-Signature-256", ""), secret):
            status, said = await asyncio.to_thread(_kept, queue, request.headers, body)
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

    served = web.Application(client_max_size=MAX_BODY)
    served.add_routes([web.post(path, deliver), web.get("/healthz", health), web.get("/metrics", metrics)])
    return served


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
    except (ValueError, KeyError, TypeError, AttributeError):
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
