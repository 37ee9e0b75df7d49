"""Rows from a hub on loopback, from the cache, and from the data folder where the hub does not answer.

The hub is a real HTTP server that speaks the few endpoints used, and each start of Runoff is a process of its own,
since huggingface_hub reads its settings when it is imported.
"""

import gzip
import json
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote

import pyarrow
import pyarrow.parquet
import pytest

ROOT = Path(__file__).resolve().parents[3]


def row(number, **changes):
    return {
        "repo": "shop/till",
        "instance_id": f"shop__till-{number}",
        "base_commit": "a" * 40,
        "problem_statement": "The total is wrong.",
        "hints_text": "SECRET",
        "FAIL_TO_PASS": '["t::new"]',
        **changes,
    }


def lines(*rows):
    return "".join(json.dumps(value) + "\n" for value in rows).encode()


class Hub(ThreadingHTTPServer):
    """A hub with data sets: id -> commits, newest last; a commit is its files. ``asked`` is every request it got.

    ``broken`` is what it answers to everything, ``next_commit`` what is pushed while somebody looks.
    """

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.datasets, self.asked, self.broken, self.gated, self.next_commit = {}, [], None, set(), None
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def publish(self, name, files):
        commits = self.datasets.setdefault(name, {})
        commit = f"{len(commits) + 1:040x}"
        commits[commit] = files
        return commit

    def take(self):
        """Return the paths that were asked for since last time, but for what huggingface_hub asks about itself."""
        asked, self.asked = self.asked, []
        return [path for path in asked if path.startswith(("/api/datasets/", "/datasets/"))]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_HEAD(self):
        self.do_GET()

    def do_GET(self):
        hub, path = self.server, unquote(self.path.partition("?")[0])
        hub.asked.append(path)
        if hub.broken is not None:
            return self.answer(*hub.broken)
        if path.startswith("/cdn/"):
            _, _, commit, file = path.split("/", 3)
            return self.answer(200, next(c[commit][file] for c in hub.datasets.values() if commit in c))
        for name, commits in hub.datasets.items():
            for prefix in (f"/api/datasets/{name}/revision/", f"/datasets/{name}/resolve/"):
                if path.startswith(prefix):
                    revision, _, file = path.removeprefix(prefix).partition("/")
                    commit = list(commits)[-1] if revision == "main" else revision
                    if commit not in commits:
                        return self.answer(404, b"", {"X-Error-Code": "RevisionNotFound"})
                    if "/api/" in prefix:
                        siblings = [{"rfilename": known} for known in commits[commit]]
                        if hub.next_commit is not None:
                            hub.publish(name, hub.next_commit)
                        return self.answer(200, json.dumps({"id": name, "sha": commit, "siblings": siblings}).encode())
                    if name in hub.gated:
                        return self.answer(403, b"", {"X-Error-Code": "GatedRepo"})
                    return self.file(commit, file, commits[commit][file])
        return self.answer(404, b"", {"X-Error-Code": "RepoNotFound"})

    def file(self, commit, name, content):
        """Small files come from the hub itself, large ones (parquet, as there) by a redirect to a store."""
        told = {"X-Repo-Commit": commit, "ETag": f'"{commit[-4:]}-{name.replace("/", "-")}"'}
        if not name.endswith(".parquet"):
            return self.answer(200, content, told)
        told |= {"X-Linked-Size": str(len(content)), "X-Linked-Etag": told["ETag"]}
        store = f"http://localhost:{self.server.server_port}"  # another host, as far as huggingface_hub can tell
        return self.answer(302, b"", told | {"Location": f"{store}/cdn/{commit}/{name}"})

    def answer(self, status, content, headers=()):
        self.send_response(status)
        for key, value in dict(headers).items():
            self.send_header(key, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(content)


@pytest.fixture
def hub():
    with Hub() as server:
        yield server
        server.shutdown()


@pytest.fixture
def start(hub, tmp_path):
    """Start Runoff anew and load; returns one dict per (subset, split): ids and source, or the error."""
    script = (
        "import json, sys\n"
        "from swebench_runs.errors import RunoffError\n"
        "from swebench_runs.rows import load_rows\n"
        "for arguments in json.loads(sys.argv[1]):\n"
        "    try:\n"
        "        rows = load_rows(*arguments)\n"
        "        ids = [row.instance_id for row in rows.rows]\n"
        "        print(json.dumps({'ids': ids, 'name': rows.name, 'pinned': rows.source.pinned,\n"
        "                          'bad': rows.unreadable, 'source': rows.source.model_dump()}))\n"
        "    except RunoffError as error:\n"
        "        print(json.dumps({'error': type(error).__name__, 'said': str(error)}))\n"
    )

    def run(*arguments, **settings):
        kept = {key: os.environ[key] for key in ("PATH", "LANG", "TMPDIR", "PYTHONPATH") if key in os.environ}
        endpoint = f"http://127.0.0.1:{hub.server_port}"
        mine = {"HF_ENDPOINT": endpoint, "HF_HOME": str(tmp_path / "hf"), "HOME": str(tmp_path), "NO_PROXY": "*"}
        told = {**kept, **mine, "RUNOFF_DATA": str(tmp_path / "data"), "HF_HUB_DISABLE_TELEMETRY": "1", **settings}
        command = [sys.executable, "-c", script, json.dumps(arguments)]
        done = subprocess.run(command, cwd=ROOT, env=told, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        answers = [json.loads(line) for line in done.stdout.splitlines()]
        for answer in answers:
            answer["log"] = done.stderr
        return answers if len(answers) > 1 else answers[0]

    return run


def parquet_bytes(*rows):
    sink = pyarrow.BufferOutputStream()
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(list(rows)), sink)
    return sink.getvalue().to_pybytes()


LITE = "SWE-bench/SWE-bench_Lite"


def files(*numbers):
    return {
        "README.md": b"x",
        "data/dev-00000-of-00001.parquet": parquet_bytes(row(99)),
        **{
            f"data/test-{part:05}-of-{len(numbers):05}.parquet": parquet_bytes(row(number))
            for part, number in enumerate(numbers)
        },
    }


def write_data_folder(tmp_path, *rows):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "swebench_lite.jsonl.gz").write_bytes(gzip.compress(lines(*rows)))
    return tmp_path / "data" / "swebench_lite.jsonl.gz"


