"""What a killed Runoff left on the engine goes with ``runoff clean`` and with the start of a run."""

import subprocess
import sys
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from acceptance.batch.kills.kill_docker import found, strangers
from environments.sandboxes.docker import DockerSandbox, connect, leftovers
from environments.sandboxes.docker.labels import RUN
from swebench_runs.cli import main
from swebench_runs.one_task.ground.base_sandbox import prepare_host

sys.path.insert(0, str(Path(__file__).parents[2] / "environments"))
import docker_images

pytestmark = pytest.mark.skipif(not docker_images.possible(), reason=docker_images.WHY_NOT)
KILLED = """
import os, signal
from environments.sandboxes.docker import DockerSandbox, labels
labels.MARK = {mark!r}
sandbox = DockerSandbox.create({image!r}, run_id={run!r})
sandbox.run("true", cwd="/")
fork = sandbox.fork()
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def killed(request, monkeypatch):
    """The label of what a killed process left, under a mark of its own: no other test's clean takes it."""
    run, mark = f"killed-{request.node.name}", f"dev.runoff.test-{uuid.uuid4().hex}"
    monkeypatch.setattr(leftovers, "MARK", mark)
    code = KILLED.format(image=docker_images.base(), run=run, mark=mark)
    done = subprocess.run([sys.executable, "-c", code], check=False, cwd=Path(__file__).parents[3])
    assert done.returncode == -9
    assert found(connect(), f"{RUN}={run}").counts["containers"] == 2
    return f"{RUN}={run}"


def test_clean_removes_what_a_killed_run_left_and_says_so(killed, capsys):
    with pytest.raises(SystemExit) as ended:
        main(["clean"])
    assert ended.value.code == 0
    assert found(connect(), killed).nothing
    assert "of run killed-test_clean" in capsys.readouterr().out


def test_the_start_of_a_run_cleans_too_and_says_so(killed, caplog):
    prepare_host()
    assert found(connect(), killed).nothing
    assert "of run killed-test_the_start" in caplog.text


def test_whichever_of_several_cleans_ends_first_finds_nothing_left(killed):
    def clean(_):
        leftovers.clean(connect())
        return found(connect(), killed).nothing

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(clean, range(4))) == [True] * 4


def test_nothing_of_the_living_nor_of_others_is_touched(killed):
    image = docker_images.base()
    with strangers(connect(), image) as stranger, DockerSandbox.create(image, run_id="alive-beside") as alive:
        foreign = found(connect(), stranger)
        assert foreign.counts == {"containers": 1, "images": 0, "volumes": 1, "networks": 1}
        with pytest.raises(SystemExit):
            main(["clean"])
        assert found(connect(), stranger) == foreign
        assert alive.run("true", cwd="/").exit_code == 0
    assert found(connect(), stranger).nothing
