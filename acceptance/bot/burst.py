"""200 events at once for ``runoff bot serve``, the server killed in the middle: all are answered, none is lost.

The configuration allows less money than a run needs, so that each event is worked on to a comment without a model.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from pathlib import Path

import httpx

from acceptance.bot.ground import Ground, Server, ground
from acceptance.record import Record, recording

EVENTS = 200
ROUNDS = 4
"""Further bursts, each followed by a look at the memory."""
LIMIT = 10.0
"""Seconds after which GitHub gives up on an answer."""
CONFIG = "budget: {issue_day: 0.01}\n"
_GROWTH = 10 * 1024
"""KiB between the second burst and the last: what a leak of 10 KiB an event would come to, and half of it."""


async def burst(server: Server, deliveries: list[tuple[dict[str, str], bytes]]) -> list[tuple[int, float]]:
    """Deliver all at once; return status and seconds of each."""
    async with httpx.AsyncClient(timeout=120, limits=httpx.Limits(max_connections=None)) as client:

        async def one(headers: dict[str, str], body: bytes) -> tuple[int, float]:
            began = time.monotonic()
            answer = await client.post(f"{server.url}/webhook", content=body, headers=headers)
            return answer.status_code, time.monotonic() - began

        return list(await asyncio.gather(*(one(*delivery) for delivery in deliveries)))


def measure(record: Record, at: Ground) -> None:
    """Fill the record."""
    deliveries = [at.labelled(at.issue()) for _ in range(EVENTS)]
    server = at.start(workers=2)
    answers = asyncio.run(burst(server, deliveries))
    queued = server.counts()
    server.kill()
    record.check("every event is answered 202", all(status == 202 for status, _ in answers), len(answers))
    slowest = max(seconds for _, seconds in answers)
    record.check(f"within {LIMIT:.0f} s", slowest <= LIMIT, f"{slowest:.2f} s")
    memory = []
    with at.serving(workers=2) as server:
        restarted = server.counts()
        record.check("a kill (-9) loses none", sum(_states(restarted)) == EVENTS, restarted)
        again = asyncio.run(burst(server, deliveries))
        record.check("each delivered again is refused", {status for status, _ in again} == {200}, len(again))
        record.check("all are worked on", server.idle() and server.counts()["done"] == EVENTS, server.counts())
        comments = [len(issue.comments) for issue in at.github.state.issues.values()]
        record.check("one comment each", comments == [1] * EVENTS, f"{sum(comments)} on {len(comments)} issues")
        memory.append(server.rss())
        for _ in range(ROUNDS):
            asyncio.run(burst(server, [at.labelled(at.issue()) for _ in range(EVENTS)]))
            server.idle()
            memory.append(server.rss())
        record.check("memory is flat", memory[-1] - memory[1] <= _GROWTH, f"{memory} KiB after each burst")
    record.check("nothing was asked against GitHub's description", not at.github.state.violations, "none")
    record.figures.update(
        slowest_answer_seconds=round(slowest, 2),
        queued_at_the_kill=queued,
        rss_kib_after_each_burst=memory,
        requests_to_github=len(at.github.state.requests),
    )


def _states(counts: dict[str, int]) -> list[int]:
    return [number for state, number in counts.items() if state != "ok"]


if __name__ == "__main__":
    with (
        tempfile.TemporaryDirectory(prefix="runoff-bot-") as scratch,
        ground(Path(scratch), CONFIG) as laid,
        recording(Record("bot-burst", n=EVENTS * (ROUNDS + 1), unit="events")) as noted,
    ):
        measure(noted, laid)
