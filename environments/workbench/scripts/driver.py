"""Runs one script in a child process and judges it from outside: the text of what is started inside a sandbox.

It imports nothing of Runoff's and runs on whatever Python (3.6 and later) the repository has. The process that reads
the script's last part, and that holds the run's token, is the parent: it never imports the repository's code, lets
nobody read its memory, and gets plain values alone. Of the child it believes that the issue is there; that it is gone
it believes only where it judged so itself (``apart``), or where the script cannot be judged from outside (``shared``).
What the child says begins with a word that is drawn for it, on a pipe whose number is drawn: code that only writes to
the pipe says nothing. Code that searches its own process (frames, cells of functions, its memory) finds both.
Among its names are ``JUDGE``, the text of ``value_judge`` or its code, and ``LOAD``, which makes it fit for ``exec``.
"""

import gc
import os
import posix
import sys


def _drive(path):
    down, up = os.pipe(), os.pipe()
    word = os.urandom(16)
    if hasattr(gc, "freeze"):  # since 3.7: what a look for garbage does not touch is not copied for the child
        gc.freeze()
    child = os.fork()
    if not child:
        os.close(down[1])
        os.close(up[0])
        _run(path, _moved(down[0], 100), _moved(up[1], 500), word)
        return
    os.close(down[0])
    os.close(up[1])
    # Nothing of the repository's is imported here, and what is comes from Python's own folder of such modules first.
    sys.path[:] = [entry for entry in sys.path if entry and not entry.startswith("/testbed")]
    sys.path.sort(key=lambda entry: not entry.endswith("lib-dynload"))
    _lock()
    token, tail, head = [part for part in sys.stdin.buffer.read().split(b"\0", 2)]
    _send(down[1], head)
    said, how = _heard(up[0], word), b"shared"
    if tail and said[:1] == b"V":
        scope = {}
        exec(LOAD(JUDGE), scope)  # noqa: F821
        said = scope["judge"](said[1:], tail, path)
        how = b"apart" if said else b"shared"
        _send(down[1], b"" if said else tail)
        said = said or _heard(up[0], word)
    elif tail and said[:1] == b"E":  # it has to be asked first
        said = b""
    status = os.waitpid(child, 0)[1]
    code = 128 + os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)
    _flush()
    os.write(1, b"\n" + token + b" " + (said[:1] if said[:1] in (b"F", b"E") else b"-") + b" " + how + b"\n")
    # Not os._exit, which a tracer of the script may have replaced: there is only the child to tell of.
    posix._exit(2 if said[:1] == b"F" else code)


def _lock():
    """Let no other process of this user read or change this one: prctl(PR_SET_DUMPABLE, 0)."""
    try:
        import _ctypes
    except ImportError:  # a Python without it: then the kernel's own rules (yama) are all there is
        return
    _ctypes.call_function(_ctypes.dlsym(_ctypes.dlopen(None, 0), "prctl"), (4, 0, 0, 0, 0))


def _moved(descriptor, least):
    """Put a descriptor under a number that nobody knows, and where no program that is started has it."""
    number = least + int.from_bytes(os.urandom(2), "big") % 400
    try:
        os.dup2(descriptor, number, False)
    except OSError:  # few descriptors are allowed here
        return descriptor
    os.close(descriptor)
    return number


def _heard(pipe, word):
    """Take what the child says; nothing where it does not begin with the child's word."""
    said = _take(pipe)
    return said[len(word) :] if said.startswith(word) else b""


def _send(pipe, data):
    data = b"%d\n" % len(data) + data
    while data:
        try:
            data = data[os.write(pipe, data) :]
        except BrokenPipeError:  # it has ended
            return


def _take(pipe):
    """Read one message: its length, a line feed, and so many bytes; empty where the other side ends first."""
    size = b""
    while not size.endswith(b"\n"):
        one = os.read(pipe, 1)
        if not one or len(size) > 8:
            return b""
        size += one
    data = b""
    while len(data) < int(size):
        more = os.read(pipe, min(65536, int(size) - len(data)))
        if not more:
            return b""
        data += more
    return data


def _flush():
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (AttributeError, ValueError, OSError):
            pass


_SCALARS = (str, bytes, int, float)
_MANY = (list, tuple, set, frozenset)
_BASES = (*_SCALARS, *_MANY, dict)
_PLAIN = {
    str: lambda value: str.join("", [value]),
    bytes: lambda value: bytes.join(b"", [value]),
    int: int.__int__,
    float: float.__float__,
}


def _sent(value, depth=0):
    """Return a value as nested tuples of plain ones, by the methods of Python's own types alone."""
    kind = type(value)
    if value is None or kind is bool:
        return ("", value, ())
    texts = (repr(value)[:5000], str(value)[:5000])
    base = next((base for base in _BASES if isinstance(value, base)), None)
    if base is None or depth > 20 or (base is float and not -_INF < _PLAIN[float](value) < _INF):
        return ("shown", None, texts)
    if base is dict:
        content = tuple([(_sent(key, depth + 1), _sent(one, depth + 1)) for key, one in dict.items(value)])
    elif base in _MANY:
        content = tuple([_sent(one, depth + 1) for one in base.__iter__(value)])
    else:
        content = _PLAIN[base](value)
    return (base.__name__, content, () if kind is base else texts)


_INF = float("inf")


def _run(path, down, up, word):
    """Be the child: run the script's first part, hand its values over, and the last part where it is told to."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    wanted, _, head = _take(down).partition(b"\n")
    with open(path, "wb") as file:
        file.write(head)

    def issue_present(*why):
        if why:
            print(*why)
        _flush()
        _send(up, word + b"F")
        os._exit(2)

    def execute(text):
        try:
            exec(compile(text, path, "exec", dont_inherit=True), names)
        except Exception as error:
            import traceback

            traceback.print_exception(type(error), error, error.__traceback__.tb_next)
            sys.exit(1)

    sys.argv, sys.path[0] = [path], os.path.dirname(path)
    names = sys.modules["__main__"].__dict__
    names["__file__"], names["issue_present"] = path, issue_present
    execute(head)
    _flush()
    if wanted:
        _send(up, word + b"V" + _values(names, wanted.decode().split()))
        tail = _take(down)
        if tail:
            execute(tail)
            _flush()
            _send(up, word + b"E")
    else:
        _send(up, word + b"E")
    _end()


def _end():
    """End as the interpreter does, but for its own tidying up: in a child that copies every page it touches."""
    if "threading" in sys.modules:
        sys.modules["threading"]._shutdown()
    import atexit

    atexit._run_exitfuncs()
    _flush()
    os._exit(0)


def _values(names, wanted):
    try:
        sent = ascii({name: _sent(names[name]) for name in wanted}).encode("ascii")
    except Exception:  # a value that cannot be shown: then it is judged here
        return b""
    return sent if len(sent) < 200000 else b""


if __name__ == "runoff":
    _drive(sys.argv[1])
