"""What each layer of an image is built from: pure functions from specs to build contexts, with nothing of any engine.

Layers stand on one another: base, python, environment, task. A layer's tag is a hash of all that goes into it, the tag
below included, so that equal tags are equal recipes and whatever has a tag already need not be built. The Dockerfiles
lie in the project's folder ``docker/``, to which ``dockerfiles`` here leads.
"""

from __future__ import annotations

import hashlib
import json
import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Literal, Self

from environments.sandboxes.contract import SandboxError
from environments.sandboxes.fresh_git import CONFIG, IDENTITY, MESSAGE, RAW_BYTES
from environments.sandboxes.inside import UID
from environments.specs.spec import ImageSpec, layer_key

Layer = Literal["base", "python", "environment", "task"]

DEFAULT_BASE = "debian:bookworm-slim"
LAYER_LABEL = "dev.runoff.layer"
"""Label: which layer an image is. Only images that Runoff built have it."""

_FOLDER = files("environments.images") / "dockerfiles"
_SUITES = {"3.6": "bullseye"}
"""Debian suites of registries' CPythons where they are not bookworm."""
_OLD_INSTALLERS = {"3.6": ("21.3.1", "59.6.0", "0.37.1"), "3.7": ("24.0", "68.0.0", "0.42.0")}
_INSTALLERS = ("24.2", "75.1.0", "0.44.0")
"""pip, which still installs what only has a setup.py, setuptools and wheel; the newest that old CPythons take. Without
wheel, pip builds a setup.py in an environment of its own, whose setuptools keeps an editable tree off ``sys.path``."""
_TAG = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_+-]|[./](?=[A-Za-z0-9_+-]))*")


class BuildRecipeError(SandboxError):
    """Something is not what an image can be built from. One clear line."""


@dataclass(frozen=True)
class ContextFile:
    """A file of a build context."""

    name: str
    """Its path in the context."""
    content: bytes | Path
    """Its bytes, or where they are."""
    sha256: str
    """Of the bytes; goes into the layer's tag."""

    @classmethod
    def of(cls, name: str, content: bytes | str) -> Self:
        """Make one of bytes, or of text as UTF-8."""
        data = content.encode() if isinstance(content, str) else content
        return cls(name, data, hashlib.sha256(data).hexdigest())


@dataclass(frozen=True)
class BuildRecipe:
    """All that an engine needs to build one layer."""

    layer: Layer
    dockerfile: str
    """Text of the Dockerfile."""
    files: tuple[ContextFile, ...]
    """The rest of the build context."""
    build_args: Mapping[str, str]
    labels: Mapping[str, str]

    @property
    def tag(self) -> str:
        """The image's reference, ``runoff/<layer>:<12 hexadecimal digits>``: equal for equal recipes alone."""
        contents = sorted((file.name, file.sha256) for file in self.files)
        parts = [self.dockerfile, contents, sorted(self.build_args.items()), sorted(self.labels.items())]
        return f"runoff/{self.layer}:{hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:12]}"


def base_recipe(base_image: str = DEFAULT_BASE, certificates: Mapping[str, bytes] | None = None) -> BuildRecipe:
    """Return the layer below every Python.

    Args:
        base_image: a Debian, of a registry or made by ``docker/bootstrap.sh``.
        certificates: name of a ``.crt`` file -> certificate authorities (PEM) that downloads are checked by, beside the
            usual ones.

    Raises:
        BuildRecipeError: a certificate's name is no plain ``.crt`` file.
    """
    context = [ContextFile.of("ca/.keep", b"")]  # builders refuse to copy a folder that is not there
    for name, content in sorted((certificates or {}).items()):
        if not re.fullmatch(r"[\w-][\w.-]*\.crt", name, re.ASCII):
            raise BuildRecipeError(f"the certificate file {name[:100]!r} must be called NAME.crt (letters, digits)")
        context.append(ContextFile.of(f"ca/{name}", content))
    return _recipe("base", context, {"BASE_IMAGE": base_image}, {})


def python_recipe(python: str, base: str, python_image: str | None = None) -> BuildRecipe:
    """Return the layer of a CPython.

    Args:
        python: ``major.minor``.
        base: tag of the base layer.
        python_image: an image with that CPython in /usr/local, of a Debian like the base's; by default a registry's.
    """
    pip, setuptools, wheel = _OLD_INSTALLERS.get(python, _INSTALLERS)
    arguments = {
        "BASE_IMAGE": base,
        "PYTHON_IMAGE": python_image or f"python:{python}-slim-{suite(python)}",
        "PIP": pip,
        "SETUPTOOLS": setuptools,
        "WHEEL": wheel,
    }
    context = [ContextFile.of("constraints.txt", _text("constraints.txt"))]
    return _recipe("python", context, arguments, {"python": python})


def suite(python: str) -> str:
    """Return the Debian suite that a registry's images of a CPython are made for, and that the base must be."""
    return _SUITES.get(python, "bookworm")


