"""Servers inside a Docker sandbox, which the commands' user talks to and cannot end."""

import docker_images
import pytest

from environments.sandboxes.contract import Limits, SandboxError
from environments.sandboxes.docker import DockerSandbox
from environments.specs.spec import Service

pytestmark = pytest.mark.skipif(not docker_images.possible(), reason=docker_images.WHY_NOT)

WEB = Service(
    name="web",
    requirements=(),
    start=(
        "mkdir -p /run/web && echo hello > /run/web/page",
        "test $(grep CapEff /proc/self/status | cut -f2) = 00000000000010c0",  # NET_ADMIN, SETUID, SETGID
        "cd /run/web && (setsid python3 -m http.server --bind 127.0.0.1 80 > /dev/null 2>&1 &)",
    ),
    ready=(80,),
    hosts={"web.example": "127.0.0.1"},
    capabilities=("NET_ADMIN",),
    environment={"WEB": "http://web.example/page"},
)
FETCH = ["python3", "-c", "import os, urllib.request as r; print(r.urlopen(os.environ['WEB']).read().decode())"]


LISTING = "for p in /proc/[0-9]*; do echo ${p#/proc/} $(tr '\\0' ' ' < $p/cmdline); done"


def processes(sandbox, words):
    return [line for line in sandbox.run(LISTING).text.splitlines() if words in line]


@pytest.fixture(scope="module")
def image(tmp_path_factory):
    return docker_images.with_tree(tmp_path_factory.mktemp("image"))


@pytest.fixture
def sandbox(image):
    with DockerSandbox.create(image, services=[WEB], run_id="services") as sandbox:
        yield sandbox


def test_commands_reach_a_service_by_its_name(sandbox):
    assert sandbox.run(FETCH).text.strip() == "hello"
    with sandbox.fork() as fork:
        assert fork.run(FETCH).text.strip() == "hello"


def test_a_service_outlives_the_end_of_each_command(sandbox):
    before = processes(sandbox, "http.server")
    sandbox.run("sleep 300 & kill -9 -1")
    assert processes(sandbox, "http.server") == before
    assert len(before) == 1


def test_what_a_command_leaves_is_still_ended(sandbox):
    sandbox.run("setsid sleep 300 &")
    assert processes(sandbox, "sleep 300") == []


def test_a_service_is_back_after_a_restart(sandbox):
    sandbox._container.kill()
    assert sandbox.run(FETCH).text.strip() == "hello"


def test_the_commands_user_has_no_capability_and_cannot_touch_a_service(sandbox):
    assert "CapEff:\t0000000000000000" in sandbox.run("grep CapEff /proc/self/status").text
    assert sandbox.run("echo other > /run/web/page").exit_code != 0


def test_its_processes_do_not_count_as_the_commands(image):
    with DockerSandbox.create(image, services=[WEB], limits=Limits(processes=4), run_id="services") as sandbox:
        assert sandbox.run("sleep 0.1 & sleep 0.1 & wait && echo fine").text == "fine\n"


def test_a_service_that_does_not_start_is_named(image):
    broken = WEB.model_copy(update={"start": ("exit 3",)})
    with pytest.raises(
        SandboxError, match="the service web of a sandbox does not start: 'exit 3' fails with exit code 3"
    ):
        DockerSandbox.create(image, services=[broken], run_id="services")


def test_root_cannot_have_services(image):
    with pytest.raises(SandboxError, match="needs a user that is not root"):
        DockerSandbox.create(image, services=[WEB], user="0:0", run_id="services")
