"""Model files that somebody names: read from their head, refused in one line, hashed; from a disk or a hub."""

import hashlib
import io
import random
import struct
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from rich.console import Console
from rich.progress import Progress

from agent.models.contract import ModelError
from agent.models.local.catalog import is_embedded, local_model
from agent.models.local.fetch import fetch
from agent.models.local.gguf import read_head
from agent.models.local.own_file import file_hash
from agent.models.profiles import profile_for

BILLION = 1_000_000_000


def text(value):
    raw = value.encode()
    return struct.pack("<Q", len(raw)) + raw


def entry(key, value):
    if isinstance(value, str):
        return text(key) + struct.pack("<I", 8) + text(value)
    if isinstance(value, list):
        return text(key) + struct.pack("<IIQ", 9, 8, len(value)) + b"".join(map(text, value))
    return text(key) + struct.pack("<II", 4, value)


def gguf(parameters=BILLION, tokens=("a", "<fim_prefix>", "<fim_suffix>", "<fim_middle>"), window=16384, **more):
    keys = {
        "general.architecture": "star",
        "general.name": "Star of tests",
        "star.context_length": window,
        "star.block_count": 10,
        "star.embedding_length": 1024,
        "star.attention.head_count": 16,
        "star.attention.head_count_kv": 4,
        "tokenizer.ggml.tokens": list(tokens),
        **more,
    }
    head = b"GGUF" + struct.pack("<IQQ", 3, 1, len(keys)) + b"".join(entry(*pair) for pair in keys.items())
    return head + text("weights") + struct.pack("<IQQ", 1, parameters, 0) + struct.pack("<Q", 0)


@pytest.fixture
def file(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

    def write(content, name="m.gguf"):
        (tmp_path / name).write_bytes(content)
        return tmp_path / name

    return write


def test_a_head_says_what_the_model_is(file):
    head = read_head(file(gguf()))
    assert (head.name, head.architecture, head.parameters, head.window) == ("Star of tests", "star", BILLION, 16384)
    assert head.cache_bytes == 2 * 10 * 4 * (64 + 64)
    assert head.fim == ("<fim_prefix>", "<fim_suffix>", "<fim_middle>")
    assert not head.template


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "ends too soon"),
        (b"PK\x03\x04", "does not begin with GGUF"),
        (b"GGUF" + struct.pack("<I", 99), "its version is 99"),
        (b"GGUF" + struct.pack("<IQQ", 3, 1, 1 << 40), "keys are too many"),
        (b"GGUF" + struct.pack("<IQQ", 3, 1, 1) + struct.pack("<Q", 1 << 60), "bytes of a text are too many"),
        (b"GGUF" + struct.pack("<IQQ", 3, 0, 0), "names no architecture"),
        (gguf(**{"general.architecture": 7}), "names no architecture"),
    ],
)
def test_a_file_that_is_no_model_is_refused_in_one_line(file, content, why):
    with pytest.raises(ModelError, match=rf"m\.gguf is no GGUF model that can be read: .*{why}") as told:
        read_head(file(content))
    assert "\n" not in str(told.value)


def test_no_damage_to_a_head_brings_anything_but_that_line(file):
    whole, dice = gguf(), random.Random(1)
    damaged = [whole[:cut] for cut in range(0, len(whole) - 8, 7)]
    for _ in range(300):
        spoilt = bytearray(whole)
        for _ in range(dice.randrange(1, 6)):
            spoilt[dice.randrange(len(spoilt))] = dice.choice((0, 1, 0x7F, 0xFF))
        damaged.append(bytes(spoilt))
    refused = 0
    for content in damaged:
        try:
            read_head(file(content))
        except ModelError:
            refused += 1
    assert refused > len(damaged) // 2


def test_a_small_model_is_worked_with_as_the_embedded_one_and_a_large_one_is_not(file):
    small = profile_for(f"local:{file(gguf())}")
    assert (small.edit_format, small.test_format, small.context_tokens) == ("symbol", "structured", 8192)
    assert (small.server, small.grammar, small.price.policy) == ("llamacpp", True, "zero")
    large = profile_for(f"local:{file(gguf(7 * BILLION, tokens=['a']), 'large.gguf')}")
    assert (large.edit_format, large.fim, large.context_tokens) == ("search_replace", None, 16384)
    assert large.shown + large.answer_tokens < large.context_tokens


def test_what_a_file_is_called_makes_no_profile_of_another_model(file):
    assert profile_for(f"local:{file(gguf(), 'gpt-5-claude.gguf')}").server == "llamacpp"


def test_a_window_shorter_than_what_is_shown_shortens_what_is_shown(file):
    short = profile_for(f"local:{file(gguf(window=2048))}")
    assert (short.context_tokens, short.shown_tokens, short.answer_tokens) == (2048, 1024, 256)


def test_the_hash_of_a_file_follows_its_content(file):
    model = local_model(f"local:{file(b'one')}")
    assert [file_hash(model) for _ in range(2)] == [hashlib.sha256(b"one").hexdigest()] * 2
    file(b"other")
    assert file_hash(model) == hashlib.sha256(b"other").hexdigest()


def test_names_of_files_are_embedded_models_and_others_say_what_there_is(tmp_path):
    assert is_embedded("local:x.gguf")
    assert not is_embedded("locally/hosted")
    with pytest.raises(ModelError, match=r"there is no model file .*none\.gguf"):
        fetch(local_model(f"local:{tmp_path}/none.gguf"))
    for name in ("hf:x", "hf:a/../b/c.gguf", "hf:a/b/c.bin"):
        with pytest.raises(ModelError, match=r"is named local:hf:OWNER/REPO/FILE\.gguf"):
            local_model(f"local:{name}")


class Hub(BaseHTTPRequestHandler):
    """A hub with one file, whose hash it may tell wrongly."""

    def log_message(self, *_):
        pass

    def do_HEAD(self):
        self.do_GET(body=False)

    def do_GET(self, body=True):
        content = self.server.content
        self.send_response(200 if self.path == "/o/r/resolve/main/q4/m.gguf" else 404)
        self.send_header("x-linked-size", str(len(content)))
        self.send_header("x-linked-etag", f'"{self.server.told}"')
        self.send_header("content-length", str(len(content) if body else 0))
        self.end_headers()
        if body:
            self.wfile.write(content)


@pytest.fixture
def hub(monkeypatch):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{server.server_port}")
    server.content = gguf()
    server.told = hashlib.sha256(server.content).hexdigest()
    yield server
    server.shutdown()
    server.server_close()


def silent():
    return Progress(console=Console(file=io.StringIO()))


def test_a_file_of_the_hub_is_fetched_once_and_must_be_what_the_hub_says(file, hub):
    model = local_model("local:hf:o/r/q4/m.gguf")
    path = fetch(model, silent())
    assert path.read_bytes() == hub.content
    hub.content = b"other"
    assert fetch(model, silent()) == path
    path.unlink()
    with pytest.raises(ModelError, match="has not the SHA-256 that the hub says"):
        fetch(model, silent())
    with pytest.raises(ModelError, match=r"the Hugging Face hub gave no o/r/none\.gguf"):
        fetch(local_model("local:hf:o/r/none.gguf"), silent())
