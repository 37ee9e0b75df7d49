"""Takes down what a process executes of a tree: functions, lines in order, calls, the failure. CPython 2.7 and later.

PYTEST_DONT_REWRITE: this module is pytest's plugin as well, by which each test gets a part of the record of its own.

A line of the record is a JSON list, its first item says what it tells:
``code`` number, path, name, first line, is a module; ``enter`` number, in the case, number of the caller, depth;
``line`` number, in the case, line; ``value`` number, arguments, result, exception; ``failure`` exception, message,
frames; ``test`` name; ``outcome`` name, outcome; ``count`` number, calls; ``cut`` why.
"""
# mypy: ignore-errors

import json
import os
import sys
import threading
import time

from runoff_values import arguments_of, class_name, named, shown

MOST_RECORDS, MOST_WAITING, MOST_CALLS, SAMPLES, MOST_FAILURES = 200000, 64, 1000, 2, 40
MOST_PARTS = 400
"""Test functions that get a part of the record of their own."""
MOST_STALE = 5000
"""Line events of one function that told nothing new, after which its lines are left alone."""
FRAMES = 6
RECORDER = None
_VERSION = "%d.%d" % sys.version_info[:2]


class Place(object):
    """A code object of the tree, or of the test."""

    def __init__(self, number, code, path, is_test, total):
        self.number, self.code, self.path, self.is_test = number, code, path, is_test
        self.is_module = code.co_name == "<module>"
        self.samples_wanted = not code.co_flags & 0x2A0 and code.co_name[0] != "<"  # no generator, no coroutine
        self.total = total
        self.seen = (set(), set())
        self.calls = self.samples = self.stale = 0
        self.entered = [False, False]
        self.depth = 0

    def told(self):
        name = getattr(self.code, "co_qualname", self.code.co_name)
        return ["code", self.number, self.path, name, self.code.co_firstlineno, self.is_module]

    def complete(self, phase):
        return len(self.seen[phase]) >= (self.total or 1) or self.stale > MOST_STALE

    def begin_anew(self):
        self.seen[1].clear()
        self.calls = self.samples = self.stale = 0
        self.entered[1] = False


class _Depth(threading.local):
    imports = 0


