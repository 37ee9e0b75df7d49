"""One bwrap process from start to end: its gates, its output, its deadline, and the end of all it left behind."""

from __future__ import annotations

import array
import contextlib
import fcntl
import json
import os
import select
import selectors
import signal
import subprocess
import termios
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager

from environments.sandboxes.bubblewrap.command import GATE, Descriptors
from environments.sandboxes.bubblewrap.launcher import launcher
from environments.sandboxes.bubblewrap.memory_file import fill, memory_file, sealed
from environments.sandboxes.bubblewrap.system_calls import seccomp_program
from environments.sandboxes.bubblewrap.timeout import Timeout
from environments.sandboxes.bubblewrap.watch import Watch
from environments.sandboxes.contract import SandboxError, StartLate
from environments.sandboxes.looks.cpu import cpu_time, ended_cpu_time
from environments.sandboxes.order import CANNOT_START_CODE, KILLED_CODE, TIMEOUT_CODE, Ended

_CHUNK = 1 << 16
_COMPLAINT = 2048
"""Bytes of bwrap's own words to keep for an error."""
_PATIENCE = 60.0
"""Seconds that the kernel may take to end killed processes."""

Build = Callable[[Descriptors], list[bytes]]
"""Given the descriptors that bwrap gets, the command line."""


