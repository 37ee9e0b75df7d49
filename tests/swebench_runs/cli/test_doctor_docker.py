"""What the doctor tells of Docker; it never makes a host that has bubblewrap a sick one."""

import sys
from pathlib import Path

import pytest

from environments.sandboxes.docker import about, connect
from swebench_runs.cli import main

sys.path.insert(0, str(Path(__file__).parents[2] / "environments"))
import docker_images


def told(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["doctor"])
    return ended.value.code, capsys.readouterr().out


def test_a_host_without_an_engine_is_told_what_to_install_and_is_well(monkeypatch, capsys):
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")
    code, output = told(capsys)
    assert code == 0
    assert "no Docker engine answers at unix:///nowhere/docker.sock" in output
    assert "Docker builds" not in output
    assert "this host can sandbox" in output


@pytest.mark.skipif(not docker_images.possible(), reason=docker_images.WHY_NOT)
def test_an_engine_is_told_with_its_builder_and_its_disk(capsys):
    before = connect().api.images("runoff/doctor")
    code, output = told(capsys)
    assert code == 0
    assert connect().api.version()["Version"] in output
    assert "Docker builds: yes" in output
    assert "GiB free" in output
    assert connect().api.images("runoff/doctor") == before == []


@pytest.mark.skipif(not docker_images.possible(), reason=docker_images.WHY_NOT)
def test_an_engine_that_cannot_build_is_told_with_its_words(monkeypatch):
    monkeypatch.setattr(about, "_NOTHING", "FROM scratch\nNOSUCHTHING\n")
    builds, _ = about.report()
    assert builds.startswith("Docker builds: no (")
    assert "NOSUCHTHING" in builds
