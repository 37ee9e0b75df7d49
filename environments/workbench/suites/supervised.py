"""One run of pytest under the eyes of a process that never imports the code under test, and the record that it kept.

See ``supervisor`` for what it holds and what it does not.
"""

from __future__ import annotations

import io
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from xml.sax.saxutils import unescape

from environments.sandboxes.contract import Result, Sandbox, UnreadableFile
from environments.task import EnvironmentSpec
from environments.workbench.scripts.script_runner import python_command
from environments.workbench.scripts.start import TAKE
from environments.workbench.suites.junit import MAX_REPORT
from environments.workbench.tests_at_once import TURNS

_TEXTS = [Path(__file__).with_name(f"{name}.py").read_bytes() for name in ("supervisor", "telling_plugin")]
_PROGRAM = f"""
{TAKE}exec(take({len(_TEXTS[0])}), {{"__name__": "runoff", "PLUGIN": take({len(_TEXTS[1])})}})
"""
PROGRAM = f"exec({_PROGRAM!r}, {{}})"
"""For ``python -c``: it reads what ``asked`` gives."""
_SAID = re.compile(r"<(ended|exit|changed) (?:code|name)=(['\"])(.*)\2/>")


@dataclass(frozen=True)
class Told:
    """What one run told, by the supervisor's record."""

    result: Result
    pieces: bytes
    """Elements as of pytest's own report, a line each: a test that ended, one that began (``started``)."""
    problem: str = ""
    """Why the record is not to be believed, or is none; empty where it is whole as far as it goes."""
    ended: bool = False
    """The run came to its own end, and ended as the kernel says that it did."""
    changed: tuple[str, ...] = ()
    """Functions and classes of the test runner, and of what is built in, that became others while it ran."""

    @property
    def report(self) -> bytes:
        """The pieces as one document."""
        return b"<testsuites>" + self.pieces + b"</testsuites>"


def asked(secret: str, record: str, words: Sequence[str]) -> bytes:
    """Return the standard input of a run: ``record`` is the file that the supervisor keeps."""
    rest = "\0".join([secret, record, *words]).encode("utf-8", "surrogateescape")
    return b"".join(_TEXTS) + rest


def run_supervised(
    sandbox: Sandbox, spec: EnvironmentSpec, words: Sequence[str], *, timeout: float, variables: str = ""
) -> Told:
    """Run ``pytest WORDS`` in a sandbox.

    ``variables``: further ones of its environment, as sh sets them. ``timeout``: in seconds.
    """
    secret, record = secrets.token_hex(32), f"/tmp/runoff-{secrets.token_hex(16)}"
    command = python_command(spec, "-c", PROGRAM, variables=variables)
    with TURNS.turn():
        result = sandbox.run(command, timeout=timeout, stdin=asked(secret, record, words))
    try:
        content = sandbox.read(record)
    except FileNotFoundError:
        return Told(result, b"", "no record was kept")
    except UnreadableFile:
        return Told(result, b"", "the record of the run is no file that can be read")
    return read_record(content, secret, result)


def read_record(content: bytes, secret: str, result: Result) -> Told:
    """Read the supervisor's record, as far as it is signed."""
    if len(content) > MAX_REPORT:
        return Told(result, b"", f"the record of the run holds over {MAX_REPORT >> 20} MiB")
    kept, last = list[bytes](), b""
    for line in io.BytesIO(content):  # one by one: of millions only the first that is not signed is looked at
        if not line.endswith(b"\n"):
            break
        signature, _, piece = line[:-1].partition(b" ")
        last = blake2b(last + piece, key=secret.encode(), digest_size=16).hexdigest().encode()
        if signature != last:
            return Told(result, b"", "somebody has written into the record of the run")
        kept.append(piece)
    if any(piece.startswith(b"<forged") for piece in kept):
        return Told(result, b"", "somebody else has spoken in the test runner's place")
    said = [found for piece in kept if (found := _SAID.fullmatch(piece.decode("utf-8", "replace")))]
    codes = [[one[3] for one in said if one[1] == tag] for tag in ("ended", "exit")]
    internal = any(piece.startswith(b"<internal") for piece in kept)
    ended = len(codes[0]) == 1 and codes[0] == codes[1] and not internal
    changed = tuple(dict.fromkeys(unescape(one[3], {"&quot;": '"'}) for one in said if one[1] == "changed"))
    return Told(result, b"\n".join(kept), "", ended, changed)
