"""A small task for the vote matrix, once as an image and once as that image's files for bubblewrap."""

from __future__ import annotations

import io
import os
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from environments.sandboxes.bubblewrap import BubblewrapSandbox
from environments.sandboxes.contract import SandboxError
from environments.sandboxes.docker import DockerSandbox, connect
from environments.sandboxes.docker.engine import engine_errors
from environments.sandboxes.docker.labels import labels
from environments.sandboxes.docker.unpacked import unpacked
from environments.task import EnvironmentSpec, Task
from environments.trees.worktree import one_commit
from verifiers.ballot import Candidate

RUN_ID = "bench"
_FILE = "module.py"
_SOURCE = "VALUE = 0\n"
_OTHERS = 40
"""Modules beside the one that patches change."""


@dataclass(frozen=True)
class MatrixTask:
    """The task and where it can be opened."""

    task: Task
    image: str
    """An image with the tree at /testbed."""
    cache: Path
    """Where its files are unpacked."""

    @contextmanager
    def bubblewrap(self) -> Iterator[BubblewrapSandbox]:
        """Open bubblewrap over the image's files."""
        with (
            unpacked(connect(), self.image, self.cache) as files,
            BubblewrapSandbox.create([files.path], environment=files.environment, run_id=RUN_ID) as base,
        ):
            yield base

    @contextmanager
    def docker(self) -> Iterator[DockerSandbox]:
        """Open a container of the image."""
        with DockerSandbox.create(self.image, run_id=RUN_ID) as base:
            yield base


@contextmanager
def made_task(folder: Path, image: str) -> Iterator[MatrixTask]:
    """Make the tree and its image on ``image``; both are gone after the block.

    Raises:
        SandboxError: no engine answers, it lacks the image, or cannot build.
    """
    tree = folder / "tree"
    tree.mkdir()
    (tree / _FILE).write_text(_SOURCE)
    for number in range(_OTHERS):
        (tree / f"other_{number}.py").write_text("def nothing():\n    return None\n" * 20)
    commit = one_commit(tree, folder / "laid")
    task = Task(instance_id="bench-1", repo="bench", base_commit=commit, problem_statement="It is slow.")
    name = f"runoff/bench-matrix:{os.getpid()}"
    try:
        _build(image, folder / "laid", name)
        yield MatrixTask(task.model_copy(update={"environment": EnvironmentSpec()}), name, folder / "cache")
    finally:
        _remove(name)


def candidate(number: int) -> Candidate:
    """Return a candidate whose patch is like no other's."""
    patch = (
        f"diff --git a/{_FILE} b/{_FILE}\n--- a/{_FILE}\n+++ b/{_FILE}\n@@ -1 +1 @@\n-VALUE = 0\n+VALUE = {number}\n"
    )
    return Candidate(id=f"c{number}", patch=patch)


def _build(image: str, laid: Path, name: str) -> None:
    engine = connect()
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tree:
        tree.add(laid, "testbed", filter=_users)
    with engine_errors(f"look for the image {image}"):
        engine.api.inspect_image(image)
    lines = f"FROM {image}\nADD tree.tar /\nRUN ln -sf $(command -v python3) /usr/local/bin/python\n"
    context = io.BytesIO()
    with tarfile.open(fileobj=context, mode="w") as archive:
        for path, content in (("Dockerfile", lines.encode()), ("tree.tar", packed.getvalue())):
            entry = tarfile.TarInfo(path)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    context.seek(0)
    with engine_errors(f"build {name}"):
        said = engine.api.build(
            fileobj=context,
            custom_context=True,
            tag=name,
            labels=labels(RUN_ID),
            rm=True,
            forcerm=True,
            decode=True,
        )
        wrong = next((str(line["error"]) for line in said if "error" in line), None)
    if wrong:
        raise SandboxError(f"the image of the bench could not be built: {wrong}")


def _remove(name: str) -> None:
    from docker.errors import ImageNotFound

    with engine_errors(f"remove {name}"):
        try:
            connect().api.remove_image(name, force=True)
        except ImageNotFound:
            return


def _users(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    entry.uid = entry.gid = 1000
    return entry
