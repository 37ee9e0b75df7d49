"""The Docker sandbox against a real engine; `.ci/run` installs and starts one, and makes the base image."""

import json
import os
import socket
import subprocess
import sys
import textwrap
from pathlib import Path

import docker_images
import pytest
from sandbox_contract import TREE, SandboxContract, processes_with

from environments.sandboxes.bubblewrap import BubblewrapSandbox
from environments.sandboxes.contract import Limits, SandboxError
from environments.sandboxes.docker import DockerSandbox, Engine, connect
from environments.sandboxes.docker.filter import FOR_THE_CAPABLE, linux_calls, seccomp_profile
from environments.sandboxes.docker.labels import MARK
from environments.sandboxes.docker.leftovers import clean
from environments.sandboxes.docker.oom import CountedKills
from environments.sandboxes.docker.unpacked import unpacked
from environments.sandboxes.refused_calls import AT_A_STROKE, OUT_OF_REACH

pytestmark = pytest.mark.skipif(not docker_images.possible(), reason=docker_images.WHY_NOT)


@pytest.fixture(scope="module")
def image(tmp_path_factory):
    return docker_images.with_tree(tmp_path_factory.mktemp("image"))


@pytest.fixture(scope="module")
def base(image):
    with DockerSandbox.create(image, run_id="test") as base:
        yield base


@pytest.fixture
def make(image, base):
    made = []

    def make(**limits):
        if limits:
            made.append(DockerSandbox.create(image, limits=Limits(**limits), run_id="test"))
        else:
            made.append(base.fork())
        return made[-1]

    yield make
    for sandbox in made:
        sandbox.close()


@pytest.fixture(scope="module")
def root(image, tmp_path_factory):
    with unpacked(connect(), image, tmp_path_factory.mktemp("cache")) as root:
        yield root


def owned(kind, run):
    api = connect().api
    found = {
        "containers": lambda: api.containers(all=True, filters={"label": f"dev.runoff.run={run}"}),
        "images": lambda: api.images(all=True, filters={"label": f"dev.runoff.run={run}"}),
        "volumes": lambda: api.volumes(filters={"label": f"dev.runoff.run={run}"})["Volumes"],
    }
    return found[kind]() or []


