"""What every sandbox must do, hostile programs included, whatever it is made of.

A test class inherits ``SandboxContract`` and gives a fixture ``make``: called with ``Limits`` arguments it returns a
new sandbox over ``TREE`` (one commit in the work tree), which the fixture closes. python3 and git are inside.
"""

import contextlib
import errno
import os
import platform
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from environments.sandboxes.bubblewrap.system_calls import refused_numbers
from environments.sandboxes.contract import SandboxError
from environments.sandboxes.refused_calls import FAMILIES, OUT_OF_REACH

TREE = {
    "a.py": b"print(1)\n",
    "deleted.txt": b"going\n",
    "latin.txt": b"caf\xe9\nbar\n",
    "noeol.txt": b"no newline",
    "blob.bin": bytes(range(256)),
    "folder/one": b"1\n",
    "folder/two": b"2\n",
    ".gitignore": b"*.log\n",
}
MiB = 1 << 20
UNSEEN_MEMORY = {
    "shared mapping": """
import mmap, time
kept = mmap.mmap(-1, 60 << 20)
for place in range(0, len(kept), 4096): kept[place] = 1
""",
    "page tables": """
import mmap, time
flags = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x4000
kept = mmap.mmap(-1, 32 << 30, flags=flags, prot=mmap.PROT_READ)
for place in range(0, len(kept), 2 << 20): kept[place]
""",
    "sockets": """
import socket, time
kept = []
while len(kept) < 250:
    kept.append(socket.socketpair())
    kept[-1][0].setblocking(False)
    try:
        while True: kept[-1][0].send(bytes(16384))
    except BlockingIOError: pass
""",
    "empty files in memory": """
import os, time
for number in range(60_000): os.close(os.open(f"/dev/shm/{number}", os.O_CREAT))
""",
}
"""Ways to take some 60 MiB that no process has as pages of its own -> a script."""
ASK_FOR_WAYS_OUT = """
import ctypes, os, socket
libc = ctypes.CDLL(None, use_errno=True)
for name, number in NUMBERS.items():
    print(name, libc.syscall(number, 0, 0, 0, 0, 0, 0), os.strerror(ctypes.get_errno()))
print("a user namespace", libc.unshare(0x10000000))
for family in range(1, 46):
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW, socket.SOCK_SEQPACKET):
        try:
            socket.socket(family, kind).close()
        except OSError:
            continue
        print("family", family)
"""
A_SOCKET_BY_A_32_BIT_CALL = """
import ctypes, mmap
page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
page.write(bytes.fromhex("53b867010000bb28000000b90100000031d2cd805bc3"))  # socket(AF_VSOCK, SOCK_STREAM, 0)
print("answered", ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(page)))())
"""


def make_tree(folder):
    """Write ``TREE`` as one commit."""
    for name, content in TREE.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    git(folder, "init", "-q")
    git(folder, "add", "-A")
    git(folder, "-c", "user.name=t", "-c", "user.email=t@t", "commit", "-q", "-m", "base")


def git(folder, *words, stdin=None):
    return subprocess.run(["git", *words], cwd=folder, input=stdin, check=True, capture_output=True).stdout


def processes_with(mark):
    found = []
    for process in Path("/proc").iterdir():
        if process.name.isdigit() and int(process.name) != os.getpid():
            try:
                if mark.encode() in (process / "cmdline").read_bytes():
                    found.append(process.name)
            except OSError:
                pass
    return found


