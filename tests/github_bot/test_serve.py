"""The server of the App: what is answered, what is kept, and what the workers make of it."""

import asyncio
import contextlib
import hmac
import threading

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from standin import events

from github_bot.errors import Refused, Unanswered
from github_bot.serve import webhook
from github_bot.serve.door import Door
from github_bot.serve.queue import Elsewhere, Queue
from github_bot.serve.webhook import application, place_of
from github_bot.serve.workers import Workers

SECRET = "the webhook's secret"


@pytest.fixture
def queue(tmp_path):
    queue = Queue(tmp_path / "queue.sqlite")
    yield queue
    queue.close()


@pytest.fixture
def labelled(github):
    """Headers and body of the delivery of a label."""
    return events.delivery(*events.labeled(github.state, github.url, 1, "mia"), SECRET, "delivery-1")


def answers(queue, *deliveries):
    """Deliver, one after the other; return (status, said) of each, and the figures at the end."""

    async def talk():
        served = application(queue, SECRET, lambda: None)
        async with TestClient(TestServer(served)) as client:
            found = []
            for headers, body in deliveries:
                answer = await client.post("/webhook", data=body, headers=headers)
                found.append((answer.status, (await answer.json())["said"]))
            health = await (await client.get("/healthz")).json()
            metrics = await (await client.get("/metrics")).text()
            return found, health, metrics

    return asyncio.run(talk())


def test_a_delivery_is_queued_once(queue, labelled):
    headers, body = labelled
    replayed = {**headers, "X-GitHub-Delivery": "another-id"}
    found, health, metrics = answers(queue, labelled, labelled, (replayed, body))
    assert found == [(202, "queued"), (200, "delivered before"), (200, "delivered before")]
    assert health == {"ok": True, "queued": 1, "working": 0, "done": 0, "failed": 0}
    assert 'runoff_bot_deliveries{state="queued"} 1' in metrics
    assert 'runoff_bot_answers_total{said="delivered before"} 2' in metrics
    assert queue.take().place == "octo/shop#1"


@pytest.mark.parametrize(
    "changed, body, told",
    [
        ({"X-Hub-Signature-256": "sha256=" + "0" * 64}, None, (401, "the signature is wrong")),
        ({"X-Hub-Signature-256": ""}, None, (401, "the signature is wrong")),
        ({}, b"{}", (401, "the signature is wrong")),
        ({"X-Hub-Signature-256": "", "Content-Encoding": "gzip"}, b"no gzip", (401, "the signature is wrong")),
        ({"Content-Encoding": "gzip"}, b"no gzip", (401, "the signature is wrong")),
        ({"X-GitHub-Event": "push"}, None, (200, "nothing is done for this event")),
        ({"X-GitHub-Delivery": "../x"}, None, (400, "X-GitHub-Delivery is missing")),
    ],
)
def test_what_is_not_queued(queue, labelled, changed, body, told):
    headers, sent = labelled
    ((status, said),), *_ = answers(queue, ({**headers, **changed}, sent if body is None else body))
    assert (status, said[: len(told[1])]) == told
    assert queue.take() is None


@pytest.mark.parametrize(
    "body",
    [
        b'{"repository": "x"}',
        b"[" * 100_000,
        b'{"repository": {"full_name": "\\ud800"}, "issue": {"number": 1}}',
        b'{"repository": {"full_name": "o/r"}, "issue": {"number": ' + b"9" * 9_000 + b"}}",
        b"\xff",
    ],
    ids=["no event", "deep", "half a letter", "long number", "no text"],
)
def test_a_body_that_is_no_event_is_told(queue, labelled, body):
    ((status, said),), *_ = answers(queue, ({**labelled[0], **signed(body)}, body))
    assert (status, said[:15]) == (400, "the body is no ")


def signed(body):
    return {"X-Hub-Signature-256": "sha256=" + hmac.new(SECRET.encode(), body, "sha256").hexdigest()}


HEAD = b"POST /webhook HTTP/1.1\r\nHost: x\r\nX-Hub-Signature-256: %s\r\nContent-Length: %d\r\n\r\n"
LOOKS_SIGNED = b"sha256=" + b"0" * 64