class TestDocker(SandboxContract):
    root_is_the_users = False
    deep = 16

    def test_no_trace_is_left_on_the_engine(self, image):
        with DockerSandbox.create(image, run_id="traces") as sandbox:
            sandbox.write("a.py", b"print(2)\n")
            with sandbox.fork() as fork:
                fork.write("a.py", b"print(3)\n")
                with fork.fork() as grandchild:
                    assert "+print(3)" in grandchild.diff()
            assert owned("volumes", "traces")
        assert [owned(kind, "traces") for kind in ("containers", "images", "volumes")] == [[], [], []]

    def test_what_nobody_closed_goes_with_the_process(self, image):
        script = textwrap.dedent(f"""
            from environments.sandboxes.docker import DockerSandbox
            sandbox = DockerSandbox.create({image!r}, run_id="unclosed")
            sandbox.write("a.py", b"1")
            sandbox.fork().diff()
        """)
        subprocess.run([sys.executable, "-c", script], check=True)
        assert [owned(kind, "unclosed") for kind in ("containers", "images", "volumes")] == [[], [], []]

    def test_what_a_killed_owner_left_is_cleaned_and_nothing_else(self, image):
        script = textwrap.dedent(f"""
            import os, signal
            from environments.sandboxes.docker import DockerSandbox
            kept = [DockerSandbox.create({image!r}, run_id="killed") for _ in range(8)]
            kept[0].write("a.py", b"1")
            kept.append(kept[0].fork())
            kept[0].diff()
            os.kill(os.getpid(), signal.SIGKILL)
        """)
        with DockerSandbox.create(image, run_id="living") as living:
            ended = subprocess.run([sys.executable, "-c", script], check=False)
            assert ended.returncode == -9
            assert len(owned("containers", "killed")) == 9
            lines = clean(connect())
            assert sum("of run killed" in line for line in lines) >= 11
            assert [owned(kind, "killed") for kind in ("containers", "images", "volumes")] == [[], [], []]
            assert living.run("echo fine").output == b"fine\n"

    def test_the_engines_own_things_are_not_ours(self, image):
        api = connect().api
        foreign = api.create_container(image, ["true"], name=f"foreign-{os.getpid()}")
        try:
            clean(connect())
            assert api.inspect_container(foreign["Id"])
        finally:
            api.remove_container(foreign["Id"])

    def test_signals_to_process_one_are_not_heeded(self, make):
        sandbox = make()
        sandbox.run("for s in TERM INT HUP QUIT USR1 USR2 ALRM KILL; do kill -$s 1; done; kill -9 -1")
        assert sandbox.run("echo fine").output == b"fine\n"

    def test_programs_that_were_replaced_keep_nothing_alive(self, make):
        sandbox = make()
        daemon = f"setsid bash -c 'sleep 300; : replaced-{os.getpid()}' &"
        assert sandbox.run(f"{daemon} cat /bin/true > /bin/sh && sleep 0.2").exit_code == 0
        assert processes_with(f"replaced-{os.getpid()}") == []

    def test_an_image_that_is_not_there_is_named(self):
        with pytest.raises(SandboxError, match="has no image no-such-image: pull or build it first"):
            DockerSandbox.create("no-such-image", run_id="test")

    def test_an_image_without_a_shell_is_named(self):
        empty = docker_images.empty()
        with pytest.raises(SandboxError, match="it needs /bin/bash"):
            DockerSandbox.create(empty, run_id="shell-less")
        assert owned("containers", "shell-less") == []

    def test_a_very_deep_chain_of_forks_is_flattened(self, image, monkeypatch):
        monkeypatch.setattr("environments.sandboxes.docker.container._LAYERS", 5)
        with DockerSandbox.create(image, run_id="deep", environment={"MARK": "a b"}) as first:
            line = [first]
            for level in range(5):
                line[-1].write(f"level-{level}", b"x")
                line.append(line[-1].fork())
            seen = line[-1].run("ls level-* | wc -l; echo $MARK; id -u; stat -c %u a.py").text.split("\n")
            for sandbox in line:
                sandbox.close()
        assert seen[:4] == ["5", "a b", "1000", "1000"]
        assert [owned(kind, "deep") for kind in ("containers", "images")] == [[], []]

    def test_an_engine_of_ones_own_is_asked(self, monkeypatch):
        monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")
        with pytest.raises(SandboxError, match=r"no Docker engine answers at unix:///nowhere/docker\.sock"):
            connect()

    def test_what_listens_and_says_nothing_is_no_engine(self, monkeypatch):
        monkeypatch.setattr("environments.sandboxes.docker.engine._FIRST_SECONDS", 0.2)
        with socket.create_server(("127.0.0.1", 0)) as silent:
            monkeypatch.setenv("DOCKER_HOST", f"tcp://127.0.0.1:{silent.getsockname()[1]}")
            with pytest.raises(SandboxError, match=r"no Docker engine answers at tcp://127\.0\.0\.1"):
                connect()

    def test_a_program_that_counts_cores_by_its_control_group_finds_all(self, base):
        """By 1024 shares a core, as pylint does, whose tests skip what needs two."""
        host = connect().api.inspect_container(base._container.id)["HostConfig"]
        assert host["CpuShares"] == 1024 * connect().api.info()["NCPU"]

    def test_open_files_have_a_ceiling_of_their_own(self, base):
        assert base.run("ulimit -Sn; ulimit -Hn", cwd="/").text == "16384\n16384\n"

    def test_an_engine_is_asked_once_whether_its_limits_hold_and_refused_where_they_do_not(self, image, monkeypatch):
        engine = Engine(connect().api, "unix:///x")
        monkeypatch.setattr(engine, "is_podman", True)  # whose word is not enough
        monkeypatch.setattr(Engine, "filters_calls", False)  # Docker reads no filter from a file
        with DockerSandbox.create(image, run_id="bounded", engine=engine):
            assert engine.bounded == ()
        whole = engine.api.create_host_config

        def without_memory(**settings):
            return whole(**(settings | {"mem_limit": None, "memswap_limit": None}))

        monkeypatch.setattr(engine.api, "create_host_config", without_memory)
        engine.bounded = None
        for _ in range(2):
            with pytest.raises(
                SandboxError, match=r"at unix:///x holds no limit of memory, .* use -c sandbox=bubblewrap"
            ):
                DockerSandbox.create(image, run_id="bounded", engine=engine)
        assert [owned(kind, "bounded") for kind in ("containers", "images", "volumes")] == [[], [], []]

    def test_memory_kills_are_counted_by_the_kernel_where_the_engine_tells_none(self, image, monkeypatch):
        engine = Engine(connect().api, connect().host)
        monkeypatch.setattr(engine, "is_podman", True)
        monkeypatch.setattr(Engine, "filters_calls", False)  # Docker reads no filter from a file
        with DockerSandbox.create(image, limits=Limits(memory=64 << 20), run_id="kills", engine=engine) as sandbox:
            assert isinstance(engine.out_of_memory, CountedKills)
            assert engine.out_of_memory.kills(sandbox._container.id) == 0
            assert sandbox.run("head -c 200M /dev/zero | tr '\\0' x | sort > /dev/null").killed == "memory"
            sandbox._container.kill()
            assert engine.out_of_memory.kills(sandbox._container.id) == 0

    @pytest.mark.parametrize("part, columns", [("Engine", "-eo pid,uid,args"), ("Podman Engine", "hpid,huser,args")])
    def test_podman_is_asked_for_processes_in_its_own_words(self, base, monkeypatch, part, columns):
        api = connect().api
        monkeypatch.setattr(api, "version", lambda: {"Components": [{"Name": part}]})
        asked = []
        monkeypatch.setattr(api, "top", lambda _, words: asked.append(words) or {"Processes": []})
        monkeypatch.setattr(base._container, "engine", Engine(api, "unix:///x"))
        assert base._container.others() == []
        assert asked == [columns]

    @pytest.mark.parametrize("host, takes", [("unix:///x", True), ("tcp://elsewhere:2375", False)])
    def test_podman_is_given_the_filter_of_calls_as_a_file(self, base, monkeypatch, tmp_path, host, takes):
        api = connect().api
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
        monkeypatch.setattr(api, "version", lambda: {"Components": [{"Name": "Podman Engine"}]})
        monkeypatch.setattr(base._container, "engine", Engine(api, host))
        given = [word.removeprefix("seccomp=") for word in base._container._security() if word.startswith("seccomp=")]
        assert [Path(word).read_text() == seccomp_profile() for word in given] == [True] * takes

    def test_what_every_sandbox_refuses_is_known_by_name(self):
        assert OUT_OF_REACH | FOR_THE_CAPABLE | {AT_A_STROKE} <= linux_calls()

    def test_labels_say_whose_it_is(self, base):
        found = connect().api.inspect_container(base._container.id)["Config"]["Labels"]
        assert found[MARK] == "1"
        assert json.loads(found["dev.runoff.owner"])["pid"] == os.getpid()