def environment_recipe(spec: ImageSpec, python: str) -> BuildRecipe:
    """Return the layer of packages that all tasks with the same ``layer_key`` share.

    ``python``: tag of the layer of the spec's CPython.
    """
    context = [ContextFile.of("environment/pins.txt", _lines(sorted(spec.pins)))]
    for service in spec.services:
        context.append(ContextFile.of(f"environment/services/{service.name}.txt", _lines(sorted(service.requirements))))
    arguments = {
        "BASE_IMAGE": python,
        "SYSTEM_PACKAGES": " ".join(sorted(spec.system_packages)),
        "PIP_OPTIONS": "--no-deps" if spec.complete else "",
    }
    labels = {"python": spec.python, "environment": layer_key(spec), "pins": spec.pins_name}
    return _recipe("environment", context, arguments, labels)


def task_recipe(
    spec: ImageSpec, environment: str, *, instance_id: str, base_commit: str, tree: ContextFile, tag: str | None = None
) -> BuildRecipe:
    """Return the layer of one task: its tree, set up, as one commit.

    Args:
        spec: what its version needs.
        environment: tag of the environment layer.
        instance_id: for the label.
        base_commit: for the label.
        tree: ``testbed.tar``, as ``write_tree_tar`` writes it.
        tag: name of a tag for the one commit, for packages that take their version from it; the nearest one that the
            base commit had.

    Raises:
        BuildRecipeError: ``tag`` is not a name that a tag can safely have, or ``tree`` has another name.
    """
    if tag is not None and (len(tag) > 100 or not _TAG.fullmatch(tag) or tag.endswith(".lock") or ".lock/" in tag):
        raise BuildRecipeError(f"{tag[:100]!r} is not a tag that a task's commit can have: leave it out")
    if tree.name != "testbed.tar":
        raise BuildRecipeError(f"the archive of a task's tree must be called testbed.tar, not {tree.name[:100]!r}")
    prepare = [line for service in spec.services for line in service.prepare]
    texts = {
        "commands": _lines([*prepare, *spec.pre_install, spec.install]),
        "variables": _assignments(spec.environment),
        "tag": tag or "",
    }
    context = [tree, *_set_up_files(texts)]
    labels = {
        "instance": instance_id,
        "repository": spec.repo,
        "version": spec.version,
        "base-commit": base_commit,
        "environment": layer_key(spec),
    }
    return _recipe("task", context, {"BASE_IMAGE": environment}, labels)


def packages_recipe(packages: Sequence[str], python: str, below: str) -> BuildRecipe:
    """Return the layer of a checkout's own packages: requirements that pip resolves.

    ``python``: its version, for the label; ``below``: tag of that CPython's layer.
    """
    context = [ContextFile.of("environment/pins.txt", _lines(sorted(packages)))]
    arguments = {"BASE_IMAGE": below, "SYSTEM_PACKAGES": "", "PIP_OPTIONS": ""}
    return _recipe("environment", context, arguments, {"python": python})


def checkout_recipe(below: str, tree: ContextFile, *, work: str, names: Sequence[str]) -> BuildRecipe:
    """Return the last layer of a checkout's image: its tree, in the place of what the image below has of it.

    Args:
        below: the image that its Dockerfile or its packages came to.
        tree: ``testbed.tar``, as ``write_tree_tar`` writes it.
        work: the folder that the image below works in.
        names: what the tree has at its top.
    """
    texts = {"commands": "", "variables": "", "tag": "", "work": work, "names": _lines(sorted(names))}
    context = [tree, *_set_up_files(texts), ContextFile.of("set_up/take_over.sh", _text("take_over.sh"))]
    return _recipe("task", context, {"BASE_IMAGE": below}, {}, dockerfile="checkout")


def _set_up_files(texts: Mapping[str, str]) -> list[ContextFile]:
    """Return what ``set_up.sh`` makes a tree one commit with; ``texts``: what differs, ``commands`` and others."""
    always = {
        "set_up.sh": _text("set_up.sh"),
        "config": CONFIG,
        "attributes": RAW_BYTES,
        "identity": _assignments(IDENTITY),
        "message": MESSAGE,
        "owner": str(UID),
    }
    return [ContextFile.of(f"set_up/{name}", content) for name, content in {**always, **texts}.items()]


def _recipe(
    layer: Layer,
    context: Sequence[ContextFile],
    arguments: Mapping[str, str],
    about: Mapping[str, str],
    *,
    dockerfile: str | None = None,
) -> BuildRecipe:
    """Return a layer's recipe; ``dockerfile``: the name of its Dockerfile, where that is not the layer's."""
    labels = {LAYER_LABEL: layer, **{f"dev.runoff.{name}": value for name, value in about.items()}}
    return BuildRecipe(layer, _text(f"{dockerfile or layer}.Dockerfile"), tuple(context), dict(arguments), labels)


def _text(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")


def _lines(lines: Sequence[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def _assignments(variables: Mapping[str, str]) -> str:
    return _lines([f"{name}={shlex.quote(value)}" for name, value in variables.items()])
