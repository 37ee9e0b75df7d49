"""Docker's context is honoured as Docker's own client does it."""

import hashlib
import json

import docker_images
import pytest

from environments.sandboxes.contract import SandboxError
from environments.sandboxes.docker import connect
from environments.sandboxes.docker.context import context_host
from environments.sandboxes.docker.engine import is_expected


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    for name in ("DOCKER_HOST", "DOCKER_CONTEXT"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def context(folder, name, host):
    meta = folder / "contexts/meta" / hashlib.sha256(name.encode()).hexdigest()
    meta.mkdir(parents=True)
    endpoints = {"docker": {"Host": host, "SkipTLSVerify": False}}
    (meta / "meta.json").write_text(json.dumps({"Name": name, "Metadata": {}, "Endpoints": endpoints}))


def use(folder, name):
    (folder / "config.json").write_text(json.dumps({"currentContext": name}))


def test_without_a_choice_there_is_no_address(folder):
    assert context_host() == ""
    use(folder, "default")
    assert context_host() == ""


def test_the_context_in_use_and_the_variable_before_it(folder, monkeypatch):
    context(folder, "one", "unix:///one.sock")
    context(folder, "two", "tcp://h:2375")
    use(folder, "one")
    assert context_host() == "unix:///one.sock"
    assert is_expected()
    monkeypatch.setenv("DOCKER_CONTEXT", "two")
    assert context_host() == "tcp://h:2375"


@pytest.mark.parametrize("host", ["ssh://user@host", "npipe:////./pipe/x", "", 3, None])
def test_an_engine_that_cannot_be_used_is_one_line(folder, host):
    context(folder, "odd", host)
    use(folder, "odd")
    with pytest.raises(SandboxError, match="'odd'") as caught:
        connect()
    assert "DOCKER_HOST" in str(caught.value)


def test_a_context_that_is_not_there_or_a_broken_file_is_one_line(folder):
    use(folder, "gone")
    with pytest.raises(SandboxError, match="'gone' names no engine"):
        connect()
    (folder / "config.json").write_text("{")
    with pytest.raises(SandboxError, match="cannot be read"):
        connect()


@pytest.mark.skipif(not docker_images.possible(), reason=docker_images.WHY_NOT)
def test_the_engine_of_the_context_is_the_one_that_is_used(folder, tmp_path, monkeypatch):
    link = tmp_path / "engine.sock"
    link.symlink_to("/var/run/docker.sock")
    context(folder, "here", f"unix://{link}")
    use(folder, "here")
    assert connect().host == f"unix://{link}"
    assert connect().cores > 0
    monkeypatch.setenv("DOCKER_HOST", "unix:///var/run/docker.sock")
    assert connect().host == "unix:///var/run/docker.sock"
