"""Reads many files of a sandbox's tree by one command."""

from __future__ import annotations

import io
import os
import tarfile
from collections.abc import Sequence

from environments.sandboxes.contract import Sandbox, SandboxError
from environments.sandboxes.file_commands import MAX_READ

_FOLDER = "/tmp/runoff"


def read_many(sandbox: Sandbox, paths: Sequence[str]) -> dict[str, bytes]:
    """Return path -> bytes of those that are regular files, in the order of ``paths`` (relative to the tree's root).

    Links are left out: what they lead to may have no end, or not be there. Raises SandboxError.
    """
    names, archive = f"{_FOLDER}/names", f"{_FOLDER}/files.tar"
    sandbox.write(names, b"".join(os.fsencode(path) + b"\0" for path in paths))
    result = sandbox.run(["tar", "-c", "--hard-dereference", "--null", "-T", names, "-f", archive])
    if result.exit_code != 0:
        raise SandboxError(f"the files of the tree cannot be read: {result.text.strip()[-300:]}")
    try:
        found = _unpacked(sandbox.read(archive))
    except tarfile.TarError as error:
        raise SandboxError(f"the files of the tree cannot be read: {error}") from error
    return {path: found[path] for path in paths if path in found}


def _unpacked(archive: bytes) -> dict[str, bytes]:
    """Read what the sandbox's own tar wrote, which may be anything: packed smaller, or files of holes alone."""
    found: dict[str, bytes] = {}
    left = MAX_READ
    with tarfile.open(fileobj=io.BytesIO(archive), mode="r:") as files:
        for entry in files:
            left -= entry.size
            if left < 0:
                raise tarfile.TarError(f"they hold over {MAX_READ >> 20} MiB")
            content = files.extractfile(entry) if entry.isfile() else None
            if content is not None:
                found[entry.name] = content.read()
    return found
