import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
from sandbox_contract import TREE, SandboxContract, make_tree, processes_with

from environments.sandboxes import leftovers
from environments.sandboxes.bubblewrap import BubblewrapSandbox, host_root
from environments.sandboxes.bubblewrap.host_root import SITE_PACKAGES
from environments.sandboxes.bubblewrap.process import Process
from environments.sandboxes.contract import Limits, SandboxError
from environments.sandboxes.looks import disk

PROJECT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def layer(tmp_path_factory):
    layer = tmp_path_factory.mktemp("layer")
    (layer / "testbed").mkdir()
    make_tree(layer / "testbed")
    return layer


@pytest.fixture(scope="module")
def base(layer):
    with BubblewrapSandbox.create([layer], root=host_root(), run_id="test") as base:
        yield base


@pytest.fixture
def make(layer, base):
    made = []

    def make(**limits):
        if not limits:
            made.append(base.fork())
            return made[-1]
        sandbox = BubblewrapSandbox.create([layer], root=host_root(), limits=Limits(**limits), run_id="test")
        made.append(sandbox)
        return sandbox

    yield make
    for sandbox in made:
        sandbox.close()


class TestBubblewrap(SandboxContract):
    def test_one_that_is_killed_from_outside_has_no_outcome(self, make):
        sandbox = make()

        def kill():
            while not (sandbox._running and processes_with("sleep 4711")):
                time.sleep(0.01)
            os.kill(sandbox._running._popen.pid, signal.SIGKILL)

        killer = threading.Thread(target=kill)
        killer.start()
        with pytest.raises(SandboxError, match="ended from outside, by signal 9"):
            sandbox.run("sleep 4711")
        killer.join()
        assert sandbox.run("echo goes on").text == "goes on\n"

    def test_host_packages_cannot_be_imported(self, make):
        code = "import sys, ssl, sqlite3; print(sys.version_info[:2]); import pydantic"
        text = make().run(["python", "-c", code]).text
        assert str(sys.version_info[:2]) in text
        assert "No module named 'pydantic'" in text

    def test_a_command_cannot_forge_its_exit_code_by_process_1(self, make):
        code = (
            "import ctypes, os\nlibc = ctypes.CDLL(None)\nfirst = os.pidfd_open(1)\nfor number in range(3, 10):\n"
            "    taken = libc.syscall(438, first, number, 0)\n"
            "    if taken >= 0: os.write(taken, (1).to_bytes(8, 'little'))\n"
            "print(libc.ptrace(0x4206, 1, 0, 0))\nraise SystemExit(3)"
        )
        done = make().run(["python", "-c", code])
        assert (done.text, done.exit_code) == ("-1\n", 3)

    def test_a_command_that_kept_bwrap_from_telling_its_end_has_its_own_exit_code(self, make, monkeypatch):
        # By process 1's descriptors, in the moment before it closes them, a command wins this race once in hundreds.
        monkeypatch.setattr(Process, "_read_status", lambda process: b'{ "child-pid": 1 }')
        assert make().run("echo of its own; exit 4").exit_code == 4

    def test_an_environments_packages_are_read_only(self, layer, tmp_path):
        (tmp_path / "dep.py").write_text("x = 1\n")
        binds = {SITE_PACKAGES: tmp_path}
        with BubblewrapSandbox.create([layer], root=host_root(), binds=binds, run_id="test") as sandbox:
            assert sandbox.run(["python", "-c", "import dep; print(dep.x)"]).output == b"1\n"
            assert sandbox.run(f"echo y > {SITE_PACKAGES}/dep.py").exit_code != 0
        assert (tmp_path / "dep.py").read_text() == "x = 1\n"

    def test_layers_are_never_written_to(self, make, layer):
        make().run("rm -rf /testbed/* /testbed/.git", cwd="/")
        assert {name: (layer / "testbed" / name).read_bytes() for name in TREE} == TREE

    def test_what_a_fork_wrote_goes_while_the_others_live(self, layer):
        with BubblewrapSandbox.create([layer], root=host_root(), run_id="forks") as parent:
            home = parent._home
            with parent.fork() as fork:
                fork.write("/testbed/written", b"x")
                assert list(home.folder.rglob("written"))
            home._sweeper.submit(lambda: None).result()  # it removes one folder after the other
            assert not list(home.folder.rglob("written"))

    def test_a_prepared_command_runs_in_what_was_set_up_for_it(self, make, monkeypatch):
        started = []

        class Counted(Process):
            def __init__(self, *words):
                super().__init__(*words)
                started.append(self.init_pid)

        monkeypatch.setattr("environments.sandboxes.bubblewrap.execution.Process", Counted)
        with make().fork() as sandbox:
            sandbox.prepare("cat", stdin=True)
            assert len(started) == 1
            assert sandbox.run("cat", stdin=b"x").output == b"x"
            assert len(started) == 1
            sandbox.prepare("cat")
            sandbox.prepare("cat", stdin=True)
        assert len(started) == 3
        assert not any(Path(f"/proc/{pid}").exists() for pid in started)

    def test_a_prepared_command_waits_until_it_is_run(self, make):
        sandbox, other = make(memory=1 << 28), make(memory=1 << 28)
        sandbox.prepare("touch ran; cat", stdin=True)
        inside = Path(f"/proc/{sandbox._prepared._process.init_pid}/root")
        while not (inside / "testbed/a.py").exists():
            pass  # it is being set up; the suite's own timeout is the limit
        other.run("true")  # time enough for a command to begin and end
        assert not (inside / "testbed/ran").exists()
        assert sandbox.run("touch ran; cat", stdin=b"given late").output == b"given late"

    def test_a_command_cannot_grow_its_input(self, make):
        grow = "import os\nfor act in (lambda: os.write(0, b'x'), lambda: os.ftruncate(0, 9)):\n"
        grow += "    try:\n        act()\n        print('grown')\n    except OSError: pass\n"
        assert make().run(["python", "-c", grow], stdin=b"input").output == b""

    def test_what_no_test_needs_is_refused_by_the_kernel(self, make):
        """Class 5: memory and watches that nothing counts; class 9: sockets out of the machine; hiding from a look."""
        ask = """
import ctypes, os, socket
libc = ctypes.CDLL(None, use_errno=True)
for name, words in {
    "semget": (0, 1, 0o1600), "shmget": (0, 4096, 0o1600), "msgget": (0, 0o1600), "inotify_init1": (0,),
    "fanotify_init": (0, 0), "memfd_create": (b"m", 0), "prctl": (4, 0, 0, 0, 0),
}.items():
    print(name, getattr(libc, name)(*words), os.strerror(ctypes.get_errno()))
for family in ("AF_UNIX", "AF_INET", "AF_INET6", "AF_NETLINK", "AF_VSOCK", "AF_ALG", "AF_PACKET"):
    try:
        socket.socket(getattr(socket, family), socket.SOCK_DGRAM).close()
        print(family, "made")
    except OSError as error:
        print(family, error.strerror)
"""
        sandbox = make()
        sandbox.write("/tmp/ask.py", ask.encode())
        said = dict(line.split(" ", 1) for line in sandbox.run(["python", "/tmp/ask.py"]).text.splitlines())
        absent = ("semget", "shmget", "msgget", "inotify_init1", "fanotify_init", "memfd_create")
        assert {said[name] for name in absent} == {"-1 Function not implemented"}
        assert said["prctl"] == "-1 Operation not permitted"
        assert {said[name] for name in ("AF_UNIX", "AF_INET", "AF_INET6", "AF_NETLINK")} == {"made"}
        refused = {said[name] for name in ("AF_VSOCK", "AF_ALG", "AF_PACKET")}
        assert refused == {"Address family not supported by protocol"}

    def test_no_trace_is_left_on_the_host(self, layer, tmp_path, monkeypatch):
        monkeypatch.setenv("RUNOFF_STATE", str(tmp_path / "state"))
        with BubblewrapSandbox.create([layer], root=host_root(), run_id="traces") as sandbox:
            deep = "import os\nfor _ in range(1200): os.mkdir('d'); os.chdir('d')"
            sandbox.run(["python", "-c", deep], cwd="/tmp")
            sandbox.run("mkdir /tmp/closed; touch /tmp/closed/x; chmod 000 /tmp/closed; mkfifo /tmp/fifo")
            with sandbox.fork() as fork:
                fork.run("rm -rf /testbed")
        assert list((tmp_path / "state").iterdir()) == []
        assert str(tmp_path / "state") not in Path("/proc/self/mountinfo").read_text()

    def test_a_sandbox_whose_folder_was_removed_says_so_and_closes(self, layer, tmp_path, monkeypatch):
        monkeypatch.setenv("RUNOFF_STATE", str(tmp_path / "state"))
        with BubblewrapSandbox.create([layer], root=host_root(), run_id="removed") as sandbox:
            shutil.rmtree(sandbox._home.folder)
            with pytest.raises(SandboxError, match="a sandbox's folder is gone"):
                sandbox.run("true")

    def test_bwrap_is_never_led_out_by_a_link_where_it_mounts(self, make, tmp_path):
        sandbox = make()
        holders = {"/" + name.split("/")[1] for name in host_root().binds} | {"/runoff", "/proc", "/dev", "/etc"}
        for holder in sorted(holders):
            sandbox.run(f"mv {holder} /moved; rmdir {holder}; ln -s /oldroot{tmp_path} {holder}")
            sandbox.run(f"mv {holder}/git /tmp/; ln -s /oldroot{tmp_path} {holder}/git")
        assert sandbox.run("echo fine").output == b"fine\n"
        assert sandbox.diff() == ""
        assert list(tmp_path.iterdir()) == []

    def test_a_layer_with_a_link_where_something_is_mounted_is_refused(self, tmp_path):
        (tmp_path / "proc").symlink_to("/oldroot/etc")
        with pytest.raises(SandboxError, match="/proc must be a folder"):
            BubblewrapSandbox.create([tmp_path], root=host_root(), run_id="test")

    def test_system_programs_cannot_be_replaced_for_later_commands(self, make):
        sandbox = make()
        sandbox.run(
            "rm -rf /bin /lib64 /lib; mkdir -p /bin; printf '#!/bin/true\\n' > /bin/sh; chmod +x /bin/sh", cwd="/"
        )
        assert sandbox.run("exit 3").exit_code == 3
        assert sandbox.read("a.py") == TREE["a.py"]

    def test_a_whole_root_file_system_can_be_the_layer(self, tmp_path):
        image = tmp_path / "image"
        for program in ("dash", "bash", "cat", "ls"):
            libraries = subprocess.run(
                ["ldd", shutil.which(program)], check=True, capture_output=True, text=True
            ).stdout
            for file in [shutil.which(program), *re.findall(r"(/\S+) \(0x", libraries)]:
                (image / file.lstrip("/")).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(file, image / file.lstrip("/"))
        (image / "bin").mkdir(exist_ok=True)
        shutil.copy(shutil.which("dash"), image / "bin/sh")
        (image / "image-file").write_text("of the image\n")
        with BubblewrapSandbox.create([image], run_id="test") as sandbox:
            assert (
                sandbox.run("cat /image-file; echo mine > /image-file; cat /image-file").text == "of the image\nmine\n"
            )
            assert "share" not in sandbox.run("ls /usr").text
        assert (image / "image-file").read_text() == "of the image\n"

    def test_without_a_repository_there_is_nothing_to_compare(self, tmp_path):
        with (
            BubblewrapSandbox.create([tmp_path], root=host_root(), run_id="test") as sandbox,
            pytest.raises(SandboxError, match="no layer of this sandbox holds a git repository"),
        ):
            sandbox.diff()

    def test_a_killed_owner_leaves_no_process_and_clean_removes_the_rest(self, layer, tmp_path):
        state = tmp_path / "state"
        owner = (
            "import sys\nfrom pathlib import Path\n"
            "from environments.sandboxes.bubblewrap import BubblewrapSandbox, host_root\n"
            f"sandbox = BubblewrapSandbox.create([Path({str(layer)!r})], root=host_root(), run_id='killed')\n"
            "sandbox.write('x', b'x')\nfork = sandbox.fork()\n"
            f"other = sandbox.fork()\nother.prepare(': owner-{os.getpid()}')\n"
            f"fork.run('setsid sleep 301 & sleep 300; : owner-{os.getpid()}')\n"
        )
        environment = {
            **os.environ,
            "RUNOFF_STATE": str(state),
            "PYTHONPATH": os.pathsep.join([str(PROJECT), *sys.path]),
        }
        with subprocess.Popen([sys.executable, "-c", owner], env=environment) as process:
            try:
                while len(processes_with(f"owner-{os.getpid()}")) < 5:  # the owner itself names it too
                    assert process.poll() is None
                (folder,) = state.iterdir()
                groups = [str(group) for group in leftovers.CGROUP_ROOT.glob(f"*/runoff.*.{process.pid}.*")]
                while_it_lives = _clean(state)
            finally:
                process.kill()
        while processes_with(f"owner-{os.getpid()}"):
            pass  # the kernel is ending them; the suite's own timeout is the limit
        assert not any(str(folder) in line or line.split()[-1] in groups for line in while_it_lives)
        assert folder.is_dir()
        assert f"folder {folder} of run killed" in _clean(state)
        assert list(state.iterdir()) == []
        assert not any(Path(group).exists() for group in groups)

    def test_a_bwrap_whose_gate_never_opens_does_nothing(self, make, monkeypatch):
        sandbox = make()
        monkeypatch.setattr("environments.sandboxes.bubblewrap.process.GATE", b"")
        with pytest.raises(SandboxError, match="must be followed by"):
            sandbox.run("echo x > /testbed/ran")
        monkeypatch.undo()
        assert sandbox.run("ls ran").exit_code != 0


