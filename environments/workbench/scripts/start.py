"""How ``driver`` is started inside a sandbox: a short program, and what it reads first.

Compiling takes longer than a fork, so that a Python of this version is sent what is compiled here. It is sent on
standard input, since an argument of this size takes Python longer to read than a fork, and a file would cost a
sandboxed command of its own; and read to the byte, so that nothing of what follows (the run's token) is in a buffer
when the process doubles. All is done in names of its own, so that the script's are all its own.
"""

from __future__ import annotations

import marshal
from pathlib import Path
from typing import NamedTuple

_TEXTS = [Path(__file__).with_name(f"{name}.py").read_bytes() for name in ("driver", "value_judge")]
_CODE = [marshal.dumps(compile(text, "<runoff>", "exec")) for text in _TEXTS]
TAKE = """
import os
def take(size):
    data = b""
    while len(data) < size:
        more = os.read(0, size - len(data))
        if not more:
            raise EOFError("what comes first on the input was cut off")
        data += more
    return data
"""
"""Python for ``python -c``: what reads so many bytes of the standard input, and none more."""
_PROGRAM = """
{take}
{load}
exec(load(take({driver})), {{"__name__": "runoff", "LOAD": load, "JUDGE": take({judge})}})
"""


class Start(NamedTuple):
    """What starts the driver."""

    program: str
    """For ``python -c``."""
    sent: bytes
    """What comes first on its standard input, before what the driver itself reads."""


def start_of(*, same_python: bool) -> Start:
    """Return what starts the driver; ``same_python``: on a Python of the version that runs here."""
    return _START[same_python]


def _start(load: str, sent: list[bytes]) -> Start:
    driver, judge = map(len, sent)
    program = _PROGRAM.format(take=TAKE, load=load, driver=driver, judge=judge)
    return Start(f"exec({program!r}, {{}})", b"".join(sent))


_START = {True: _start("from marshal import loads as load", _CODE), False: _start("load = bytes", _TEXTS)}
