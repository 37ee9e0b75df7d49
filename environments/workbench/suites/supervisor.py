"""Runs pytest in a child process and keeps the record of what it tells: the text of what is started inside a sandbox.

It imports nothing of Runoff's and runs on whatever Python (3.6 and later) the repository has. This process never
imports the repository's code. What counts is its record alone: no file that pytest writes, nothing that is printed.

- The child tells of each test as it begins and of each of its parts as they end (``telling_plugin``), through a pipe
  whose number is drawn, and which stands in no variable, argument or file. Each message is signed by a key that changes
  with every test, by a word that this process sends when the test begins; one that is not is the end of the run.
- A test counts as it was collected, begun, set up, called and taken down, in that order, while the child lived. What is
  cut short errs, and what was not collected is not counted.
- The run is whole where the child says how it ends and the kernel says the same.
- Each line of the record is signed, with all before it, by a secret that is read when the child is there already: what
  is changed in it later, by a process that was left behind, is seen.

Code in the child's process can find all that the child knows there, by a search for it (gc, frames, its own memory),
and speak in its place: this is no wall, it makes a forged suite a program that speaks this protocol, where before it
was one write of a file. What holds against that too is that answers are withheld (``workbench.contraries``).
"""

import os
import posix
import sys

_MOST = 1 << 20
"""Bytes of one message."""


def _supervise(begun):
    """Be started: ``begun`` is what was read so far, nothing of it secret."""
    whole = sys.path[:]
    # Nothing of the repository's is imported here.
    sys.path[:] = [entry for entry in sys.path if entry and not entry.startswith("/testbed")]
    import fcntl
    import hashlib
    import resource
    import select

    down, up = os.pipe(), os.pipe()
    child = os.fork()
    if not child:
        sys.path[:] = [os.getcwd() if entry == "" else entry for entry in whole]  # as ``python -m pytest`` has it
        os.close(down[1])
        os.close(up[0])
        most = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        _run(begun, *[_moved(one, most, fcntl) for one in (down[0], up[1])])
        return
    os.close(down[0])
    os.close(up[1])
    _lock()
    secret, path, words = _read_all(0).split(b"\0", 2)
    key = os.urandom(16)
    _write(down[1], key + b"%8d" % len(words) + words)
    with open(os.fsdecode(path), "wb", 0) as file:
        record = _Record(file, secret, hashlib.blake2b)
        status = _listen(record, child, up[0], down[1], key, select.select)
        code = 128 + os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)
        record.add("<exit code='%d'/>" % code)
    posix._exit(code)


def _moved(descriptor, most, fcntl):
    """Put a descriptor where nobody looks for it, and where no program that is started has it."""
    least = 100 + int.from_bytes(os.urandom(2), "big") % max(1, min(most, 1024) - 130)
    try:
        moved = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, least)
    except OSError:  # few descriptors are allowed here
        return descriptor
    os.close(descriptor)
    return moved


def _lock():
    """Let no other process of this user read this one's memory, where the sandbox has not seen to it already."""
    try:
        import _ctypes
    except ImportError:
        return
    _ctypes.call_function(_ctypes.dlsym(_ctypes.dlopen(None, 0), "prctl"), (4, 0, 0, 0, 0))


def _read_all(descriptor):
    data = b""
    while True:
        more = os.read(descriptor, 65536)
        if not more:
            return data
        data += more


def _write(descriptor, data):
    while data:
        try:
            data = data[os.write(descriptor, data) :]
        except BrokenPipeError:  # it has ended
            return


class _Record:
    """Lines, each signed with all before it."""

    def __init__(self, file, secret, sign):
        self.sign = sign
        self._file, self._secret, self._last = file, secret, b""

    def add(self, piece):
        line = piece.encode("utf-8", "replace").replace(b"\n", b"&#10;")
        self._last = self.sign(self._last + line, key=self._secret, digest_size=16).hexdigest().encode()
        self._file.write(self._last + b" " + line + b"\n")


class _Forged(Exception):
    """A message that the child has not signed."""


def _listen(record, child, up, down, key, select):
    """Take what the child tells until it ends; return its status."""
    tests, waiting, sign = _Tests(record), b"", record.sign
    while True:
        if not select([up], [], [], 0.2)[0]:
            done, status = os.waitpid(child, os.WNOHANG)
            if done:  # what it has left behind holds the pipe open
                return status
            continue
        more = os.read(up, 65536)
        if not more:
            return os.waitpid(child, 0)[1]
        waiting += more
        try:
            while len(waiting) >= 24:
                size = int(waiting[16:24])
                if not 0 < size <= _MOST:
                    raise _Forged
                if len(waiting) < 24 + size:
                    break
                signature, body = waiting[:16], waiting[24 : 24 + size]
                if sign(body, key=key, digest_size=16).digest() != signature:
                    raise _Forged
                waiting = waiting[24 + size :]
                if tests.told(body[:1], body[1:].decode("utf-8", "replace")):
                    word = os.urandom(16)
                    _write(down, word)
                    key = sign(word, key=key, digest_size=16).digest()
        except (_Forged, ValueError):
            record.add("<forged/>")
            os.kill(child, 9)
            return os.waitpid(child, 0)[1]


class _Tests:
    """What the child has told of its tests; goes to the record once a test is taken down."""

    def __init__(self, record):
        self._record = record
        self._collected = None
        self._open = {}
        """Test -> its parts so far, and what was found."""

    def told(self, kind, text):
        """Take one message; tell whether it waits for an answer."""
        if kind == b"C":
            self._collected = (self._collected or set()) | set(text.split("\n"))
        elif kind == b"S":
            test, _, time = text.partition("\0")
            self._record.add("<started %s time='%s'/>" % (test, time))
            self._open[test] = ["", ""]
            return True
        elif kind == b"R":
            for part in text.split("\1"):
                self._part(*part.split("\0", 3))
        elif kind in (b"X", b"W", b"E", b"I"):  # said of no test
            self._record.add(text)
        else:
            raise _Forged
        return False

    def _part(self, when, test, time, found):
        parts = self._open.setdefault(test, ["", ""])
        parts[0] += when[:1] + ("" if not found or when != "setup" else "!")
        parts[1] += found
        if when == "teardown":
            del self._open[test]
            self._close(test, time, *parts)

    def _close(self, test, time, parts, found):
        if self._collected is not None and test not in self._collected:
            self._record.add("<unknown %s/>" % test)
            return
        if parts.replace("c", "") not in ("st", "s!t") or ("!" not in parts and "c" not in parts):
            found += "<error message='its parts did not follow one another'/>"
        self._record.add("<testcase %s time='%s'>%s</testcase>" % (test, time, found))


def _run(begun, down, up):
    """Be the child: run pytest, with what tells of its tests."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    head = _take(down, 24)
    words = _take(down, int(head[16:])).decode("utf-8", "surrogateescape").split("\0")
    import pytest

    sys.argv = [os.path.join(os.path.dirname(pytest.__file__), "__main__.py"), *words]
    names = {"__name__": "runoff_telling"}
    exec(compile(begun, "<runoff>", "exec", dont_inherit=True), names)
    sys.exit(pytest.main(words, plugins=[names["telling"](down, up, head[:16])]))


def _take(descriptor, size):
    data = b""
    while len(data) < size:
        more = os.read(descriptor, size - len(data))
        if not more:
            raise EOFError("the supervisor has ended")
        data += more
    return data


if __name__ == "runoff":
    _supervise(PLUGIN)  # noqa: F821
