"""The references of published images: by a template and the instance id, or as a row names its own.

Every reference is fully qualified (podman takes no short names) and checked to its last letter, since it comes from a
data set or a user and goes into command lines, addresses and file names.
"""

from __future__ import annotations

import difflib
import re
import string
from collections.abc import Mapping

from environments.sandboxes.contract import SandboxError

TEMPLATES: Mapping[str, str] = {
    "swebench": "docker.io/swebench/sweb.eval.{arch}.{id_docker}:latest",
    "epoch": "ghcr.io/epoch-research/swe-bench.eval.{arch}.{id}:latest",
    "swegym": "docker.io/xingyaoww/sweb.eval.{arch}.{id_swegym}:latest",
    "swebench-local": "sweb.eval.{arch}.{id_lower}:latest",
}
"""Names that may stand for a template. ``swebench-local`` is what swebench 4.1's own builder calls its images."""

FIELDS: Mapping[str, str] = {
    "arch": "x86_64 or arm64",
    "id": "the instance id as the row has it",
    "id_lower": "the instance id in lower case",
    "id_docker": "in lower case, with _1776_ for each __ (SWE-bench's images on Docker Hub)",
    "id_swegym": "in lower case, with _s_ for each __ (SWE-Gym's images)",
}
"""What a template may use, in braces, and what it stands for."""

DEFAULT_TEMPLATE = "swebench"

_ARCHITECTURES = {"x86_64": "x86_64", "amd64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}
_LONGEST_NAME = 255
_LONGEST_ID = 200
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
_HOST = re.compile(r"[A-Za-z0-9]+(?:[.-]+[A-Za-z0-9]+)*(?::[0-9]{1,5})?")
_PART = re.compile(r"[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*")
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
_HUB = "docker.io"


class ImageNameError(SandboxError):
    """A template or a name from which no reference can be made. One clear line."""


def published_image(
    instance_id: str,
    *,
    named: str | None = None,
    template: str | None = None,
    arch: str = "x86_64",
    mirror: str | None = None,
) -> str:
    """Return the reference of an instance's published image, ``registry/path:tag``.

    Args:
        instance_id: the row's.
        named: the image that the row itself names (``image``, ``docker_image``, ``image_name``), if it does.
        template: what the user asks for, which goes before ``named``: a name of ``TEMPLATES``, or text with ``FIELDS``
            in braces. With neither, ``DEFAULT_TEMPLATE``.
        arch: ``x86_64`` or ``arm64``, see ``architecture``.
        mirror: ``host[:port][/path]``, to stand for the registry, whichever it is.

    Raises:
        ImageNameError: the template has an unknown field, or something is not what a reference is made of.
    """
    if template is None and named is not None:
        return qualified(named, mirror)
    return qualified(_filled(DEFAULT_TEMPLATE if template is None else template, instance_id, arch), mirror)


def architecture(machine: str) -> str:
    """Return how image names spell a machine (``platform.machine()``). Raises ImageNameError."""
    known = _ARCHITECTURES.get(machine.lower())
    if known is None:
        raise ImageNameError(f"no images are published for the machine {machine[:40]!r}, only x86_64 and arm64")
    return known


def qualified(reference: str, mirror: str | None = None) -> str:
    """Return a reference with its registry and tag written out, in the mirror's place where one is given.

    Raises ImageNameError for what is no reference of a tag, digests included: they name one build of one registry.
    """
    if len(reference) > _LONGEST_NAME:
        raise ImageNameError(f"the image name {reference[:60]!r}... has over {_LONGEST_NAME} letters: shorten it")
    if "@" in reference:
        raise ImageNameError(f"the image name {reference!r} has a digest: name a tag")
    path, colon, tag = reference.rpartition(":")
    if not colon or "/" in tag:  # the colon of a port
        path, tag = reference, "latest"
    registry, _, inner = path.partition("/")
    if not inner or not ("." in registry or ":" in registry or registry == "localhost"):
        registry, inner = _HUB, path if inner else f"library/{path}"
    if not _HOST.fullmatch(registry) or not _TAG.fullmatch(tag) or not all(map(_PART.fullmatch, inner.split("/"))):
        why = "it has capitals: {id_lower} has none" if inner != inner.lower() else "see docker's rules for names"
        raise ImageNameError(f"{reference!r} is no name of an image: {why}")
    return f"{_mirror(mirror) if mirror else registry}/{inner}:{tag}"


def _filled(template: str, instance_id: str, arch: str) -> str:
    if len(instance_id) > _LONGEST_ID or not _ID.fullmatch(instance_id):
        raise ImageNameError(f"{instance_id[:60]!r} is no instance id that an image could be named after")
    text = TEMPLATES.get(template, template)
    lower = instance_id.lower()
    values = {
        "arch": architecture(arch),
        "id": instance_id,
        "id_lower": lower,
        "id_docker": lower.replace("__", "_1776_"),
        "id_swegym": lower.replace("__", "_s_"),
    }
    return "".join(before + (values[field] if field is not None else "") for before, field in _pieces(text))


def _pieces(template: str) -> list[tuple[str, str | None]]:
    """Return a template's literal texts, each with the field that follows it."""
    try:
        parsed = list(string.Formatter().parse(template))
    except ValueError as error:
        raise ImageNameError(f"the image template {template[:100]!r} cannot be read: {error}") from None
    for _, field, form, conversion in parsed:
        if field is not None and (field not in FIELDS or form or conversion):
            close = difflib.get_close_matches(field, FIELDS, n=1)
            known = ", ".join(f"{{{name}}}" for name in FIELDS)
            hint = f"did you mean {{{close[0]}}}?" if close else f"known are {known}"
            raise ImageNameError(f"the image template {template[:100]!r} has the unknown field {field[:40]!r}: {hint}")
    if not any(field and field.startswith("id") for _, field, _, _ in parsed):
        names = ", ".join(TEMPLATES)
        raise ImageNameError(f"the image template {template[:100]!r} names no instance: write {{id}}, or {names}")
    return [(before, field) for before, field, _, _ in parsed]


def _mirror(mirror: str) -> str:
    host, slash, path = mirror.removesuffix("/").partition("/")
    if not _HOST.fullmatch(host) or (slash and not all(map(_PART.fullmatch, path.split("/")))):
        raise ImageNameError(f"the registry mirror {mirror[:100]!r} is not written as host[:port][/path]")
    return f"{host}/{path}" if path else host
