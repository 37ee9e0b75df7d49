"""A project that is a folder of a larger repository: what it declares holds, its tests are run, in the whole tree."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path, PurePosixPath

from swebench_runs.checkouts.project_environment.inference import ProjectEnvironment, read_environment
from swebench_runs.checkouts.project_environment.own_file import own_environment


def read_project(root: Path, given: Path, dockerfile: str = "") -> ProjectEnvironment:
    """Read the environment of a checkout in which the user named a folder, as ``read_environment`` does.

    Where that folder lies below the root and declares something itself, it is the project: its packages are installed
    and imported from it, and its tests alone are the existing ones. What the user or the root's ``runoff.yaml`` says
    comes first.
    """
    here = given.resolve()
    if dockerfile or here == root or not here.is_relative_to(root) or own_environment(root) is not None:
        return read_environment(root, dockerfile)
    found = read_environment(here)
    return _below(found, here.relative_to(root).as_posix()) if found.sources else read_environment(root)


def _below(found: ProjectEnvironment, folder: str) -> ProjectEnvironment:
    """Return an environment with paths as the larger tree has them."""

    def inside(path: str) -> str:
        return str(PurePosixPath(folder, path))

    spec = found.spec.model_copy(
        update={
            "python_path": (*map(inside, found.spec.python_path), "."),
            "test_paths": tuple(map(inside, found.spec.test_paths)) or (folder,),
        }
    )
    return replace(found, spec=spec, sources=tuple(map(inside, found.sources)))