class Process:
    """A started bwrap, whose command waits for ``run``.

    Its ``init`` is process 1 in the sandbox: the kernel reports its end after all others'.
    """

    def __init__(
        self,
        build: Build,
        reads: bool,
        surroundings: Callable[[], AbstractContextManager[None]],
        prepare: Callable[[int], None],
        start_seconds: float,
    ) -> None:
        """Start bwrap within ``surroundings``, call ``prepare`` with its pid while it waits at the gate, let it set up.

        ``reads``: the command will be given an input. ``start_seconds``: how long it may take to make its namespaces.

        Raises:
            StartLate: it took longer.
            OSError: the command cannot be an argument vector, or bwrap cannot be started.
        """
        self._guard = threading.Lock()
        self._ended = self._closed = False
        self._seen = b""
        self._used = 0.0
        """CPU seconds of what ran when it was cut off."""
        gate_read, gate_write = os.pipe()
        self._status, status_write = os.pipe()
        block_read, self._block = os.pipe()
        self._source = memory_file() if reads else os.open(os.devnull, os.O_RDONLY)
        given = Descriptors(gate_read, status_write, sealed(seccomp_program()), block_read)
        try:
            argv = build(given)

            def start() -> subprocess.Popen[bytes]:
                with surroundings():
                    return _popen(argv, self._source, given)

            self._popen = launcher().start(start)
            prepare(self._popen.pid)
            os.write(gate_write, GATE)
        except BaseException:
            # With its gate never opened, bwrap ends by itself.
            for descriptor in (self._status, self._block, self._source):
                os.close(descriptor)
            raise
        finally:
            for descriptor in (*given, gate_write):
                os.close(descriptor)
        self._monitor = os.pidfd_open(self._popen.pid)
        self._init: int | None = None
        try:
            self.init_pid = self._await_init(start_seconds)
            self._init = _pidfd(self.init_pid)
        except BaseException:
            self._close()
            raise

    def discard(self) -> None:
        """End what was never run."""
        try:
            self._end_all()
        finally:
            self._close()

    def run(
        self,
        stdin: bytes | None,
        timeout: float,
        watch: Watch,
        sink: Callable[[bytes], None],
    ) -> Ended:
        """Let the command start, and feed ``sink`` with its output until it ends.

        It also ends when ``timeout`` passes or ``watch`` names a reason. ``stdin``: None where it was to get no input.

        Raises:
            SandboxError: bwrap could not set the sandbox up, or ``watch`` found the host itself out of order.
        """
        opening = bytearray()

        def take(chunk: bytes) -> None:
            if len(opening) < _COMPLAINT:
                opening.extend(chunk[:_COMPLAINT])
            sink(chunk)

        started = time.monotonic()
        try:
            self._release(stdin)
            killed = self._pump(Timeout(started, timeout), watch, take)
            self._end_all()
            seconds = time.monotonic() - started
            self._drain(take)
            code, core_seconds = self._waited()
            # What races process 1 for its descriptors can keep bwrap from telling an end, but has itself been let go.
            told = b"exit-code" in self._read_status()
            set_up = told or (self._let_go() and not opening.startswith(b"bwrap: "))
        except SandboxError:
            self._end_all()
            raise
        finally:
            self._close()
        if killed:
            code = TIMEOUT_CODE if killed == "timeout" else KILLED_CODE
            return Ended(code, killed, seconds, core_seconds=core_seconds)
        if not set_up and opening.startswith(b"bwrap: execvp"):
            # Earlier commands may have taken the shell, or the way to it; the sandbox itself stands.
            return Ended(CANNOT_START_CODE, None, seconds)
        if not set_up and code >= 0 and not self._ended:
            complaint = opening.decode(errors="replace").strip()
            raise SandboxError(f"bubblewrap could not set up the sandbox: {complaint} (exit code {code})")
        if code < 0:
            return Ended(128 - code, None, seconds, core_seconds=core_seconds, signal=0 if self._ended else -code)
        return Ended(code, None, seconds, core_seconds=core_seconds)

    def end(self) -> None:
        """End everything in the sandbox, from any thread, at any time; ``run`` then returns."""
        with self._guard:
            self._ended = True
            if not self._closed:
                self._kill()

    def _release(self, stdin: bytes | None) -> None:
        if stdin is not None:
            fill(self._source, stdin)
        # Should Runoff die first, bwrap reads an end here and starts the command, which that death then ends.
        with contextlib.suppress(BrokenPipeError):  # it could not set up: what it says is read next
            os.write(self._block, b"\n")

    def _let_go(self) -> bool:
        """Tell whether bwrap, all set up, has taken what it waited for before its command."""
        waiting = array.array("i", [0])
        fcntl.ioctl(self._block, termios.FIONREAD, waiting)
        return not waiting[0]

    def _pump(self, timeout: Timeout, watch: Watch, sink: Callable[[bytes], None]) -> str | None:
        output = self._output()
        killed: str | None = None
        with selectors.DefaultSelector() as selector:
            selector.register(output, selectors.EVENT_READ)
            selector.register(self._monitor, selectors.EVENT_READ)
            while True:
                now = time.monotonic()
                if not killed and timeout.over(now, self.init_pid):
                    killed = "timeout"
                    self._cut_off()
                if not killed and now >= watch.pace.next and self.init_pid:
                    killed = watch(self.init_pid)
                    if killed:
                        self._cut_off()
                wait = None if killed else max(0.0, min(timeout.deadline, watch.pace.next) - time.monotonic())
                ready = {key.fd for key, _ in selector.select(wait)}
                if self._monitor in ready:
                    return killed
                if output in ready:
                    chunk = os.read(output, _CHUNK)
                    sink(chunk)
                    if not chunk:
                        selector.unregister(output)

    def _output(self) -> int:
        assert self._popen.stdout is not None
        return self._popen.stdout.fileno()

    def _cut_off(self) -> None:
        self._used = cpu_time(self.init_pid) if self.init_pid else 0.0
        self._kill()

    def _kill(self) -> None:
        # Process 1 first: its death takes all others along; bwrap outside then ends by itself, and is hurried.
        for process in (self._init, self._monitor):
            if process is not None:
                with contextlib.suppress(ProcessLookupError):
                    signal.pidfd_send_signal(process, signal.SIGKILL)

    def _end_all(self) -> None:
        self._kill()
        with selectors.DefaultSelector() as selector:
            selector.register(self._init or self._monitor, selectors.EVENT_READ)
            if not selector.select(_PATIENCE):
                raise SandboxError(f"a sandbox's process {self.init_pid} outlives SIGKILL: the host is out of order")

    def _drain(self, sink: Callable[[bytes], None]) -> None:
        # Nobody is left to write, so this ends.
        while chunk := os.read(self._output(), _CHUNK):
            sink(chunk)

    def _await_init(self, seconds: float) -> int | None:
        # Nothing is killed before this: a bwrap that dies between clone and handshake leaves a waiting child.
        deadline = time.monotonic() + seconds
        told = select.poll()
        told.register(self._status, select.POLLIN)
        while b"\n" not in self._seen:
            left = deadline - time.monotonic()
            if left <= 0 or not told.poll(left * 1000):
                raise StartLate(f"a sandbox was not set up in {seconds:g} s: the machine is busy, so run fewer -w")
            chunk = os.read(self._status, 4096)
            if not chunk:
                return None
            self._seen += chunk
        first = json.loads(self._seen.split(b"\n", 1)[0])
        return int(first["child-pid"])

    def _waited(self) -> tuple[int, float]:
        """Wait for bwrap's end; return its exit code and the CPU time of all that ran in the sandbox."""
        _, status, used = os.wait4(self._popen.pid, 0)
        self._popen.returncode = os.waitstatus_to_exitcode(status)
        # Process 1 may end after bwrap, which then has none of its time; and the kernel keeps no time of what was
        # killed with the sandbox: that was read just before.
        return self._popen.returncode, max(used.ru_utime + used.ru_stime + ended_cpu_time(self.init_pid), self._used)

    def _read_status(self) -> bytes:
        while chunk := os.read(self._status, 4096):
            self._seen += chunk
        return self._seen

    def _close(self) -> None:
        with self._guard:
            self._kill()
            self._closed = True
            self._popen.wait()
            self._reap()
            for descriptor in (self._status, self._block, self._source, self._monitor, self._init):
                if descriptor is not None:
                    os.close(descriptor)
            assert self._popen.stdout is not None
            self._popen.stdout.close()

    def _reap(self) -> None:
        """Take process 1 off the kernel's list: it counts against the control group until somebody does.

        bwrap may end first; then it is this process's to reap (see ``launcher``), not that of a host's process 1,
        which may take its time or, in a container, never do it.
        """
        if self._init is not None:
            with contextlib.suppress(ChildProcessError):
                os.waitid(os.P_PIDFD, self._init, os.WEXITED | os.WNOHANG)


def _popen(argv: list[bytes], stdin: int, descriptors: Descriptors) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        argv,
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={},
        pass_fds=descriptors,
        process_group=0,  # out of reach of the terminal's Ctrl-C, which is Runoff's to answer
        bufsize=0,
    )


def _pidfd(pid: int | None) -> int | None:
    if pid is None:
        return None
    try:
        return os.pidfd_open(pid)
    except ProcessLookupError:
        return None
