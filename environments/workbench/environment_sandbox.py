"""The sandbox of a tree on this host: its Python, its packages, and the byte code that every run of pytest imports.

The byte code is made once for an environment. Without it a Python compiles some 300 modules each time that it starts
pytest, since what lies beside their sources is not read (``forks.bytecode``).
"""

from __future__ import annotations

import hashlib
import io
import logging
import tarfile
import tempfile
from pathlib import Path

from environments.sandboxes.bubblewrap import BubblewrapSandbox, host_root
from environments.sandboxes.bubblewrap.host_root import SITE_PACKAGES, find_python
from environments.sandboxes.contract import WORKTREE, Limits, Sandbox, SandboxError
from environments.task import EnvironmentSpec
from environments.trees.archives import extract
from environments.workbench.forks.bytecode import CACHE, compile_packages
from environments.workbench.python_env import cache_folder, made_once, site_packages

_PACKED = "/tmp/bytecode.tar"
_PACK = ("tar", "-C", CACHE, "-cf", _PACKED, ".")

_log = logging.getLogger(__name__)


def environment_sandbox(
    layer: Path, spec: EnvironmentSpec, *, run_id: str, limits: Limits | None = None, cache: Path | None = None
) -> BubblewrapSandbox:
    """Return a new sandbox over a layer that holds a tree; the caller closes it.

    Installs the environment's packages the first time. Raises PythonEnvironmentError and SandboxError, each in one
    line that says what to do.
    """
    packages = site_packages(spec, cache)
    below: list[Path] = []
    if spec.packages:
        try:
            below = [_bytecode(packages, spec, cache_folder(cache) / "bytecode", run_id)]
        except (SandboxError, tarfile.TarError, OSError) as error:
            _log.warning("no byte code of the environment is kept, each run compiles for itself: %s", error)
    return _sandbox([*below, layer], packages, spec, run_id, limits)


def _sandbox(
    layers: list[Path], packages: Path, spec: EnvironmentSpec, run_id: str, limits: Limits | None = None
) -> BubblewrapSandbox:
    binds, root = {SITE_PACKAGES: packages}, host_root(spec.python)
    return BubblewrapSandbox.create(layers, binds=binds, root=root, run_id=run_id, limits=limits)


def _bytecode(packages: Path, spec: EnvironmentSpec, shelf: Path, run_id: str) -> Path:
    """Return the layer that holds an environment's byte code: made by a run in a sandbox of its own, the first time."""
    python = find_python(spec.python)
    made_for = hashlib.sha256(f"{python} {python.stat().st_mtime_ns}".encode()).hexdigest()[:8]

    def fill(staged: Path) -> None:
        with tempfile.TemporaryDirectory() as temporary:
            (Path(temporary) / WORKTREE.strip("/")).mkdir()
            with _sandbox([Path(temporary)], packages, spec, run_id) as sandbox:
                compile_packages(sandbox)
                _unpack(sandbox, staged)

    return made_once(shelf / f"{packages.name}-{made_for}", fill)


def _unpack(sandbox: Sandbox, layer: Path) -> None:
    """Copy the byte code that a sandbox holds into a layer, where each sandbox over it finds it."""
    packed = sandbox.run(_PACK, cwd="/")
    if packed.exit_code != 0:
        raise SandboxError(f"it cannot be packed: {packed.text}")
    goal = layer / CACHE.strip("/")
    goal.mkdir(parents=True)
    (layer / "tmp").chmod(0o1777)
    with tarfile.open(fileobj=io.BytesIO(sandbox.read(_PACKED))) as archive:
        extract(archive, goal)