def listening(queue, talk, **ceilings):
    """Serve as the server does, behind its door, and return what talking to it comes to."""

    async def run():
        served, door = application(queue, SECRET, lambda: None), Door(**ceilings)
        door.listen(served)
        runner = web.AppRunner(served)
        await runner.setup()
        at = await asyncio.get_running_loop().create_server(door.of(runner.server), "127.0.0.1", 0)
        try:
            return await asyncio.wait_for(talk(at.sockets[0].getsockname()[1]), 20)
        finally:
            at.close()
            await runner.cleanup()

    return asyncio.run(run())


@pytest.mark.parametrize(
    "signature, length, sent, status",
    [
        (b"", 10, b"a", b"401"),
        (b"sha256=", 10, b"a", b"401"),
        (LOOKS_SIGNED, webhook.MAX_BODY + 1, b"a", b"413"),
        (LOOKS_SIGNED, 10, b"a", b"408"),
        (LOOKS_SIGNED, 10_000, b"a" * 3_000, b"503"),
    ],
)
def test_a_stranger_is_answered_before_the_body_is_there(queue, monkeypatch, signature, length, sent, status):
    monkeypatch.setattr(webhook, "BODY_SECONDS", 0.3)
    monkeypatch.setattr(webhook, "MAX_HELD", 2_000)

    async def talk(port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(HEAD % (signature, length) + sent)
        said = await reader.readline()
        writer.close()
        return said

    assert listening(queue, talk).split()[1] == status


def test_bodies_that_were_read_hold_no_place(queue, monkeypatch):
    monkeypatch.setattr(webhook, "MAX_HELD", 2_000)
    body = b"[" + b" " * 1_500 + b"]"
    found, *_ = answers(queue, *[({"X-Hub-Signature-256": LOOKS_SIGNED.decode()}, body)] * 3)
    assert [status for status, _ in found] == [401] * 3


def test_one_connection_too_many_is_closed_and_a_silent_one_after_a_while(queue):
    async def talk(port):
        silent = [await asyncio.open_connection("127.0.0.1", port) for _ in range(2)]
        await asyncio.sleep(0.1)
        many, _ = await asyncio.open_connection("127.0.0.1", port)
        with contextlib.suppress(ConnectionError):
            assert await asyncio.wait_for(many.read(), 1) == b""
        assert not any(reader.at_eof() for reader, _ in silent)
        ended = [await reader.read() for reader, _ in silent]
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        said = await reader.readline()
        writer.close()
        return ended, said

    assert listening(queue, talk, most=2, head_seconds=2.0, reserved=0) == ([b"", b""], b"HTTP/1.1 200 OK\r\n")


def test_a_full_server_tells_how_it_is_and_takes_nothing_else(queue):
    async def talk(port):
        silent = [await asyncio.open_connection("127.0.0.1", port) for _ in range(5)]  # the reserve as well
        said = {}
        for path in ("/healthz", "/webhook", "/metrics"):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            verb = b"POST" if path == "/webhook" else b"GET"
            writer.write(verb + b" %s HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n" % path.encode())
            said[path] = (await reader.read()).split()[1]  # to its end: it is closed after one answer
            writer.close()
        ended = [reader.at_eof() for reader, _ in silent]
        for _, writer in silent:
            writer.close()
        return said, ended

    said, ended = listening(queue, talk, most=2, reserved=3)
    assert said == {"/healthz": b"200", "/webhook": b"503", "/metrics": b"200"}
    assert ended[:2] == [False, False]
    assert ended[2]  # the one of the reserve that had been silent the longest made way


def test_without_a_secret_nothing_is_taken(queue, labelled):
    async def talk():
        async with TestClient(TestServer(application(queue, "", lambda: None))) as client:
            headers, body = events.delivery("issues", {"repository": {"full_name": "a/b"}}, "")
            return (await client.post("/webhook", data=body, headers=headers)).status

    assert asyncio.run(talk()) == 401


def test_events_of_the_bots_pull_request_are_of_its_issue(github):
    from standin.state import Pull

    github.state.pull("runoff-bot[bot]", "t", "b", Pull("runoff/issue-1", "a" * 40, "main", draft=True))
    review = github.state.review(2, "mia", "no")
    for _, payload in (
        events.labeled(github.state, github.url, 1, "mia"),
        events.reviewed(github.state, github.url, 2, review),
        events.closed(github.state, github.url, 2, "mia"),
        events.checks_ended(github.state, github.url, 2),
    ):
        assert place_of(payload) == "octo/shop#1"


def test_of_one_issue_one_is_worked_on_at_a_time(queue):
    for number, place in enumerate(["a/b#1", "a/b#1", "a/b#2"]):
        queue.put(str(number), "issues", place, str(number).encode())
    first, second = queue.take(), queue.take()
    assert [first.id, second.id, queue.take()] == ["0", "2", None]
    queue.end(first, "done")
    assert queue.take().id == "1"


def test_one_that_is_of_another_place_waits_there_and_was_not_tried(queue):
    queue.put("1", "issues", "a/b#1", b"1")
    queue.put("2", "issue_comment", "a/b#2", b"2")
    first, second = queue.take(), queue.take()
    queue.move(second, Elsewhere("a/b#1"))
    assert queue.take() is None
    queue.end(first, "done")
    moved = queue.take()
    assert (moved.id, moved.place, moved.tries) == ("2", "a/b#1", 1)


def test_a_restart_loses_nothing(tmp_path):
    queue = Queue(tmp_path / "queue.sqlite")
    for number in range(3):
        queue.put(str(number), "issues", f"a/b#{number}", str(number).encode())
    queue.end(queue.take(), "done")
    queue.take()
    queue.close()
    again = Queue(tmp_path / "queue.sqlite")
    assert again.counts() == {"queued": 2, "working": 0, "done": 1, "failed": 0}
    assert [again.take().payload for _ in range(2)] == [b"1", b"2"]
    assert not again.put("0", "issues", "a/b#0", b"other")
    again.close()


def test_what_ends_the_server_again_and_again_is_given_up(tmp_path):
    for number in range(6):
        queue = Queue(tmp_path / "queue.sqlite")
        queue.put("0", "issues", "a/b#0", b"0")
        assert (queue.take() is None) == (number == 5)
        counts = queue.counts()
        queue.close()
    assert counts["failed"] == 1


def test_an_error_that_nobody_foresaw_fails_its_delivery_alone(queue):
    done = threading.Event()

    def handle(delivery, _stopping):
        if delivery.id == "0":
            raise ZeroDivisionError
        if delivery.id == "1":
            raise Refused("half a letter: \udcff")
        done.set()
        return "posted"

    for number in range(3):
        queue.put(str(number), "issues", "a/b#0", str(number).encode())
    with Workers(queue, handle, 1):
        assert done.wait(10)
    assert queue.counts() == {"queued": 0, "working": 0, "done": 1, "failed": 2}


def test_a_queue_that_fails_ends_the_workers_and_is_told(queue, monkeypatch):
    told = threading.Event()
    monkeypatch.setattr(queue, "end", lambda *_: 1 / 0)
    queue.put("0", "issues", "a/b#0", b"0")
    with pytest.raises(ZeroDivisionError), Workers(queue, lambda *_: "posted", 2, failed=told.set):
        assert told.wait(60)
    assert queue.counts()["working"] == 1


def test_workers_do_each_once_and_say_what_became_of_it(queue):
    done, all_over = [], threading.Semaphore(0)

    def handle(delivery, _stopping):
        done.append(delivery.id)
        all_over.release()
        if delivery.id == "1":
            raise Refused("it may not")
        if delivery.id == "2" and delivery.tries < 3:
            raise Unanswered("GitHub is down")
        return "posted"

    for number in range(8):
        queue.put(str(number), "issues", f"a/b#{number % 4}", str(number).encode())
    with Workers(queue, handle, 3, patience=0.0) as workers:
        queue.put("late", "issues", "a/b#9", b"late")
        workers.wake()
        for _ in range(11):
            assert all_over.acquire(timeout=60)
    assert sorted(done) == sorted(["0", "1", "2", "2", "2", *"34567", "late"])
    assert queue.counts() == {"queued": 0, "working": 0, "done": 8, "failed": 1}


def test_workers_that_stop_leave_what_they_did_not_end(queue):
    began = threading.Event()

    def handle(_delivery, stopping):
        began.set()
        stopping.wait(60)
        return ""

    queue.put("0", "issues", "a/b#0", b"0")
    with Workers(queue, handle, 1):
        assert began.wait(60)
    assert queue.counts()["queued"] == 1
