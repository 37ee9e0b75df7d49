"""Records calls of some functions: their arguments, and what came of them, each as a hash. CPython 3.6 and later.

Values are looked at without running any code of their own classes. A line of the record: path, name, hash of the
arguments, hash of what came of it. What was told once is not told again.
"""
# mypy: ignore-errors

import hashlib
import opcode
import os
import re
import sys
import threading
import types

MOST_CALLS, MOST_TOLD = 20000, 4000
"""Calls that are looked at, and different ones that are told, by one process."""
MOST_NODES, MOST_DEPTH, LONGEST = 150, 6, 2000
_NO_FUNCTION = 0x20 | 0x80 | 0x200
"""Flags of generators, coroutines and asynchronous generators: their calls come to nothing at once."""
_RETURNS = [opcode.opmap[name] for name in ("RETURN_VALUE", "RETURN_CONST") if name in opcode.opmap]
_VOLATILE = ("__dict__", "__weakref__", "_mhash", "_hash", "_assumptions")
"""Slots that are no part of a value: caches, and what depends on the run."""
_ADDRESS = re.compile(r"\b0x[0-9a-fA-F]+")
_MRO = type.__dict__["__mro__"].__get__
_NAMES = type.__dict__["__dict__"].__get__
_NAME = type.__dict__["__name__"].__get__


class Recorder(object):
    """Lets Python call it at every call, and at the end of those that are wanted."""

    def __init__(self, folder, wanted):
        self.folder, self.wanted = folder, wanted
        self.files, self.told, self.calls = {}, set(), 0
        self.lock = threading.Lock()

    def start(self):
        threading.settrace(self.call)
        sys.settrace(self.call)

    def call(self, frame, event, argument):
        """Python's own trace function: returns who sees the call's end; None: nobody."""
        if event != "call":
            return None
        code = frame.f_code
        names = self.files.get(code.co_filename, self)
        if names is self:
            names = self.files[code.co_filename] = self.wanted.get(os.path.abspath(code.co_filename))
        if names is None or code.co_name not in names[1] or code.co_flags & _NO_FUNCTION:
            return None
        self.calls += 1
        if self.calls > MOST_CALLS:
            sys.settrace(None)
            return None
        if hasattr(frame, "f_trace_lines"):
            frame.f_trace_lines = False
        return self.until_it_ends(code, names[0], _arguments(frame))

    def until_it_ends(self, code, path, arguments):
        raised = []

        def local(frame, event, argument):
            if event == "exception":
                raised[:] = [_NAME(argument[0]) if issubclass(type(argument[0]), type) else "?"]
            elif event == "return":
                returned = code.co_code[frame.f_lasti] in _RETURNS
                self.tell(path, code.co_name, arguments, _text(argument) if returned else "raises " + "".join(raised))
            return local

        return local

    def tell(self, path, name, arguments, outcome):
        told = "%s\t%s\t%s\t%s\n" % (path, name, _hash(arguments), _hash(outcome))
        with self.lock:
            if told in self.told or len(self.told) >= MOST_TOLD:
                return
            self.told.add(told)
        try:
            # Opened anew each time: a test may close descriptors that it does not know.
            out = os.open("%s/out.%d" % (self.folder, os.getpid()), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                os.write(out, told.encode("ascii", "backslashreplace"))
            finally:
                os.close(out)
        except OSError:
            sys.settrace(None)


def _arguments(frame):
    """Return the arguments of a call; an object is its class alone, lest one more attribute make another call of it."""
    code = frame.f_code
    count = code.co_argcount + code.co_kwonlyargcount + bool(code.co_flags & 4) + bool(code.co_flags & 8)
    names = code.co_varnames[:count]
    return ",".join(name + "=" + _text(frame.f_locals.get(name)) for name in names)


def _text(value):
    return _shown(value, 0, [MOST_NODES])


def _shown(value, depth, left):
    kind = type(value)
    left[0] -= 1
    if value is None or kind in (bool, float, complex):
        return repr(value)
    bases = _MRO(kind)
    if kind is int:
        return repr(value) if value.bit_length() < 1000 else "<int>"
    if str in bases:
        return repr(_ADDRESS.sub("0x", str.__str__(value)[:LONGEST]))
    if bytes in bases:
        return repr(bytes.__getitem__(value, slice(0, LONGEST)))
    if left[0] < 0 or depth >= MOST_DEPTH:
        return "<%s>" % _NAME(kind)
    if tuple in bases or kind is list:
        items = tuple.__iter__(value) if tuple in bases else iter(list(value))
        return "(" + ",".join([_shown(item, depth + 1, left) for item in items if left[0] > 0]) + ")"
    if kind in (set, frozenset):
        return "{" + ",".join(sorted(_shown(item, depth + 1, [20]) for item in list(value)[:50])) + "}"
    if dict in bases:
        pairs = list(dict.items(value))[:50]
        told = [_shown(key, depth + 1, left) + ":" + _shown(item, depth + 1, left) for key, item in pairs]
        return "{" + ",".join(sorted(told)) + "}"
    if kind in (types.FunctionType, types.BuiltinFunctionType):
        return "<function %s>" % value.__name__
    if kind is type:
        return "<class %s>" % _NAME(value)
    return "<%s%s>" % (_NAME(kind), _slots(value, bases, depth, left))


def _slots(value, bases, depth, left):
    """Show what an object holds in slots; what lies in a dictionary of its own is not looked at."""
    told = []
    for base in bases:
        for name, found in list(_NAMES(base).items()):
            if type(found) is types.MemberDescriptorType and name not in _VOLATILE and left[0] > 0:
                try:
                    told.append(" %s=%s" % (name, _shown(found.__get__(value, type(value)), depth + 1, left)))
                except AttributeError:
                    continue
    return "".join(told)


def _hash(text):
    return hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()[:12]


def begin(folder):
    """Begin to record what ``wanted.txt`` names: a root, then a path and names in it on each line."""
    with open(os.path.join(folder, "wanted.txt")) as file:
        lines = file.read().splitlines()
    wanted = {}
    for line in lines[1:]:
        path, _, names = line.partition("\t")
        wanted[os.path.join(lines[0], path)] = (path, frozenset(names.split("\t")))
    Recorder(folder, wanted).start()
