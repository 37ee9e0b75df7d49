"""A run's figures, spans and log lines, by a real endpoint and a collector's address; nothing hostile in them."""

import json
import logging
import re
import socket
import subprocess
import sys
import threading
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from acceptance.record import ROOT
from agent.models.contract import Usage
from agent.trajectory.trajectory import Ending
from environments.observed import part, parts
from swebench_runs.errors import UsageError
from swebench_runs.one_task.progress import together
from swebench_runs.telemetry import telling

EVIL = "\x1b[2J\n{evil}"
USAGE = Usage(prompt_tokens=100, cached_prompt_tokens=40, completion_tokens=7)


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def read(port):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=30) as answer:
        lines = answer.read().decode().splitlines()
    found = {}
    for line in lines:
        if line.startswith("runoff_"):
            name, _, value = line.rpartition(" ")
            labels = name.partition("{")[2].rstrip("}").split(",")
            kept = sorted(one for one in labels if one and not one.startswith("otel_scope"))
            found[name.partition("{")[0], tuple(kept)] = float(value)
    return found


@pytest.fixture
def collector():
    """Take what is sent to a collector."""
    taken = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            taken.append((self.path, self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", taken
        server.shutdown()
        thread.join()


def test_prometheus_reads_what_happened_and_what_is_under_way():
    port = free_port()
    with telling("r", metrics=str(port)) as (shown,):
        for task in ("one", "two"):
            shown.stage(task, "context")
            shown.stage(task, "edits")
            shown.step(task, "edit-0", EVIL)
            shown.step(task, "edit-0", "again")
            shown.usage(task, USAGE, 0.5, by=("edit", "m"))
        shown.usage("one", USAGE, None, by=("edit", "m"))
        shown.ended("one", "edit-0", Ending.SUBMITTED)
        shown.done("one", EVIL)
        with part("call", "m"):
            pass
        found = read(port)
    player = ('model="m"', 'role="edit"')
    assert found["runoff_tasks_total", ('state="decided"',)] == 1
    assert found["runoff_tasks_at_stage", ('stage="context"',)] == 0
    assert found["runoff_tasks_at_stage", ('stage="edits"',)] == 1
    assert found["runoff_trajectories_live", ()] == 1
    assert found["runoff_trajectories_total", ('ending="submitted"',)] == 1
    assert found["runoff_calls_total", player] == 3
    assert found["runoff_cost_dollars_total", player] == 1.0
    assert found["runoff_calls_unpriced_total", player] == 1
    assert found["runoff_tokens_total", ('kind="prompt"', *player)] == 180
    assert found["runoff_tokens_total", ('kind="cached_prompt"', *player)] == 120
    assert found["runoff_tokens_total", ('kind="completion"', *player)] == 21
    assert found["runoff_part_seconds_count", ('failed="false"', 'kind="call"')] == 1
    assert not [name for name in found if "one" in str(name) or "evil" in str(name)]
    with pytest.raises(OSError, match="refused"):
        read(port)


def test_spans_stand_below_each_other_over_threads_and_tell_no_message(collector):
    address, taken = collector

    def trajectory():
        with pytest.raises(ValueError, match="evil"), part("trajectory", "edit-0"), part("call", "m"):
            raise ValueError(EVIL)

    with telling("r", otlp=address), part("run", "r"), part("task", "t"), ThreadPoolExecutor(1) as pool:
        pool.submit(copy_context().run, trajectory).result()
    sent = [body for path, body in taken if path == "/v1/traces"]
    assert [path for path, _ in taken if path == "/v1/metrics"]
    assert b"evil" not in b"".join(sent)
    spans = {}
    for body in sent:
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            spans |= {span.name: span for scope in resource.scope_spans for span in scope.spans}
    above = [spans[f"runoff.{kind}"] for kind in ("run", "task", "trajectory", "call")]
    assert [span.parent_span_id for span in above] == [b"", *(span.span_id for span in above[:-1])]
    assert spans["runoff.call"].status.message == "ValueError"


def test_log_lines_have_ids_and_are_inert(tmp_path):
    with telling("r", log=tmp_path / "logs" / "run.jsonl") as (shown,):
        shown.step("t", "edit-0", EVIL)
        shown.usage("t", USAGE, 0.5, by=("edit", "m"))
        with part("task", "t"), part("trajectory", "edit-1"):
            logging.getLogger("agent.somewhere").warning("slow: %s", EVIL)
    shown.step("t", "edit-0", "after")
    text = (tmp_path / "logs" / "run.jsonl").read_bytes()
    assert b"\x1b" not in text
    step, call, warned = map(json.loads, text.splitlines())
    assert (step["event"], step["run"], step["task"], step["trajectory"]) == ("step", "r", "t", "edit-0")
    assert (call["event"], call["prompt_tokens"], call["cost"], call["model"]) == ("call", 100, 0.5, "m")
    assert (warned["level"], warned["task"], warned["trajectory"]) == ("warning", "t", "edit-1")
    assert warned["said"] == f"slow: {EVIL}"


def test_warnings_still_reach_standard_error(tmp_path):
    code = (
        "import logging, sys\nfrom pathlib import Path\nfrom swebench_runs.telemetry import telling\n"
        "with telling('r', log=Path(sys.argv[1])): logging.getLogger('x').warning('seen')\n"
    )
    done = subprocess.run([sys.executable, "-c", code, tmp_path / "log"], capture_output=True, text=True, check=True)
    assert done.stderr == "seen\n"


@pytest.mark.parametrize(
    "asked, said",
    [
        ({"metrics": "many"}, r"no \[HOST:\]PORT"),
        ({"metrics": "70000"}, r"no \[HOST:\]PORT"),
        ({"metrics": "192.0.2.1:9464"}, "cannot be listened at"),
        ({"otlp": "collector:4318"}, "no http address"),
    ],
)
def test_what_cannot_be_used_is_one_line(asked, said):
    with pytest.raises(UsageError, match=said) as raised, telling("r", **asked):
        pass
    assert "\n" not in str(raised.value)


def test_a_log_that_cannot_be_written_is_one_line(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="cannot be written"), telling("r", log=tmp_path / "file" / "log"):
        pass


def test_nothing_asked_for_is_nothing_begun():
    with telling("r") as watchers:
        assert watchers == []


def test_parts_end_with_their_block_and_several_watchers_are_told_in_order():
    with part("task", "t"):
        assert parts() == {"task": "t"}
    assert parts() == {}
    told = []

    class Watcher:
        def __init__(self, name):
            self.name = name

        def stage(self, task, stage):
            told.append((self.name, task, stage))

    together(Watcher("a"), Watcher("b")).stage("t", "context")
    assert told == [("a", "t", "context"), ("b", "t", "context")]


def test_the_dashboard_asks_for_figures_that_there_are():
    port = free_port()
    with telling("r", metrics=str(port)) as (shown,):
        shown.stage("t", "edits")
        shown.step("t", "edit-0", "")
        shown.usage("t", USAGE, 0.5)
        shown.ended("t", "edit-0", Ending.SUBMITTED)
        shown.done("t", "")
        with part("call", "m"):
            pass
        known = {name for name, _ in read(port)}
    panels = json.loads((ROOT / "docs" / "cluster" / "grafana.json").read_text())["panels"]
    asked = {name for panel in panels for one in panel["targets"] for name in re.findall(r"runoff_\w+", one["expr"])}
    assert len(asked) > 6
    assert asked <= known
