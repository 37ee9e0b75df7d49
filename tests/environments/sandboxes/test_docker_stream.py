"""The stream of a command in a container, byte by byte; no engine is needed."""

import json
import socket
import struct
import threading
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from environments.sandboxes.contract import SandboxError
from environments.sandboxes.docker.frames import Frames
from environments.sandboxes.docker.hijack import RefusedStreamError, start_exec

PIECES = st.lists(st.tuples(st.sampled_from([1, 2]), st.binary(max_size=50)), max_size=8)


def framed(pieces):
    return b"".join(struct.pack(">BxxxL", stream, len(text)) + text for stream, text in pieces)


@given(PIECES, st.integers(1, 13))
def test_frames_come_out_whole_however_the_stream_is_cut(pieces, size):
    got = bytearray()
    frames = Frames(got.extend)
    stream = framed(pieces)
    for start in range(0, len(stream), size):
        frames.feed(stream[start : start + size])
    frames.close()
    assert got == b"".join(text for _, text in pieces)


def test_what_is_no_frame_is_passed_on():
    got = bytearray()
    frames = Frames(got.extend)
    frames.feed(framed([(1, b"before")]) + b"OCI runtime exec failed: no")
    frames.feed(b" such file")
    frames.close()
    assert got == b"beforeOCI runtime exec failed: no such file"


def test_a_head_that_was_cut_off_is_not_lost():
    got = bytearray()
    frames = Frames(got.extend)
    frames.feed(b"\1\0\0")
    frames.close()
    assert got == b"\1\0\0"


class Engine:
    """A listening socket that gives one answer, for the exact bytes of a head."""

    def __init__(self, folder, answer):
        self.path = folder / "engine.sock"
        self.tls = False
        self.host = f"unix://{self.path}"
        self.api = SimpleNamespace(api_version="1.41")
        self.request = b""
        listening = socket.socket(socket.AF_UNIX)
        listening.bind(str(self.path))
        listening.listen()

        def serve():
            connection, _ = listening.accept()
            with connection, listening:
                self.request = connection.recv(65536)
                connection.sendall(answer)

        self.thread = threading.Thread(target=serve)
        self.thread.start()


def test_what_comes_along_with_the_head_is_not_lost(tmp_path):
    engine = Engine(tmp_path, b"HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\n\r\n" + framed([(1, b"first words")]))
    engine.thread.join(0)
    stream = start_exec(engine, "abc")
    engine.thread.join()
    got = stream.opening
    stream.socket.settimeout(5)
    while chunk := stream.socket.recv(100):
        got += chunk
    stream.socket.close()
    assert got == framed([(1, b"first words")])
    assert engine.request.startswith(b"POST /v1.41/exec/abc/start HTTP/1.1\r\n")
    assert json.loads(engine.request.rpartition(b"\r\n\r\n")[2]) == {"Detach": False, "Tty": False}


def test_an_engines_refusal_is_told_in_its_words(tmp_path):
    body = json.dumps({"message": "container is paused"}).encode()
    engine = Engine(tmp_path, b"HTTP/1.1 409 Conflict\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
    with pytest.raises(RefusedStreamError, match=r"^container is paused$"):
        start_exec(engine, "abc")
    engine.thread.join()


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1", b"nonsense\r\n\r\n"])
def test_an_engine_that_breaks_off_is_named(tmp_path, answer):
    engine = Engine(tmp_path, answer)
    with pytest.raises(SandboxError, match="broke off"):
        start_exec(engine, "abc")
    engine.thread.join()


def test_an_address_that_cannot_serve_is_said():
    engine = SimpleNamespace(host="ssh://somewhere", tls=False, api=SimpleNamespace(api_version="1.41"))
    with pytest.raises(SandboxError, match=r"use unix:// or tcp://"):
        start_exec(engine, "abc")
