"""A plugin for pytest that tells of each test as it goes, to the process that watches over the run (``supervisor``).

It runs inside a sandbox, with whatever Python (3.6 and later) and pytest the repository has: it imports nothing of
Runoff's. What it knows it keeps in the cells of one function: no attribute and no module names it.
"""

import os
import re
import sys
import time
from hashlib import blake2b

_ODD = re.compile("[^\t\n\r -~\x80-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_AT_ONCE = 100000
"""Characters of names that are sent in one message, about."""
_HALF = 10000
"""Characters of the head and of the tail that are kept of what a failure printed."""


def _code(found):
    """Write a character that XML cannot hold as pytest's own report does."""
    number = ord(found.group())
    return "#x%02X" % number if number <= 0xFF else "#x%04X" % number


def escape(text):
    """As ``xml.sax.saxutils`` does, whose import, HTTP client and all, is a tenth of what starting pytest takes."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def quoteattr(text):
    """Quote the value of an attribute; white space that a parser would make blanks of is kept."""
    text = escape(text)
    for character, written in (('"', "&quot;"), ("\t", "&#9;"), ("\n", "&#10;"), ("\r", "&#13;")):
        text = text.replace(character, written)
    return '"%s"' % text


def _attributes(nodeid):
    """Name a test as pytest's own report does, so that its id is the same."""
    path, bracket, parameters = nodeid.partition("[")
    parts = path.split("::")
    parts[0] = re.sub(r"\.py$", "", parts[0].replace("/", "."))
    parts[-1] += bracket + parameters
    parts = [_ODD.sub(_code, part) for part in parts]
    return "classname=%s name=%s" % (quoteattr(".".join(parts[:-1])), quoteattr(parts[-1]))


def _text(value):
    text = _ODD.sub(_code, str(value))
    return text if len(text) <= 2 * _HALF else text[:_HALF] + "\n[...]\n" + text[-_HALF:]


def _broken(kind, report):
    """Tell of a failure, in the elements of pytest's own report."""
    told = report.longrepr
    crash = getattr(told, "reprcrash", None)
    message = _text(crash.message if crash is not None else told)
    return "<%s message=%s>%s</%s>" % (kind, quoteattr(message), escape(_text(told)), kind)


def _found(report):
    if report.skipped:
        return "<skipped type='pytest.xfail'/>" if hasattr(report, "wasxfail") else "<skipped/>"
    if report.failed:
        return _broken("failure" if report.when == "call" else "error", report)
    return ""


def telling(down, up, key):
    """Return the plugin; ``down`` and ``up`` are the descriptors that it reads and writes, ``key`` signs."""
    own, began, seen, waiting = os.getpid(), time.monotonic(), {}, {}
    write, read, getpid, sign, quote = os.write, os.read, os.getpid, blake2b, quoteattr

    def tell(kind, text):
        nonlocal key
        if getpid() != own:  # a test has doubled the process
            return
        body = kind + text.encode("utf-8", "replace")
        data = sign(body, key=key, digest_size=16).digest() + b"%8d" % len(body) + body
        while data:
            data = data[write(up, data) :]
        if kind == b"S":
            word = b""
            while len(word) < 16:
                word += read(down, 16 - len(word)) or b"\0" * 16
            key = sign(word, key=key, digest_size=16).digest()

    class Telling:
        def pytest_load_initial_conftests(self):
            seen.update(_runner())

        def pytest_collection_finish(self, session):
            names, size = [], 0
            for item in session.items:
                names.append(_attributes(item.nodeid))
                size += len(names[-1])
                if size > _AT_ONCE:
                    tell(b"C", "\n".join(names))
                    names, size = [], 0
            tell(b"C", "\n".join(names))
            self._changed()

        def pytest_runtest_logstart(self, nodeid):
            tell(b"S", "%s\0%.3f" % (_attributes(nodeid), time.monotonic() - began))

        def pytest_runtest_logreport(self, report):
            past = "%.3f" % (time.monotonic() - began)
            parts = waiting.setdefault(report.nodeid, [])
            name = parts[0].split("\0", 2)[1] if parts else _attributes(report.nodeid)
            parts.append("\0".join([report.when, name, past, _found(report)]))
            if report.when == "teardown":  # all of a test at once: each message costs two processes their turn
                tell(b"R", "\1".join(waiting.pop(report.nodeid)))

        def pytest_collectreport(self, report):
            if report.failed:
                tell(b"X", "<testcase %s>%s</testcase>" % (_attributes(report.nodeid), _broken("error", report)))

        def pytest_internalerror(self, excrepr):
            tell(b"I", "<internal message=%s/>" % quote(_text(excrepr)))

        def pytest_sessionfinish(self, session):
            self._changed()
            self._session = session

        def pytest_unconfigure(self):
            session = getattr(self, "_session", None)
            if session is not None:
                tell(b"E", "<ended code='%d'/>" % int(session.exitstatus))

        def _changed(self):
            if seen:
                now = _runner()
                for name in sorted(name for name, what in seen.items() if now.get(name) is not what)[:200]:
                    tell(b"W", "<changed name=%s/>" % quote(name))

    return Telling()


_RUNNERS = ("pytest", "_pytest", "pluggy", "unittest", "py")


def _runner():
    """Return what the test runner is made of, by name: the code of its functions, and its classes."""
    found = {}
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] in _RUNNERS and module is not None:
            for key, value in list(vars(module).items()):
                _add(found, name, key, value)
    for key, value in list(vars(sys.modules["builtins"]).items()):
        if callable(value):
            found["builtins." + key] = value
    for name in ("gettrace", "getprofile"):
        found["sys." + name] = getattr(sys, name)()
    return found


def _add(found, place, key, value):
    name = place + "." + key
    if isinstance(value, type):
        found[name] = value
        if value.__module__ == place:
            for own, part in list(vars(value).items()):
                part = getattr(part, "__func__", getattr(part, "fget", part))
                found[name + "." + own] = getattr(part, "__code__", None)
    else:
        code = getattr(value, "__code__", None)
        if code is not None:
            found[name] = code
