"""Images for the tests of Docker: a base from Debian's packages, made once, and on it the contract's tree."""

import atexit
import io
import os
import shutil
import subprocess
import tarfile
from pathlib import Path

from sandbox_contract import make_tree

from environments.sandboxes.contract import SandboxError
from environments.sandboxes.docker import connect

BASE = "runoff/test-base:1"
WHY_NOT = "no Docker engine answers here (.ci/run installs and starts one)"
_BOOTSTRAP = Path(__file__).parents[2] / "docker" / "bootstrap.sh"


def possible():
    try:
        connect()
    except SandboxError:
        return False
    return True


def base():
    """Return a small image with bash, git and python3; bootstrapped from Debian's packages the first time."""
    if not connect().api.images(BASE):
        subprocess.run([_BOOTSTRAP, "--packages", "git,python3", BASE], check=True)
    return BASE


def with_tree(folder):
    """Return an image with the contract's tree; everything that a command may want to change is its user's."""
    tree = folder / "testbed"
    tree.mkdir()
    make_tree(tree)
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as packed:
        packed.add(tree, "testbed", filter=_users)
    (folder / "tree.tar").write_bytes(archive.getvalue())
    shutil.rmtree(tree)
    (folder / "Dockerfile").write_text(f"FROM {base()}\nADD tree.tar /\nRUN chown 1000:1000 / /testbed /bin/sh\n")
    name = f"runoff/test-tree:{os.getpid()}-{folder.name}"
    atexit.register(lambda: connect().api.remove_image(name, force=True))
    return _build(folder, name)


def empty():
    """Return an image with nothing to run in it."""
    api = connect().api
    if not api.images("runoff/test-empty:1"):
        archive = io.BytesIO()
        with tarfile.open(fileobj=archive, mode="w") as packed:
            packed.addfile(tarfile.TarInfo("nothing"))
        api.import_image_from_data(archive.getvalue(), repository="runoff/test-empty", tag="1")
    return "runoff/test-empty:1"


def _users(entry):
    entry.uid = entry.gid = 1000
    return entry


def _build(folder, name):
    said = list(connect().api.build(path=str(folder), tag=name, rm=True, forcerm=True, decode=True))
    assert not any("error" in line for line in said), said
    return name