class Recorder(object):
    """What was executed, appended to a file as it becomes known."""

    def __init__(self, folder, root, tests, seconds):
        self.folder, self.root, self.tests = folder, root, tests
        self.deadline = time.time() + seconds
        self.files, self.places, self.numbers, self.waiting = {}, {}, 0, []
        self.records, self.failures, self.pid = 0, 0, os.getpid()
        self.parts = MOST_PARTS if os.environ.get("RUNOFF_TRACE_PARTS") else 0
        self.thread = _Depth()
        self.stopped = False
        self.lock = threading.RLock()

    def place(self, code):
        """Return the place of a code object; None where it is not of the tree."""
        name = code.co_filename
        path = self.files.get(name, self)
        if path is self:
            path = self.files[name] = self.path_of(name)
        if path is None:
            return None
        found = self.places.get(id(code))
        return found if found is not None else self.add(code, path)

    def path_of(self, name):
        """Return a file as the record names it: relative to the tree, or the test's own; None: not of interest."""
        path = os.path.abspath(name)
        if path in self.tests:
            return path[len(self.root) :] if path.startswith(self.root) else path
        odd = "/site-packages/" in path or "/.tox/" in path or name[:1] == "<"
        return None if odd or not path.startswith(self.root) else path[len(self.root) :]

    def add(self, code, path):
        with self.lock:
            place = Place(self.numbers, code, path, os.path.abspath(code.co_filename) in self.tests, _lines(code))
            self.numbers += 1
            self.places[id(code)] = place  # it holds the code object, so that no other one gets its number
            self.put(*place.told())
            return place

    def enter(self, place, phase, frame):
        """Note a call; the caller sees to it that this is not asked for without end."""
        if self.parts and phase and place.is_test and place.code.co_name[:4] == "test":
            self.parts -= 1
            self.begin_test(place.code.co_name)
        place.calls += 1
        if not place.entered[phase]:
            place.entered[phase] = True
            caller = self.caller(frame) if phase else None
            place.depth = caller.depth + 1 if caller is not None else 0
            self.put("enter", place.number, phase, -1 if caller is None else caller.number, place.depth)
            if not place.total:
                self.line(place, phase, place.code.co_firstlineno)
        self.check_time()

    def check_time(self):
        if time.time() > self.deadline:
            self.stop("time")

    def caller(self, frame):
        """Return the nearest place up the stack."""
        for _ in range(60):
            frame = frame.f_back
            if frame is None:
                return None
            path = self.files.get(frame.f_code.co_filename)
            if path is not None:
                return self.places.get(id(frame.f_code))
        return None

    def line(self, place, phase, line):
        place.seen[phase].add(line)
        self.put("line", place.number, phase, line)

    def arguments(self, place, frame):
        code = place.code
        count = (
            code.co_argcount + getattr(code, "co_kwonlyargcount", 0) + bool(code.co_flags & 4) + bool(code.co_flags & 8)
        )
        return named(frame.f_locals, code.co_varnames[:count])

    def value(self, place, arguments, result, raised):
        self.put("value", place.number, arguments, None if raised else shown(result), raised)

    def failure(self, kind, error, trace):
        """Note an exception that the test's own code saw, with the innermost frames that it went through."""
        self.failures += 1
        if self.failures > MOST_FAILURES:
            return
        frames, count = [], 0
        while trace is not None and count < 1000:
            path = self.files.get(trace.tb_frame.f_code.co_filename)
            if path is not None:
                frames.append((path, trace.tb_lineno, trace.tb_frame))
            trace, count = trace.tb_next, count + 1
        told = []
        for path, line, frame in frames[-FRAMES:]:
            function = frame.f_code.co_name != "<module>"
            variables = named(frame.f_locals, frame.f_code.co_varnames, 16) if function else {}
            told.append([path, line, frame.f_code.co_name, variables])
        self.put("failure", class_name(kind), ", ".join(arguments_of(error)), told)

    def put(self, *record):
        """Add to the record; what is over a bound ends the tracing."""
        with self.lock:
            if os.getpid() != self.pid:  # a fork: what was waiting is its parent's
                self.pid, self.waiting = os.getpid(), [["begun", _VERSION, os.getpid()]]
                self.waiting.extend(place.told() for place in self.places.values())
            self.records += 1
            self.waiting.append(record)
            if len(self.waiting) > MOST_WAITING:
                self.flush()
            if self.records == MOST_RECORDS:
                self.stop("records")

    def flush(self):
        with self.lock:
            waiting, self.waiting = self.waiting, []
            if not waiting or os.getpid() != self.pid:  # of a fork that has added nothing yet: its parent's
                return
            text = "".join([_dumps(record) + "\n" for record in waiting])
            try:
                # Opened anew each time: a test may close descriptors that it does not know.
                out = os.open("%s/out.%d" % (self.folder, self.pid), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
                try:
                    os.write(out, text.encode("ascii"))
                finally:
                    os.close(out)
            except OSError:
                self.stopped = True

    def begin_test(self, name):
        """Give a test a part of the record of its own: what it executes is told again."""
        with self.lock:
            self.counts()
            for place in list(self.places.values()):
                place.begin_anew()
            self.failures = 0
            self.put("test", name)
        self.again()

    def again(self):
        """Overridden where lines that were told are not seen again by themselves."""

    def unhook(self):
        """Overridden: have Python call no more."""

    def counts(self):
        for place in list(self.places.values()):
            if place.calls:
                self.put("count", place.number, min(place.calls, MOST_CALLS))

    def stop(self, why):
        if not self.stopped:
            self.stopped = True
            self.put("cut", why)
            self.flush()
            self.unhook()

    def end(self):
        """Write what waits, and trace no more: called at every way out but a kill."""
        self.counts()
        self.flush()
        if not self.stopped:
            self.stopped = True
            self.unhook()


def _dumps(record):
    return json.dumps(record) if sys.version_info[0] > 2 else json.dumps(record, encoding="latin-1")


def _lines(code):
    """Return how many lines of a code object can be executed; its head counts only where there is nothing else."""
    if hasattr(code, "co_lines"):
        lines = set(line for _, _, line in code.co_lines() if line is not None)
    else:
        line, lines, table = code.co_firstlineno, set(), bytearray(code.co_lnotab)
        lines.add(line)
        for step in table[1::2]:
            line += step - 256 if step > 127 and sys.version_info >= (3, 6) else step
            lines.add(line)
    if code.co_name != "<module>":
        lines.discard(code.co_firstlineno)
    return len(lines)


def begin(tracer, folder):
    """Start tracing in this process, by one of the two tracers."""
    global RECORDER
    root = os.environ.get("RUNOFF_TRACE_ROOT", "/testbed/")
    tests = os.environ.get("RUNOFF_TRACE_TESTS", "").split("\n")
    seconds = float(os.environ.get("RUNOFF_TRACE_SECONDS", "30"))
    RECORDER = tracer(folder, root, frozenset(tests), seconds)
    RECORDER.put("begun", _VERSION, os.getpid())
    _at_exit(RECORDER)
    RECORDER.start()


def _at_exit(recorder):
    import atexit

    atexit.register(recorder.end)
    leave = os._exit

    def _exit(status):
        recorder.end()
        leave(status)

    os._exit = _exit


def pytest_runtest_logstart(nodeid, location):
    """Begin a test's own part of the record."""
    if RECORDER is not None:
        RECORDER.begin_test(nodeid)


def pytest_runtest_logreport(report):
    """Tell what a part of a test did."""
    if RECORDER is not None and (report.when == "call" or report.outcome != "passed"):
        word = report.outcome if report.when == "call" or report.outcome == "skipped" else "error"
        RECORDER.put("outcome", report.nodeid, word)
