"""The benches run for real, with few sandboxes; what the figures are is for the acceptance."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from swebench_runs.bench.sandboxes import kinds as sandbox_kinds
from swebench_runs.bench.sandboxes.measure import measure
from swebench_runs.bench.sandboxes.phases import PHASES, time_together
from swebench_runs.bench.sandboxes.table import tables
from swebench_runs.bench.statistics import summary
from swebench_runs.bench.vote_matrix.measure import matrix_table, measure_matrix

sys.path.insert(0, str(Path(__file__).parents[2] / "environments"))
import docker_images

with_docker = pytest.mark.skipif(not docker_images.possible(), reason=docker_images.WHY_NOT)


class Counted:
    """A subject that notes what is done to it."""

    def __init__(self, log, *, forks=True, fails=False):
        self.log, self.forks, self.fails, self.open = log, forks, fails, True
        log.append("create")

    def command(self):
        self.log.append("command")
        if self.fails:
            raise RuntimeError("no luck")

    def fork(self):
        return Counted(self.log) if self.forks else None

    def remove(self):
        if self.open:
            self.open = False
            self.log.append("remove")


def test_every_phase_is_timed_as_often_as_it_is_done():
    log = []
    times = time_together(lambda: Counted(log), 3, 4)
    assert {phase: len(times[phase]) for phase in PHASES} == {
        **dict.fromkeys(PHASES, 3),
        "round_trip": 12,
        "remove": 6,
    }
    assert log.count("create") == log.count("remove") == 6


def test_a_kind_without_forks_has_no_times_for_them():
    times = time_together(lambda: Counted([], forks=False), 2, 1)
    assert times["fork"] == times["fork_and_command"] == []
    assert len(times["remove"]) == 2


def test_a_sandbox_that_fails_leaves_no_other_open():
    log = []
    with pytest.raises(RuntimeError, match="no luck"):
        time_together(lambda: Counted(log, fails=len(log) > 1), 3, 1)
    assert log.count("create") == log.count("remove")


def test_a_summary_says_of_how_many():
    found = summary([1.0, 2.0, 30.0], seed=0)
    assert (found["n"], found["p50_ms"]) == (3, 2.0)
    low, high = found["p50_interval_ms"]
    assert low <= 2.0 <= high


def test_without_an_engine_bubblewrap_alone_is_measured_and_the_rest_said(monkeypatch):
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")
    figures = measure(1, seed=0, counts=(1,))
    assert set(figures["kinds_at"]["1"]) == {sandbox_kinds.BUBBLEWRAP}
    assert set(figures["left_out"]) == {sandbox_kinds.UNPACKED, sandbox_kinds.DOCKER, sandbox_kinds.MINI}
    assert "no Docker engine answers" in figures["left_out"][sandbox_kinds.DOCKER]


@with_docker
def test_our_kinds_are_measured_side_by_side():
    figures = measure(1, seed=0, image=docker_images.base(), counts=(2,), with_mini=False)
    kinds = figures["kinds_at"]["2"]
    assert set(kinds) == {sandbox_kinds.BUBBLEWRAP, sandbox_kinds.UNPACKED, sandbox_kinds.DOCKER}
    assert all(set(phases) == set(PHASES) for phases in kinds.values())
    assert [table.row_count for table in tables(figures)] == [len(PHASES)]


def test_the_driver_of_mini_swe_agent_answers_with_times(tmp_path):
    package = tmp_path / "minisweagent" / "environments"
    package.mkdir(parents=True)
    (package / "docker.py").write_text(
        "from types import SimpleNamespace\n"
        "print('a banner')\n"
        "class DockerEnvironment:\n"
        "    def __init__(self, image):\n"
        "        self.container_id, self.config = image, SimpleNamespace(executable='true')\n"
        "    def execute(self, action):\n        return {'returncode': 0 if action == {'command': 'true'} else 1}\n"
        "    def cleanup(self):\n        pass\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "swebench_runs.bench.sandboxes.mini", "an-image"],
        input='{"count": 2, "trips": 3}\n',
        env={"PYTHONPATH": f"{tmp_path}:{Path(__file__).parents[3]}", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    )
    times = json.loads(done.stdout)
    assert (len(times["create"]), len(times["round_trip"]), times["fork"]) == (2, 6, [])


@with_docker
def test_the_matrix_is_filled_by_votes_and_its_overhead_told():
    figures = measure_matrix(seed=0, image=docker_images.base(), quick=True, seconds=(0.01,))
    forks = figures["ways"]["bubblewrap_forks"]["0.01"]
    assert forks["n"] == 4  # the base and one candidate, each once more
    assert forks["test_p50_ms"] >= 10
    assert forks["beyond_lines"]["p50_ms"] >= forks["p50_ms"] > 0
    assert figures["ways"]["fresh_container"]["0.01"]["n"] == 1
    assert matrix_table(figures).row_count == 1
