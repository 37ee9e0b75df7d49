"""What agents may know of a task. Grading data (gold patch, test lists, recipes) has no place here."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict

from environments.text import readable


class EnvironmentSpec(BaseModel):
    """What a repository needs to run."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    python: str = "3.11"
    """Minor version of CPython, ``major.minor``."""
    packages: tuple[str, ...] = ()
    """Pinned requirements (``name==version``) installed beside the repository, pytest included."""
    python_path: tuple[str, ...] = (".",)
    """Folders of the tree, relative to its root, that go on PYTHONPATH."""
    test_paths: tuple[str, ...] = ()
    """Files or folders handed to pytest; empty means pytest's own collection."""
    test_args: tuple[str, ...] = ()
    """Further pytest arguments."""
    test_command: str = ""
    """The repository's own way to run tests, a line of shell that gets ``test_paths`` at its end; empty: pytest."""
    log_parser: str = ""
    """Who reads what ``test_command`` prints: a name of ``environments.workbench.test_logs.READERS``."""
    dockerfile: str = ""
    """A Dockerfile of the repository, relative to its root, which makes its environment in place of ``python`` and
    ``packages``; empty: none."""


class Task(BaseModel):
    """One issue to resolve, as agents, verifiers and selection see it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    instance_id: str
    repo: str
    """``owner/name`` or a distribution name."""
    base_commit: str
    problem_statement: Annotated[str, AfterValidator(readable)]
    environment: EnvironmentSpec = EnvironmentSpec()
