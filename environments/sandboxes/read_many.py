"""Reads many files of a sandbox's tree by one command."""

from __future__ import annotations

import io
import os
import tarfile
from collections.abc import Sequence

from environments.sandboxes.contract import Sandbox, SandboxError

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
    found: dict[str, bytes] = {}
    with tarfile.open(fileobj=io.BytesIO(sandbox.read(archive))) as files:
        for entry in files:
            content = files.extractfile(entry) if entry.isfile() else None
            if content is not None:
                found[entry.name] = content.read()
    return {path: found[path] for path in paths if path in found}
