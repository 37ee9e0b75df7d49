"""``ImageSpec``: what one version of a repository is built of and tested with. Plain data, nothing of any task."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints

from environments.errors import RepositoryError

LogParser = Literal["pytest", "pytest_options", "pytest_v2", "django", "seaborn", "sympy", "matplotlib"]
"""Names of ``environments.workbench.test_logs.PYTHON``."""
Pin = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*==[A-Za-z0-9][A-Za-z0-9.!+_-]*$")]
"""An exact requirement: ``name==version``."""
DebianPackage = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9.+-]*$")]
Python = Annotated[str, StringConstraints(pattern=r"^3\.[0-9]{1,2}$")]
Line = Annotated[str, StringConstraints(pattern=r"^[^\n]+$")]
"""One line; where it is a command, bash runs it in the tree."""
Variables = Mapping[
    Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9_]*$")],
    Annotated[str, StringConstraints(pattern=r"^[\w.:/=,+-]*$")],
]


class SpecError(RepositoryError):
    """Nobody has said what such a repository or version needs. One clear line."""


class Service(BaseModel):
    """A server that the tests talk to, inside the sandbox: an environment of its own, and how it is begun."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*$")]
    requirements: tuple[Pin, ...]
    """Installed by the spec's Python into a virtual environment of the environment layer, ``/opt/services/<name>``."""
    prepare: tuple[Line, ...] = ()
    """Commands for the build of a task's image, as root in the tree, before the spec's own."""
    start: tuple[Line, ...] = ()
    """Commands for every start of a sandbox whose tests need the service, as root in ``/``; they return at once."""
    ready: tuple[int, ...] = ()
    """TCP ports of 127.0.0.1 that answer once it runs."""
    hosts: Mapping[str, str] = {}
    """Names of hosts -> the addresses that they must have inside."""
    capabilities: tuple[str, ...] = ()
    """Linux capabilities that ``start`` needs."""
    environment: Variables = {}
    """Variables that the tests need while it runs."""


class RunSpec(BaseModel):
    """How a repository's tests are run in an image of it, and who reads what they print."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    repo: str
    """``owner/name``."""
    version: str
    """``major.minor`` as the rows write it; empty: nobody says."""
    python: str = ""
    """``major.minor``; empty: the image's."""
    environment: Variables = {}
    """Variables for the tests, beside the sandbox's own."""
    test_command: str
    """One line of shell, after which the names of test files are put; empty: each row brings a script of its own."""
    log_parser: str
    """A reader's name, see ``environments.workbench.test_logs.reader``."""
    services: tuple[Service, ...] = ()


class ImageSpec(RunSpec):
    """What one version of a repository needs to be built and tested."""

    validated: bool
    """Whether an instance of this version has passed its gold patch and failed without it, with this very entry."""
    python: Python
    system_packages: tuple[DebianPackage, ...] = ()
    pins_name: str
    """Whose pins these are: a file of ``pins/``, shared by many versions."""
    pins: tuple[Pin, ...]
    complete: bool = True
    """Whether the pins name every package, so that pip resolves nothing beside them when it installs them."""
    pre_install: tuple[Line, ...] = ()
    install: Line
    """Run in the tree, with a network."""
    test_command: Line
    log_parser: LogParser
    notes: tuple[Line, ...] = ()
    """Where this is not what the official harness does, and why."""


def layer_key(spec: ImageSpec) -> str:
    """Return the name of the environment layer that a spec needs, 12 hexadecimal digits; equal keys share a layer.

    It depends on the Python and the pins, and where a spec has them on its system packages and services.
    """
    parts = [
        spec.python,
        sorted(spec.pins),
        spec.complete,
        sorted(spec.system_packages),
        [[service.name, sorted(service.requirements)] for service in spec.services],
    ]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:12]