class TestHub:
    def test_the_newest_commit_is_resolved_recorded_and_kept(self, hub, start):
        old = hub.publish(LITE, files(1, 2))
        first = start(["lite"])
        assert first["ids"] == ["shop__till-1", "shop__till-2"]
        source = first["source"]
        assert (source["kind"], source["revision"], source["note"]) == ("Hugging Face", old, "")
        assert (first["name"], first["pinned"]) == ("lite", f"{LITE}@{old}")
        asked = hub.take()
        assert any(path.startswith("/api/datasets/") for path in asked)
        assert not [path for path in asked if "dev-" in path or "README" in path], "that split's files and no other"

        new = hub.publish(LITE, files(3))
        newest, pinned, by_branch = start(["lite"], [first["pinned"]], [f"{LITE}@main"])
        assert (newest["ids"], newest["source"]["revision"]) == (["shop__till-3"], new)
        assert pinned["ids"] == first["ids"]
        assert pinned["source"] == first["source"]
        assert by_branch["source"] == newest["source"]

    def test_a_pinned_second_start_asks_nobody(self, hub, start):
        commit = hub.publish(LITE, files(1, 2))
        first = start([f"lite@{commit}"])
        assert hub.take()
        again = start([f"lite@{commit}"])
        assert hub.take() == []
        assert hub.asked == []
        assert (again["ids"], again["source"]) == (first["ids"], first["source"])
        other = start([f"lite@{commit}", "dev"])
        assert other["ids"] == ["shop__till-99"]
        assert hub.take(), "another split of the commit is not in the cache"

    @pytest.mark.parametrize("setting", ["HF_HUB_OFFLINE", "HF_DATASETS_OFFLINE"])
    def test_offline_the_cache_is_used_and_said_to_be(self, hub, start, setting):
        commit = hub.publish(LITE, files(1, 2))
        start(["lite"])
        hub.take()
        offline, pinned, other = start(["lite"], [f"lite@{commit}"], ["lite", "dev"], **{setting: "1"})
        assert hub.asked == []
        assert (offline["ids"], offline["source"]["revision"]) == (["shop__till-1", "shop__till-2"], commit)
        assert "may not be the newest" in offline["source"]["note"]
        assert "may not be the newest" in offline["log"]
        assert pinned["source"]["note"] == ""
        assert other["error"] == "EnvironmentMissing"

    def test_half_a_split_in_the_cache_is_none(self, hub, start, tmp_path):
        commit = hub.publish(LITE, files(1, 2))
        start(["lite"])
        (part,) = (tmp_path / "hf").rglob("test-00001-of-00002.parquet")
        part.unlink()
        offline = start(["lite"], HF_HUB_OFFLINE="1")
        assert offline["error"] == "EnvironmentMissing"
        assert start([f"lite@{commit}"])["ids"] == ["shop__till-1", "shop__till-2"]

    def test_a_split_that_is_not_there(self, hub, start):
        hub.publish("princeton-nlp/SWE-bench_Verified", {"data/test-00000-of-00001.parquet": parquet_bytes(row(1))})
        hub.publish("some/body", {"README.md": b"x"})
        dev, nothing = start(["princeton-nlp/SWE-Bench_Verified", "dev"], ["some/body"])
        assert dev["error"] == nothing["error"] == "UsageError"
        assert dev["said"] == "princeton-nlp/SWE-bench_Verified has no split 'dev': use --split test"
        assert "no file that is named after a split" in nothing["said"]

    def test_what_is_not_there(self, hub, start):
        hub.publish("some/body", {"test.jsonl": lines(row(1))})
        hub.publish("some/gated", {"test.jsonl": lines(row(1))})
        hub.gated.add("some/gated")
        asked = [["some/one"], [f"some/body@{'f' * 40}"], ["some/gated"], ["some/body"]]
        unknown, revision, gated, there = start(*asked)
        assert unknown["said"] == "Hugging Face has no data set some/one (if it is private: set HF_TOKEN)"
        assert revision["said"] == f"some/body has no revision {'f' * 40}"
        assert "some/gated is gated" in gated["said"]
        assert {answer["error"] for answer in (unknown, revision, gated)} == {"UsageError"}
        assert (there["ids"], there["name"]) == (["shop__till-1"], "some/body"), "JSONL where there is no parquet"

    def test_a_commit_that_is_pushed_meanwhile_is_not_mixed_in(self, hub, start):
        hub.publish(LITE, files(1, 2))
        hub.next_commit = files(3, 4)
        found = start(["lite"])
        assert found["error"] == "RunoffError"
        assert "changed while it was being downloaded: run the command again" in found["said"]

    def test_a_bad_row_is_named_by_its_file(self, hub, start):
        hub.publish("some/body", {"test.parquet": parquet_bytes(row(1), row(2, instance_id="../../etc"))})
        found = start(["some/body"])
        assert len(found["ids"]) == 1
        assert "test.parquet, row 2: instance_id: " in found["bad"]["../../etc"]