class TestUnpackedImage(SandboxContract):
    """Bubblewrap over the same image, unpacked."""

    @pytest.fixture
    def make(self, root):
        made = []
        first = BubblewrapSandbox.create([root.path], environment=root.environment, run_id="test")

        def make(**limits):
            if not limits:
                made.append(first.fork())
                return made[-1]
            fresh = BubblewrapSandbox.create(
                [root.path], environment=root.environment, limits=Limits(**limits), run_id="test"
            )
            made.append(fresh)
            return fresh

        yield make
        for sandbox in [*made, first]:
            sandbox.close()

    def test_the_longest_unused_goes_and_what_is_in_use_stays(self, image, tmp_path, monkeypatch):
        monkeypatch.setattr("environments.sandboxes.docker.unpacked.KEPT", 0)
        name = connect().api.inspect_image(image)["Id"].removeprefix("sha256:")[:16]
        half = tmp_path / "rootfs" / f".unpacking-{name}"  # what a killed Runoff left
        (half / "testbed").mkdir(parents=True)
        with unpacked(connect(), image, tmp_path) as used:
            with unpacked(connect(), docker_images.empty(), tmp_path) as other:
                assert other.path.is_dir()
            assert not other.path.exists()
            assert not half.exists()
            assert (used.path / "testbed/a.py").is_file()
        assert not used.path.exists()

    def test_both_see_the_same_tree(self, make, base):
        with base.fork() as container:
            command = "find . -path ./.git -prune -o -type f -print0 | sort -z | xargs -0 sha256sum; git --version"
            assert make().run(command).output == container.run(command).output
        assert make().read("blob.bin") == TREE["blob.bin"]