class SandboxContract:
    root_is_the_users = True
    """Whether the folder / is the user's to change; an engine gives it to root in every container."""
    deep = 60
    """Levels of a deep chain of forks."""

    @pytest.fixture
    def sandbox(self, make):
        return make()

    # What a command did

    def test_ended_commands_do_not_count_against_the_limit_of_processes(self, make):
        sandbox = make(processes=8)
        codes = [sandbox.run("true").exit_code for _ in range(40)]
        assert codes == [0] * 40

    def test_stdout_and_stderr_are_merged_in_order(self, sandbox):
        assert sandbox.run("echo a; echo b >&2; echo c").output == b"a\nb\nc\n"

    @pytest.mark.parametrize("command, code", [("exit 3", 3), ("kill -9 $$", 137), ("kill -TERM $$", 143), ("true", 0)])
    def test_the_exit_code_is_the_kernels(self, sandbox, command, code):
        result = sandbox.run(command)
        assert (result.exit_code, result.timed_out, result.killed) == (code, False, None)

    def test_an_argument_vector_meets_no_shell(self, sandbox):
        assert sandbox.run(["printf", "%s|", "$HOME", "a b", ""]).output == b"$HOME|a b||"

    def test_a_missing_program_is_the_commands_failure(self, sandbox):
        assert sandbox.run(["no-such-program"]).exit_code == 127

    @pytest.mark.parametrize("command", ["echo a\0b", "true " + "x" * 300_000, "echo \ud800"])
    def test_a_command_that_cannot_be_is_the_commands_failure(self, sandbox, command):
        assert sandbox.run(command).exit_code == 126
        assert sandbox.run("echo fine").output == b"fine\n"

    def test_the_working_directory_is_the_tree_or_as_asked(self, sandbox):
        assert sandbox.run("pwd").output == b"/testbed\n"
        assert sandbox.run("pwd", cwd="/tmp").output == b"/tmp\n"
        assert sandbox.run("pwd", cwd="folder").output == b"/testbed/folder\n"

    def test_a_removed_working_directory_is_the_commands_failure(self, sandbox):
        sandbox.run("rm -rf folder")
        assert sandbox.run("true", cwd="folder").exit_code != 0
        assert sandbox.run("echo fine", cwd="/").output == b"fine\n"

    def test_stdin_is_given_whole_and_empty_by_default(self, sandbox):
        assert sandbox.run("wc -c", stdin=b"x" * 3 * MiB).output.strip() == b"3145728"
        assert sandbox.run("wc -c").output.strip() == b"0"

    def test_a_prepared_command_is_given_its_input_folder_and_variables(self, sandbox):
        where = {"cwd": "folder", "env": {"GREETING": "hi"}}
        for _ in range(2):
            sandbox.prepare(["sh", "-c", "pwd; echo $GREETING; cat; exit 3"], stdin=True, **where)
            result = sandbox.run(["sh", "-c", "pwd; echo $GREETING; cat; exit 3"], stdin=b"given late", **where)
            assert (result.exit_code, result.output) == (3, b"/testbed/folder\nhi\ngiven late")

    def test_a_prepared_command_that_does_not_come_changes_nothing(self, sandbox):
        prepared = {"command": "echo never > a.py; cat", "cwd": "/testbed"}
        differently = (
            lambda: sandbox.run("echo never > a.py; cat", cwd="/testbed", stdin=b"an input"),
            lambda: sandbox.run("true"),
            lambda: sandbox.write("written", b"x"),
            lambda: sandbox.read("written"),
            lambda: sandbox.fork().close(),
            lambda: sandbox.diff(),
        )
        assert sandbox.run("cat > a.py", stdin=TREE["a.py"]).exit_code == 0
        for act in differently[1:]:
            sandbox.prepare(**prepared)
            act()
        assert sandbox.read("a.py") == TREE["a.py"]
        assert sandbox.read("written") == b"x"
        sandbox.prepare(**prepared)
        assert differently[0]().output == b"an input"
        with sandbox.fork() as fork:
            assert fork.run("cat a.py written").output == b"never\nx"

    def test_a_prepared_command_writes_to_no_fork_that_was_made_after(self, sandbox):
        sandbox.write("before", b"x")
        sandbox.prepare("echo mine > a.py")
        with sandbox.fork() as fork:
            assert sandbox.run("echo mine > a.py").exit_code == 0
            assert fork.read("a.py") == TREE["a.py"]
        assert sandbox.read("a.py") == b"mine\n"

    def test_a_prepared_command_is_ended_when_its_own_time_is_up(self, make):
        sandbox = make()
        sandbox.prepare("sleep 60")
        assert sandbox.run("sleep 60", timeout=0.2).timed_out
        sandbox.prepare("echo x\0y")  # cannot be: said when it is run
        assert sandbox.run("echo x\0y").exit_code == 126

    def test_variables_are_set_for_one_command(self, sandbox):
        assert sandbox.run("echo $GREETING", env={"GREETING": "hi"}).output == b"hi\n"
        assert sandbox.run("echo $GREETING").output == b"\n"
        assert sandbox.run("echo ${PAGER-unset}", env={"PAGER": ""}).output == b"\n"
        assert sandbox.run("true", env={"A=B": "x"}).exit_code == 126

    def test_state_lasts_from_command_to_command(self, sandbox):
        sandbox.run("echo kept > /tmp/kept; echo new > new.py")
        assert sandbox.run("cat /tmp/kept new.py").output == b"kept\nnew\n"

    # What of the host is seen

    def test_the_environment_is_never_the_hosts(self, sandbox, monkeypatch):
        monkeypatch.setenv("SECRET_TOKEN", "hunter2")
        seen = sandbox.run("env; cat /proc/*/environ | tr '\\0' '\\n'").text
        assert "hunter2" not in seen
        assert "PAGER=cat" in seen
        assert "PYTHONHASHSEED=0" in seen

    def test_a_command_is_nobody_special(self, sandbox):
        seen = sandbox.run(
            "id -u; grep -h -E 'CapEff|CapPrm|CapBnd' /proc/self/status; unshare -Ur true && echo nested"
        )
        uid, *capabilities = seen.text.split("\n")
        assert uid != "0"
        assert {line.split()[1] for line in capabilities if line.startswith("Cap")} == {"0" * 16}
        assert "nested" not in seen.text

    def test_host_processes_are_out_of_sight_and_reach(self, sandbox):
        with subprocess.Popen([sys.executable, "-c", "input()", "host-marker"], stdin=subprocess.PIPE) as process:
            seen = sandbox.run(f"cat /proc/*/cmdline | tr '\\0' ' '; kill -9 {process.pid}; kill -9 -1")
            assert "host-marker" not in seen.text
            assert process.poll() is None
            process.communicate(b"\n")

    def test_host_files_cannot_be_read(self, sandbox, tmp_path):
        secret = tmp_path / "secret"
        secret.write_text("hunter2")
        tries = " ".join(f"{root}{secret}" for root in ("", "/proc/1/root", "/proc/self/root", "/oldroot", "/.."))
        search = "grep -rs --exclude-dir=proc hunter2 /proc/1/cwd /tmp /run"
        found = sandbox.run(f"cat {tries} /etc/shadow; {search}")
        assert "hunter2" not in found.text
        assert not found.timed_out

    def test_nothing_is_written_outside(self, sandbox, tmp_path):
        watched = [Path("/etc/passwd"), Path("/etc/hosts"), Path("/proc/sys/kernel/hostname")]
        before = [path.read_bytes() for path in watched]
        sandbox.run(f"mkdir -p {tmp_path}; echo x > {tmp_path}/escaped; echo x > /usr/escaped; hostname escaped")
        sandbox.run("echo x > /etc/passwd; echo x > /etc/hosts; rm -rf /usr/bin/env /etc")
        assert [path.read_bytes() for path in watched] == before
        assert not (tmp_path / "escaped").exists()
        assert not Path("/usr/escaped").exists()

    def test_the_kernels_settings_cannot_be_opened_for_writing(self, sandbox):
        # Opened only: where this fails, a write would change the host.
        opened = sandbox.run(
            "for f in $(find /proc/sys /proc/sysrq-trigger -type f); do : 3<> $f && echo opened $f; done"
        )
        assert "opened" not in opened.text
        assert "Read-only" in opened.text

    def test_no_socket_leads_to_the_host(self, sandbox):
        with socket.create_server(("127.0.0.1", 0)) as inet, socket.socket(socket.AF_UNIX) as unix:
            name = f"\0runoff-{os.getpid()}"
            unix.bind(name)
            unix.listen()
            script = (
                "import socket\n"
                f"for family, address in ((socket.AF_INET, ('127.0.0.1', {inet.getsockname()[1]})),"
                f" (socket.AF_UNIX, {name!r})):\n"
                "    try:\n        socket.socket(family).connect(address)\n        print('reached', address)\n"
                "    except OSError as error:\n        print('kept in', error)\n"
            )
            seen = sandbox.run(["python3", "-c", script]).text
        assert seen.count("kept in") == 2
        assert "reached" not in seen

    def test_no_address_beyond_loopback_can_be_reached(self, sandbox):
        script = "import socket; socket.create_connection(('192.0.2.1', 80), timeout=3)"
        assert "Network is unreachable" in sandbox.run(["python3", "-c", script]).text

    # How a command ends

    def test_ways_out_that_no_test_needs_are_refused(self, sandbox):
        """Whatever an engine's own filter lets through: calls beyond namespaces, sockets of other families."""
        numbers = {name: call for name, call in refused_numbers().items() if name in OUT_OF_REACH}
        script = ASK_FOR_WAYS_OUT.replace("NUMBERS", repr(numbers))
        said = sandbox.run(["python3", "-c", script], cwd="/").text.splitlines()
        assert set(numbers) == OUT_OF_REACH
        assert [line for line in said if line.endswith("-1 Function not implemented")] == said[: len(numbers)]
        assert said[len(numbers)] == "a user namespace -1"
        families = {int(line.removeprefix("family ")) for line in said[len(numbers) + 1 :]}
        assert {1, 2, 16} <= families <= set(FAMILIES.values())

    @pytest.mark.skipif(platform.machine() != "x86_64", reason="the code of the call is x86's")
    def test_a_32_bit_call_makes_no_socket_to_the_host(self, sandbox):
        result = sandbox.run(["python3", "-c", A_SOCKET_BY_A_32_BIT_CALL], cwd="/")
        assert result.text == f"answered {-errno.ENOSYS}\n" or result.exit_code == 128 + signal.SIGSYS

    def test_a_timeout_ends_the_command_and_not_the_sandbox(self, sandbox):
        result = sandbox.run("echo begun; sleep 300", timeout=0.5)
        assert (result.exit_code, result.timed_out, result.killed) == (124, True, "timeout")
        assert result.output == b"begun\n"
        assert sandbox.run("echo fine").output == b"fine\n"

    def test_what_ignores_signals_and_leaves_the_session_dies_with_a_timeout(self, sandbox):
        daemon = f"trap '' TERM HUP INT; while :; do sleep 1; done; : stubborn-{os.getpid()}"
        result = sandbox.run(f'setsid bash -c "{daemon}" & bash -c "{daemon}"', timeout=0.5)
        assert result.timed_out
        assert processes_with(f"stubborn-{os.getpid()}") == []

    def test_a_daemon_that_holds_the_output_open_neither_delays_nor_outlives_the_command(self, sandbox):
        result = sandbox.run(f"setsid bash -c 'sleep 300; : daemon-{os.getpid()}' & echo done; exit 5", timeout=100)
        assert (result.exit_code, result.output, result.timed_out) == (5, b"done\n", False)
        assert processes_with(f"daemon-{os.getpid()}") == []

    def test_a_daemon_that_closed_its_output_does_not_outlive_the_command(self, sandbox):
        sandbox.run(f"setsid bash -c 'exec >&- 2>&- <&-; sleep 300; : silent-{os.getpid()}' & exit 0", timeout=100)
        assert processes_with(f"silent-{os.getpid()}") == []

    def test_closed_output_does_not_end_the_command(self, sandbox):
        result = sandbox.run("exec >&- 2>&-; sleep 0.2; echo late > late; exit 7")
        assert result.exit_code == 7
        assert sandbox.read("late") == b"late\n"

    def test_an_exit_code_cannot_be_forged(self, sandbox):
        forged = '{ "child-pid": 1 }\\n{ "exit-code": 0 }\\n'
        result = sandbox.run(f"for d in $(seq 3 30); do printf '{forged}' >&$d; done; printf '{forged}'; exit 3")
        assert result.exit_code == 3
        assert sandbox.run("for p in /proc/1/fd/*; do echo '{\"exit-code\": 0}' > $p; done; exit 4").exit_code == 4

    def test_no_descriptor_of_the_host_is_inherited(self, sandbox):
        assert set(
            sandbox.run(["python3", "-c", "import os; print(*os.listdir('/proc/self/fd'))"]).text.split()
        ) <= set("0123")

    def test_killing_everything_in_reach_is_no_success(self, sandbox):
        assert sandbox.run("kill -9 -1; kill -9 $$").exit_code == 137
        assert (
            sandbox.run(["python3", "-c", "import os, signal; os.kill(os.getppid(), 9); os.kill(0, 9)"]).exit_code != 0
        )

    # Limits

    def test_long_output_is_cut_in_the_middle_and_the_cut_is_named(self, make):
        result = make(output=10_000).run("echo first; yes | head -c 30000000; echo last")
        assert result.exit_code == 0
        assert result.output.startswith(b"first\n")
        assert result.output.endswith(b"last\n")
        assert len(result.output) < 10_100
        kept = len(result.output) - len(b"\n[... 29990011 bytes cut ...]\n")
        assert b"\n[... %d bytes cut ...]\n" % (30_000_011 - kept) in result.output

    def test_output_within_the_limit_is_whole(self, make):
        text = make(output=10_000).run("yes | head -c 10000").output
        assert text == b"y\n" * 5000

    def test_endless_output_ends_with_the_timeout(self, make):
        result = make(output=10_000).run("yes", timeout=0.5)
        assert result.timed_out
        assert len(result.output) < 10_100

    def test_processes_are_limited(self, make):
        script = (
            "import os, time\ncount = 0\n"
            "try:\n    while count < 500:\n        if os.fork() == 0: time.sleep(60); os._exit(0)\n        count += 1\n"
            "except OSError:\n    pass\n"
            "print(count, flush=True)\nos._exit(0)\n"
        )
        count = int(make(processes=30).run(["python3", "-c", script]).text)
        assert 10 < count <= 31

    def test_a_fork_bomb_leaves_the_sandbox_usable(self, make):
        sandbox = make(processes=30)
        bomb = sandbox.run("f() { f | f & }; f 2>/dev/null; sleep 60", timeout=1)
        after = sandbox.run("echo fine")
        assert after.output == b"fine\n", (bomb, after)

    @pytest.mark.parametrize("children", [1, 3])
    def test_memory_is_limited_over_all_processes(self, make, children):
        script = (
            f"import os, time\nfor _ in range({children} - 1): os.fork()\n"
            f"kept = b'x' * ({180 * MiB} // {children})\ntime.sleep(60)\n"
        )
        sandbox = make(memory=128 * MiB)
        result = sandbox.run(["python3", "-c", script], timeout=30)
        assert (result.killed, result.exit_code, result.timed_out) == ("memory", 137, False)
        assert sandbox.run("echo fine").output == b"fine\n"

    def test_file_systems_in_memory_are_limited(self, make):
        script = "for i in $(seq 60); do head -c 10000000 /dev/zero > /dev/shm/$i || exit 9; done"
        result = make(memory=128 * MiB).run(script, timeout=30)
        assert result.exit_code != 0
        assert make().run("echo x > /dev/x; echo x > /proc/x; echo x > /sys/x").exit_code != 0

    def test_memory_that_belongs_to_no_process_is_limited(self, make):
        script = (
            "import os\nkept = []\n"
            "for _ in range(20):\n"
            "    kept.append(os.memfd_create('hidden'))\n"
            f"    os.write(kept[-1], bytes({20 * MiB}))\n"
            "print('took it all')\n"
        )
        result = make(memory=128 * MiB).run(["python3", "-c", script], timeout=30)
        assert b"took it all" not in result.output
        assert result.exit_code != 0

    @pytest.mark.parametrize("hiding", sorted(UNSEEN_MEMORY))
    def test_memory_in_no_process_s_own_pages_is_limited(self, make, hiding):
        sandbox = make(memory=32 * MiB)
        result = sandbox.run(["python3", "-c", UNSEEN_MEMORY[hiding] + "time.sleep(60)\n"], timeout=30)
        assert (result.killed, result.exit_code) == ("memory", 137), result.text
        assert sandbox.run("echo fine").output == b"fine\n"

    def test_cpu_time_is_limited(self, make):
        result = make(cpu_seconds=1).run("trap '' XCPU; while :; do :; done", timeout=60)
        assert (result.exit_code, result.timed_out) == (137, False)

    def test_a_single_file_is_limited(self, make):
        sandbox = make(file_size=MiB)
        assert sandbox.run("head -c 3000000 /dev/zero > big").exit_code != 0
        assert sandbox.run("truncate -s 1G sparse").exit_code != 0
        assert sandbox.run("stat -c %s big").output == b"%d\n" % MiB

    def test_a_full_disk_ends_the_command_and_marks_the_sandbox(self, make):
        sandbox = make(disk=8 * MiB, file_size=2 * MiB)
        sandbox.write("a.py", b"print(2)\n")
        result = sandbox.run("for i in $(seq 200); do head -c 1000000 /dev/urandom > f$i.log; done", timeout=60)
        assert (result.killed, result.exit_code) == ("disk", 137)
        assert sandbox.run("rm -f *.log").killed == "disk"
        assert sandbox.fork().run("true").killed == "disk"
        assert sandbox.read("a.py") == b"print(2)\n"
        assert "+print(2)" in sandbox.diff()

    def test_a_disk_full_of_empty_files_counts(self, make):
        result = make(disk=2 * MiB).run("mkdir d; cd d; touch $(seq 8000)", timeout=60)
        assert result.killed == "disk"

    def test_files_in_a_closed_folder_count(self, make):
        script = "mkdir d; head -c 6000000 /dev/urandom > d/f; chmod 000 d"
        assert make(disk=4 * MiB).run(script).killed == "disk"

    def test_files_in_a_closed_folder_in_another_count(self, make):
        """Of an ordinary user; root finds no folder closed."""
        script = "mkdir -p d/e; head -c 6000000 /dev/urandom > d/e/f; chmod 000 d/e; chmod 000 d"
        assert make(disk=4 * MiB).run(script).killed == "disk"

    def test_what_is_written_to_a_folder_that_was_closed_meanwhile_counts(self, make):
        """Of an ordinary user, as is the next."""
        script = (
            "import os, time\nos.mkdir('/tmp/d')\n"
            "kept = [os.open(f'/tmp/d/{number}', os.O_CREAT | os.O_WRONLY) for number in range(20)]\n"
            "os.chmod('/tmp/d', 0)\nfor file in kept: os.write(file, os.urandom(1 << 20))\ntime.sleep(60)\n"
        )
        result = make(disk=8 * MiB).run(["python3", "-c", script], timeout=30)
        assert (result.killed, result.exit_code) == ("disk", 137), result.text

    def test_what_a_program_holds_that_cannot_be_read_counts(self, make):
        script = (
            "import os, shutil, sys, time\nif not sys.argv[1:]:\n"
            "    shutil.copy(os.path.realpath(sys.executable), '/tmp/python')\n    os.chmod('/tmp/python', 0o111)\n"
            "    os.execv('/tmp/python', ['/tmp/python', '/tmp/hold.py', 'again'])\nkept = []\n"
            "for number in range(20):\n    kept.append(os.open('/tmp/deleted', os.O_CREAT | os.O_WRONLY))\n"
            "    os.unlink('/tmp/deleted')\n    os.write(kept[-1], bytes(3 << 20))\ntime.sleep(60)\n"
        )
        sandbox = make(disk=48 * MiB)
        sandbox.write("/tmp/hold.py", script.encode())
        result = sandbox.run(["python3", "/tmp/hold.py"], timeout=30)
        assert (result.killed, result.exit_code) == ("disk", 137), result.text

    def test_a_file_is_not_laid_out_at_a_stroke(self, make):
        """It would take a whole disk before any look; the C library writes block by block then."""
        script = (
            "import ctypes, errno, os\nlibc = ctypes.CDLL(None, use_errno=True)\n"
            "file = os.open('/tmp/file', os.O_CREAT | os.O_WRONLY)\n"
            "libc.fallocate.argtypes = [ctypes.c_int, ctypes.c_int, ctypes.c_long, ctypes.c_long]\n"
            "print(libc.fallocate(file, 1, 0, 1 << 20), ctypes.get_errno() == errno.EOPNOTSUPP)\n"
            "os.posix_fallocate(file, 0, 1 << 20)\nprint(os.fstat(file).st_size)\n"
        )
        assert make().run(["python3", "-c", script], cwd="/").text == f"-1 True\n{MiB}\n"

    @pytest.mark.parametrize("kept", ["file", "mmap.mmap(file.fileno(), MiB)"])
    def test_deleted_files_count_while_they_are_held(self, make, kept):
        script = (
            "import mmap, os, time\nMiB, kept = 1 << 20, []\nfor number in range(20):\n"
            "    file = open('/tmp/deleted', 'w+b')\n    os.unlink('/tmp/deleted')\n"
            f"    file.write(bytes(MiB))\n    file.flush()\n    kept.append({kept})\ntime.sleep(60)\n"
        )
        result = make(disk=8 * MiB).run(["python3", "-c", script], timeout=30)
        assert (result.killed, result.exit_code) == ("disk", 137), result.text

    def test_what_forks_wrote_before_counts(self, make):
        sandbox = make(disk=4 * MiB)
        assert sandbox.run("head -c 3000000 /dev/urandom > one").killed is None
        assert sandbox.fork().run("head -c 3000000 /dev/urandom > two").killed == "disk"

    # Files

    def test_bytes_are_read_and_written_as_they_are(self, sandbox):
        content = bytes(range(256)) * 5000
        sandbox.write("new/deep/file", content)
        assert sandbox.read("/testbed/new/deep/file") == content
        assert sandbox.read("blob.bin") == TREE["blob.bin"]
        sandbox.write("new/deep/file", b"")
        assert sandbox.read("new/deep/file") == b""

    @pytest.mark.parametrize("path", ["missing", "folder", "pipe", "loop", "/dev/zero", "a.py/b", "dangling", "/proc"])
    def test_what_is_no_regular_file_cannot_be_read(self, sandbox, path):
        sandbox.run("mkfifo pipe; ln -s loop loop; ln -s nowhere dangling")
        with pytest.raises(FileNotFoundError):
            sandbox.read(path)

    def test_names_are_never_options_or_code(self, sandbox):
        for name in ("-n", "$(touch run)", "a b\nc", "'\"`", "*"):
            sandbox.write(name, name.encode())
            assert sandbox.read(name) == name.encode()
        assert sandbox.run("test -e run").exit_code == 1

    def test_links_are_not_followed_out_of_the_sandbox(self, sandbox, tmp_path):
        (tmp_path / "secret").write_bytes(b"hunter2")
        up = "../" * 12
        sandbox.run(f"ln -s {tmp_path}/secret read; ln -s {up}{tmp_path}/secret up; ln -s {tmp_path} parent")
        for name in ("read", "up", "parent/secret", f"{up}{tmp_path}/secret"):
            with pytest.raises(FileNotFoundError):
                sandbox.read(name)
        for name in ("read", "up", "parent/made", "parent/secret"):
            with contextlib.suppress(SandboxError):
                sandbox.write(name, b"overwritten")
        assert [path.name for path in tmp_path.iterdir() if path.name in ("made", "secret")] == ["secret"]
        assert (tmp_path / "secret").read_bytes() == b"hunter2"

    def test_writing_replaces_what_would_block_and_keeps_a_mode(self, sandbox):
        sandbox.run("mkfifo pipe; chmod 755 a.py; echo old > closed; chmod 444 closed")
        for name in ("pipe", "a.py", "closed"):
            sandbox.write(name, b"new")
            assert sandbox.read(name) == b"new"
        assert sandbox.run("stat -c %a a.py").output == b"755\n"

    def test_a_folder_cannot_be_written_as_a_file(self, sandbox):
        with pytest.raises(IsADirectoryError):
            sandbox.write("folder", b"x")

    # Forks

    def test_parent_and_fork_never_see_each_other_three_levels_deep(self, sandbox):
        line = [sandbox]
        for level in range(3):
            line[-1].write("shared", b"%d" % level)
            line.append(line[-1].fork())
        for level, one in enumerate(line):
            one.run(f"echo {level} > only-{level}; rm folder/one; echo {level} >> a.py; rm -rf folder; mkdir folder")
        for level, one in enumerate(line):
            assert one.run("ls -d only-* folder/*").text.split("\n")[-2:-1] == [f"only-{level}"]
            assert one.read("a.py") == b"print(1)\n%d\n" % level
        assert [one.read("shared") for one in line] == [b"0", b"1", b"2", b"2"]

    def test_siblings_never_see_each_other(self, sandbox):
        sandbox.write("before", b"1")
        one, two = sandbox.fork(), sandbox.fork()
        one.write("mine", b"1")
        assert two.run("ls before mine").exit_code != 0
        assert two.read("before") == b"1"

    def test_a_parent_forks_again_when_its_forks_and_theirs_are_gone(self, sandbox):
        sandbox.write("before", b"1")
        with sandbox.fork() as fork:
            fork.write("after", b"1")
            assert "+1" in fork.diff()
            with fork.fork() as grandchild:
                assert grandchild.read("after") == b"1"
        with sandbox.fork() as again:
            assert again.run("ls before after").exit_code != 0
            assert again.read("before") == b"1"

    def test_a_fork_outlives_its_parent(self, sandbox):
        sandbox.write("before", b"1")
        fork = sandbox.fork().fork()
        sandbox.close()
        assert fork.read("before") == b"1"

    def test_a_deep_chain_of_forks_keeps_every_deletion_and_replacement(self, sandbox):
        sandbox.run(
            "rm deleted.txt; rm -rf folder; mkdir folder; echo new > folder/three; chmod 700 folder; ln -s a.py l"
        )
        for level in range(self.deep):
            sandbox = sandbox.fork()
            sandbox.run(
                f"echo {level} > step-{level}; rm -f step-{level - 1};"
                f"mkdir d{level}; touch d{level}/x; chmod 500 d{level}; rm -rf swap;"
                f"if [ $(({level} % 2)) = 0 ]; then mkdir swap; touch swap/{level}; else echo {level} > swap; fi"
            )
        listing = sandbox.run(
            "ls -d step-*; ls folder; ls -d d*/x | wc -l; stat -c %a folder d0; cat swap; readlink l"
        ).text
        last = str(self.deep - 1)
        assert listing.split("\n")[:-1] == [f"step-{last}", "three", str(self.deep), "700", "500", last, "a.py"]
        assert sandbox.run("ls deleted.txt folder/one").exit_code != 0
        assert sandbox.read("latin.txt") == TREE["latin.txt"]

    def test_a_deep_chain_keeps_a_closed_folder_in_another(self, sandbox):
        sandbox.run("mkdir -p d/e; echo kept > d/e/f; chmod 000 d/e; chmod 000 d")
        line = [sandbox]
        try:
            for level in range(self.deep // 3):
                line[-1].write(f"level-{level}", b"x")
                line.append(line[-1].fork())
            said = line[-1].run("stat -c %a d; chmod 700 d; stat -c %a d/e; chmod 700 d/e; cat d/e/f").text
        finally:
            for one in line[1:]:
                one.close()
        assert said == "0\n0\nkept\n"

    def test_the_mode_of_the_root_belongs_to_one_sandbox(self, sandbox):
        fork = sandbox.fork()
        if not self.root_is_the_users:
            assert fork.run("chmod 700 /", cwd="/").exit_code != 0
            return
        fork.run("chmod 700 /", cwd="/")
        grandchild = fork.fork()
        assert grandchild.run("stat -c %a /").output == b"700\n"
        fork.close()
        grandchild.close()
        assert [sandbox.fork().run("stat -c %a /").output for _ in range(3)] == [b"755\n"] * 3

    def test_a_closed_root_is_the_commands_failure(self, sandbox):
        assert (sandbox.run("chmod 000 /", cwd="/").exit_code == 0) == self.root_is_the_users
        if not self.root_is_the_users:
            return
        assert sandbox.run("true").exit_code != 0
        with sandbox.fork() as fork:
            assert fork.run("true").exit_code != 0

    # The diff

    def test_a_diff_holds_every_change_and_applies(self, sandbox, tmp_path):
        sandbox.run(
            "echo 'print(2)' > a.py; git add a.py; rm deleted.txt; printf 'caf\\351\\nfoo\\n' > latin.txt;"
            "printf longer >> noeol.txt; printf '\\000\\001' >> blob.bin; mkdir new; printf 'é' > new/é.txt;"
            "echo ignored > x.log; chmod +x folder/one; ln -s a.py link; printf 'a\\r\\nb' > crlf; : > empty;"
            "printf '\\xff' > \"$(printf 'n\\303\\251')\"; rm folder/two; ln -s one folder/two"
        )
        patch = sandbox.diff()
        make_tree(tmp_path)
        git(tmp_path, "apply", "--index", "-", stdin=patch.encode())
        names = sorted(git(tmp_path, "-c", "core.quotePath=false", "ls-files").decode().split("\n")[:-1])
        inside = "git add -A && git -c core.quotePath=false ls-files -s | sort"
        assert "x.log" not in names
        assert "deleted.txt" not in names
        outside = git(tmp_path, "-c", "core.quotePath=false", "ls-files", "-s").decode().split("\n")[:-1]
        assert sandbox.run(inside).text.split("\n")[:-1] == sorted(outside)
        assert "+print(2)" in patch

    def test_an_unchanged_tree_has_no_diff(self, sandbox):
        assert sandbox.diff() == ""

    def test_a_diff_is_against_the_one_commit_whatever_was_committed(self, sandbox):
        sandbox.run("echo 'print(2)' > a.py; git -c user.name=x -c user.email=x commit -qam x; rm -f .git/refs/heads/*")
        assert "+print(2)" in sandbox.diff()

    def test_a_diff_runs_nothing_of_the_repositorys(self, sandbox):
        sandbox.run(
            "printf '#!/bin/sh\\ntouch /testbed/hit\\n' > /tmp/evil; chmod +x /tmp/evil;"
            "cp /tmp/evil .git/hooks/post-index-change;"
            "for k in core.fsmonitor diff.external core.pager diff.d.textconv diff.d.command filter.d.clean; do"
            "  git config $k /tmp/evil; git config --global $k /tmp/evil; done;"
            "echo '* diff=d filter=d' > .gitattributes; echo 'print(2)' > a.py; rm -f hit"
        )
        assert "+print(2)" in sandbox.diff()
        assert sandbox.run("ls hit").exit_code != 0

    @pytest.mark.parametrize(
        "hiding",
        [
            "git update-index --assume-unchanged a.py",
            "git update-index --skip-worktree a.py",
            "echo 'a.py' > .git/info/exclude; git rm -q --cached a.py",
            "rm -rf .git",
            "rm -rf .git; git init -q; git add -A",
            "rm -rf .git; ln -s /nowhere .git",
            "git config core.worktree /tmp",
            "git init -q nested",
            "mkdir closed; echo x > closed/x; echo x > shut; chmod 000 closed shut",
            "rm -rf /tmp; ln -s /proc /tmp",
        ],
    )
    def test_a_change_cannot_be_hidden_from_the_diff(self, sandbox, hiding):
        sandbox.run(f"{hiding}; echo 'print(2)' > a.py")
        assert "+print(2)" in sandbox.diff()

    def test_a_diff_changes_nothing(self, sandbox):
        sandbox.run("echo new > new.py; echo 'print(2)' > a.py")
        before = sandbox.run("git status --porcelain; find / -xdev -newer a.py -type f | sort").output
        sandbox.diff()
        assert sandbox.run("git status --porcelain; find / -xdev -newer a.py -type f | sort").output == before

    # The end

    def test_a_closed_sandbox_is_closed(self, make):
        with make() as sandbox:
            sandbox.write("x", b"x")
        sandbox.close()
        with pytest.raises(SandboxError):
            sandbox.run("true")

    def test_closing_ends_what_runs_in_another_thread(self, make):
        sandbox = make()
        results = []
        worker = threading.Thread(
            target=lambda: results.append(sandbox.run(f"echo up > /tmp/up; sleep 300; : closing-{os.getpid()}"))
        )
        worker.start()
        while not processes_with(f"closing-{os.getpid()}"):
            assert worker.is_alive()
        sandbox.close()
        worker.join()
        assert results[0].exit_code == 137
        assert processes_with(f"closing-{os.getpid()}") == []

    def test_a_sandbox_is_not_tied_to_the_thread_that_used_it(self, make):
        made = []

        def begin():
            made.append(make())
            made[0].run("true")

        starter = threading.Thread(target=begin)
        starter.start()
        starter.join()
        assert made[0].run("sleep 0.1; echo fine").output == b"fine\n"