class TestFallingBack:
    @pytest.mark.parametrize(
        "broken, said",
        [
            ((503, b"busy", {}), "Hugging Face cannot be reached"),
            ((403, b"blocked by policy", {}), "Hugging Face cannot be reached"),
            ((200, b"<html>Log in to this hotspot</html>", {}), "what answers is not Hugging Face"),
            ((200, b"[]", {}), "what answers is not Hugging Face"),
        ],
    )
    def test_the_data_folder_stands_in_for_a_hub_that_does_not_answer(self, hub, start, tmp_path, broken, said):
        path = write_data_folder(tmp_path, row(7))
        hub.broken = broken
        found = start(["princeton-nlp/SWE-bench_Lite"])
        assert found["ids"] == ["shop__till-7"]
        assert found["source"]["kind"] == "data folder"
        assert (found["source"]["name"], found["pinned"], found["source"]["revision"]) == (str(path), str(path), None)
        assert said in found["source"]["note"]
        assert "rows of the data folder stand in" in found["log"]

    def test_nobody_there_and_what_the_data_folder_cannot_do(self, hub, start, tmp_path):
        write_data_folder(tmp_path, row(7))
        hub.shutdown()
        hub.server_close()  # its port refuses connections
        asked = [["lite"], [f"lite@{'a' * 40}"], ["lite", "dev"], ["verified"], ["some/body"]]
        lite, pinned, dev, verified, other = start(*asked)
        assert lite["ids"] == ["shop__till-7"]
        assert {answer["error"] for answer in (pinned, dev, verified, other)} == {"EnvironmentMissing"}
        assert pinned["said"].startswith(f"{LITE}@{'a' * 40} cannot be had: ")
        assert "has no split 'dev': use --split test" in dev["said"]
        assert "set RUNOFF_DATA to a folder that has swebench_verified.jsonl.gz" in verified["said"]
        assert other["said"].endswith("Else give a file: --subset FILE")
        assert all("\n" not in answer["said"] for answer in (pinned, dev, verified, other))

    def test_without_the_packages(self, start, tmp_path):
        path = tmp_path / "rows.parquet"
        path.write_bytes(parquet_bytes(row(1)))
        write_data_folder(tmp_path, row(7))
        (tmp_path / "without").mkdir()
        (tmp_path / "without" / "sitecustomize.py").write_text(
            "import sys\nsys.modules['pyarrow'] = sys.modules['huggingface_hub'] = None\n"
        )
        lite, parquet = start(["lite"], [str(path)], PYTHONPATH=str(tmp_path / "without"))
        assert lite["ids"] == ["shop__till-7"]
        assert "huggingface_hub is not installed" in lite["source"]["note"]
        assert parquet["said"] == f"reading {path} takes pyarrow: pip install 'runoff[swebench]'"
