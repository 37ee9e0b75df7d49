"""Class 4: what a sandbox's own tar wrote is read within bounds: an image brings the program."""

import gzip
import io
import tarfile
from types import SimpleNamespace

import pytest

from environments.sandboxes import read_many as module
from environments.sandboxes.contract import SandboxError
from environments.sandboxes.read_many import read_many


def sandbox(archive):
    done = SimpleNamespace(exit_code=0, text="")
    return SimpleNamespace(write=lambda *_: None, run=lambda *_, **__: done, read=lambda _: archive)


def archive(*entries):
    with io.BytesIO() as file:
        with tarfile.open(fileobj=file, mode="w") as made:
            for name, content in entries:
                entry = tarfile.TarInfo(name)
                entry.size = len(content)
                made.addfile(entry, io.BytesIO(content))
        return file.getvalue()


def of_holes(size):
    """Return an archive of one file of holes alone, as GNU tar writes them (its old form): half a KiB for any size."""
    head = bytearray(tarfile.TarInfo("a.py").tobuf(tarfile.GNU_FORMAT))
    head[156:157] = tarfile.GNUTYPE_SPARSE
    head[386:398] = b"%011o\0" % size  # one piece, of no bytes, at its end
    head[398:410] = b"%011o\0" % 0
    head[483:495] = b"%011o\0" % size
    head[148:156] = b" " * 8
    head[148:156] = b"%06o\0 " % sum(head)
    return bytes(head) + b"\0" * 1024


def test_files_are_those_that_were_asked_for():
    assert read_many(sandbox(archive(("b.py", b"2"), ("a.py", b"1"), ("c", b"3"))), ["a.py", "b.py", "no"]) == {
        "a.py": b"1",
        "b.py": b"2",
    }


def test_what_is_packed_smaller_or_holds_holes_is_refused(monkeypatch):
    monkeypatch.setattr(module, "MAX_READ", 1 << 20)
    for bomb in (gzip.compress(archive(("a.py", b"x" * 100))), of_holes(2 << 20), b"no archive", b""):
        with pytest.raises(SandboxError, match="cannot be read"):
            read_many(sandbox(bomb), ["a.py"])
