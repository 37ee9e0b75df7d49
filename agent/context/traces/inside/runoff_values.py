"""Short texts of values, made without running any code of the values' own classes. CPython 2.7 and later."""
# mypy: ignore-errors

import sys
import types

MOST_TEXT, MOST_ITEMS, MOST_DEPTH, MOST_NAMES = 80, 6, 2, 8
if sys.version_info[0] > 2:
    _TEXTS, _INTEGERS = (str, bytes, bytearray), (int,)
else:
    _TEXTS, _INTEGERS = (str, unicode), (int, long)  # noqa: F821
_SEQUENCES = {list: "[]", tuple: "()", set: "{}", frozenset: ("frozenset({", "})")}
_MRO = type.__dict__["__mro__"].__get__
_NAMES = type.__dict__["__dict__"].__get__
_ARGUMENTS = BaseException.__dict__["args"].__get__
_NAME = type.__dict__["__name__"].__get__


def shown(value, depth=0):
    """Return a value as a short text."""
    kind = type(value)
    if value is None or kind in (bool, float, complex):
        return repr(value)
    if kind in _INTEGERS:
        return repr(value) if -(1 << 200) < value < 1 << 200 else "<int of %d bits>" % value.bit_length()
    if kind in _TEXTS:
        return repr(value) if len(value) <= MOST_TEXT else "%r... (%d long)" % (value[:MOST_TEXT], len(value))
    if kind in _SEQUENCES:
        return _listed(value, _SEQUENCES[kind], depth)
    if kind is dict:
        return _pairs("{", value, ": ", "}", depth)
    if kind in (types.FunctionType, types.BuiltinFunctionType):
        return "<function %s>" % value.__name__
    if kind is types.ModuleType:
        return "<module>"
    if kind is type:
        return "<class %s>" % _NAME(value)
    return _instance(value, kind, depth)


def named(frame_locals, names, most=MOST_NAMES):
    """Return name -> text for some of a function's variables."""
    return dict((name, shown(frame_locals[name])) for name in names[:most] if name in frame_locals)


def class_name(kind):
    """Return the name of a class; ``?`` where it is no class, or one of the old kind."""
    return _NAME(kind) if issubclass(type(kind), type) else "?"


def arguments_of(error):
    """Return what an exception was made with, as texts."""
    arguments = _ARGUMENTS(error) if issubclass(type(error), BaseException) else (error,)
    return [shown(item) for item in arguments[:2]]


def _listed(value, brackets, depth):
    if depth >= MOST_DEPTH:
        return brackets[0] + "..." + brackets[1]
    parts = []
    try:
        for item in value:
            if len(parts) == MOST_ITEMS:
                parts.append("... (%d long)" % len(value))
                break
            parts.append(shown(item, depth + 1))
    except RuntimeError:  # another thread changes it
        parts.append("...")
    comma = "," if type(value) is tuple and len(parts) == 1 else ""
    return brackets[0] + ", ".join(parts) + comma + brackets[1]


def _pairs(begin, value, mark, end, depth):
    if depth >= MOST_DEPTH:
        return begin + "..." + end
    parts = []
    try:
        for key, item in value.items() if sys.version_info[0] > 2 else value.iteritems():
            if len(parts) == MOST_ITEMS:
                parts.append("...")
                break
            text = key if begin != "{" and type(key) is str else shown(key, depth + 1)
            parts.append(text + mark + shown(item, depth + 1))
    except RuntimeError:
        parts.append("...")
    return begin + ", ".join(parts) + end


def _instance(value, kind, depth):
    """Show an instance by its class and its own attributes, where these lie in a plain dictionary."""
    name = _NAME(kind)
    for base in _MRO(kind):
        found = _NAMES(base).get("__dict__")
        if found is not None:
            if type(found) is types.GetSetDescriptorType:
                own = found.__get__(value, kind)
                if type(own) is dict:
                    return _pairs(name + "(", own, "=", ")", depth)
            break
    return "<%s>" % name