def _clean(state):
    """Clean as another process would."""
    code = "import json; from environments.sandboxes import leftovers; print(json.dumps(leftovers.clean()))"
    environment = {**os.environ, "RUNOFF_STATE": str(state), "PYTHONPATH": os.pathsep.join([str(PROJECT), *sys.path])}
    answer = subprocess.run([sys.executable, "-c", code], env=environment, check=True, capture_output=True)
    return json.loads(answer.stdout)


ORDINARY = 23456
"""A user id that nobody has."""


@pytest.fixture(scope="module")
def as_an_ordinary_user():
    """Run the tests above as an ordinary user; {test: what it said, None when it passed}."""
    system_python = f"/usr/bin/python3.{sys.version_info.minor}"
    python = next((python for python in (sys.executable, system_python) if _runs(python)), None)
    if python is None:
        pytest.skip("no interpreter here that an ordinary user may run")
    place = Path("/tmp") / f"runoff-test-{os.getpid()}"
    place.mkdir(mode=0o700)
    os.chown(place, ORDINARY, ORDINARY)
    report = place / "report.xml"
    pytest_words = ["-m", "pytest", __file__, "-q", "-k", "TestBubblewrap", "-p", "no:cacheprovider"]
    places = [f"--junit-xml={report}", f"--basetemp={place}/t", "-c", str(PROJECT / "pyproject.toml")]
    command = [*_as_ordinary(python), *pytest_words, *places]
    try:
        said = subprocess.run(command, env=_environment(place), cwd=PROJECT, capture_output=True, text=True)
        assert report.is_file(), said.stdout + said.stderr
        return {case.get("name"): _failure(case) for case in ElementTree.parse(report).iter("testcase")}
    finally:
        shutil.rmtree(place)


