"""A stranger's Dockerfile, read by a parser and allowed instruction by instruction; what was read is what is built.

The engine's builder runs commands in containers, but fetches by itself, in the network of the host. So only
instructions of a list pass, and none that has the engine fetch anything but a base image. The engine gets the text that
is written here, one instruction a line, never the stranger's own: two readers of one text need not agree.
"""

from __future__ import annotations

import io
import json
import re

from dockerfile_parse import DockerfileParser

from environments.errors import DataError

_FREE = {
    *("ARG", "CMD", "ENTRYPOINT", "ENV", "EXPOSE", "HEALTHCHECK", "LABEL", "MAINTAINER"),
    *("SHELL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR"),
}
"""Instructions that only say something of the image."""
_NAME = re.compile(r"[\w.*?/-][\w.*?/+-]*")
"""A file that is written out: no URL, no variable, no name of a repository on a server."""
_STAGE = re.compile(r"[\w.-]+")
_BASE = re.compile(r"(?P<image>(?:[\w./:@-]|\$\w+|\$\{\w+\})+)(?:\s+AS\s+(?P<stage>[\w.-]+))?", re.IGNORECASE)
_OWNER = re.compile(r"--(?:chown|chmod)=[\w:.-]+")


class DockerfileError(DataError):
    """A Dockerfile holds what is refused. One clear line, printable."""


def strict_dockerfile(content: bytes, name: str) -> str:
    """Return the text to build by; ``name``: of the file, for messages.

    Raises:
        DockerfileError: an instruction is not on the list, or has the engine fetch something.
    """
    parser = DockerfileParser(fileobj=io.BytesIO(content.decode("utf-8", errors="replace").encode()))
    stages: set[str] = set()
    lines = []
    for step in parser.structure:
        word, value = step["instruction"], " ".join(step["value"].split())
        if word == "COMMENT":
            if re.match(r"(escape|syntax)\s*=", value, re.IGNORECASE):
                raise DockerfileError(f"{name}: the directives `# escape=` and `# syntax=` are refused: leave them out")
            continue
        if why := _objection(word, value, stages):
            shown = "".join(c if c.isprintable() else "?" for c in f"{word} {value}")
            raise DockerfileError(f"{name}: {shown[:100]!r} is refused: {why}")
        lines.append(f"{word} {value}\n")
    return "".join(lines)


def base_images(text: str) -> list[str]:
    """Return what the stages of a text of ``strict_dockerfile`` stand on: images of a registry, or of the engine.

    Raises:
        DockerfileError: a variable is left in one, so nobody can tell which it is.
    """
    parser = DockerfileParser(fileobj=io.BytesIO(text.encode()))
    steps = [_BASE.fullmatch(step["value"]) for step in parser.structure if step["instruction"] == "FROM"]
    stages = {found["stage"] for found in steps if found}
    images = [image for image in parser.parent_images if image not in stages and image != "scratch"]
    for image in images:
        if not image or "$" in image:
            raise DockerfileError(f"FROM {image}: give each of its arguments a default")
    return images


def _objection(word: str, value: str, stages: set[str]) -> str:
    """Return why an instruction is refused and what to do, empty if it is not; notes the names of stages."""
    if not value or value.endswith("\\") or not value.isprintable() or "<<" in value.split(" ")[0]:
        return "write it on lines of its own, without control characters and here-documents"
    if word == "FROM":
        found = _BASE.fullmatch(value)
        if found is None:
            return "write FROM image, or FROM image AS stage"
        stages |= {found["stage"].lower()} if found["stage"] else set()
        return ""
    if word == "RUN":
        return "options of RUN are not known here: leave them out" if value.startswith("--") else ""
    if word in ("ADD", "COPY"):
        return _fetching(value, stages)
    return "" if word in _FREE else "it is no instruction that a checkout's image may have"


def _fetching(value: str, stages: set[str]) -> str:
    """Return why an ADD or COPY could have the engine fetch something, empty if it only takes files that are there."""
    words = value.split()
    while words and words[0].startswith("--"):
        option = words.pop(0)
        source = option.removeprefix("--from=")
        known = source != option and _STAGE.fullmatch(source) and (source.lower() in stages or source.isdigit())
        if not known and not _OWNER.fullmatch(option):
            return "only --chown, --chmod and --from a stage above are known here"
    if words and words[0].startswith("["):
        try:
            words = [str(word) for word in json.loads(" ".join(words))]
        except ValueError:
            return "its list is no JSON"
    if len(words) < 2 or not all(map(_NAME.fullmatch, words[:-1])):
        return "use RUN curl for what lies elsewhere, and write the names of files out"
    return ""