@pytest.mark.skipif(os.getuid() != 0, reason="the tests above run as an ordinary user already")
@pytest.mark.parametrize("name", sorted(name for name in dir(TestBubblewrap) if name.startswith("test_")))
def test_as_an_ordinary_user(as_an_ordinary_user, name):
    ran = {case: said for case, said in as_an_ordinary_user.items() if case.split("[")[0] == name}
    assert ran
    failed = {case: said for case, said in ran.items() if said}
    assert not failed, "\n\n".join(f"{case}: {said}" for case, said in failed.items())


def _failure(case):
    bad = [part for part in case if part.tag in ("failure", "error")]
    return f"{bad[0].get('message')}\n{bad[0].text}" if bad else None


def _as_ordinary(python):
    return ["setpriv", f"--reuid={ORDINARY}", f"--regid={ORDINARY}", "--clear-groups", python]


def _environment(place):
    paths = [str(PROJECT), str(PROJECT / "tests/environments"), *(path for path in sys.path if "site-packages" in path)]
    return {"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(paths), "TMPDIR": str(place), "HOME": str(place)}


def _runs(python):
    # Executing a file under root's home can still work, for setpriv has not dropped its capabilities by then.
    code = "import sys, pytest, pydantic, environments.sandboxes.bubblewrap; open(sys.executable, 'rb')"
    try:
        return not subprocess.run(
            [*_as_ordinary(python), "-c", code], env=_environment("/tmp"), capture_output=True
        ).returncode
    except OSError:
        return False


def test_a_folder_that_became_a_link_is_not_looked_into(tmp_path):
    (tmp_path / "elsewhere" / "inner").mkdir(parents=True)
    (tmp_path / "elsewhere" / "inner" / "file").write_bytes(bytes(1 << 20))
    (tmp_path / "upper").mkdir()
    (tmp_path / "upper" / "way").symlink_to(tmp_path / "elsewhere")
    assert disk._listing(f"{tmp_path}/upper/way/inner", tmp_path / "upper") == []
