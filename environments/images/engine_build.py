"""One build by the engine's own builder: a context goes in, an image's id and what was said come out."""

from __future__ import annotations

import io
import logging
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from environments.sandboxes.contract import SandboxError
from environments.sandboxes.docker import Engine
from environments.sandboxes.docker.engine import engine_errors

_SILENCE = 1800.0
"""Seconds that a build may say nothing; a compiler at work says little."""
_MOST_SAID = 32 << 20
"""Characters of what a build says that are kept; it goes on without them."""
_TOLD = 12
"""Lines of a failed build's log that its error shows."""
_TRIES = 3
"""Builds of one image, where builds beside it take away what it stands on."""
_LOST_STEP = re.compile(r"(?i)unable to find image .?sha256:|no such image: sha256:")
"""The engine's word for a nameless image that was there when a build began and is gone: builds share their steps."""
_STEP = re.compile(r" ---> ([0-9a-f]{12})")
_BUILT = re.compile(r"Successfully built ([0-9a-f]{12,64})")
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
"""What the engine puts around lines of standard error."""

logger = logging.getLogger(__name__)


class ImageBuildError(SandboxError):
    """An image cannot be built: what failed, the last lines of the log, and where the whole log is."""


@dataclass(frozen=True)
class BuildSettings:
    """How a build is run."""

    name: str | None = None
    """Tag of the image; None: it has none."""
    dockerfile: str = "Dockerfile"
    """Its path in the context."""
    arguments: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    fresh: bool = False
    """Run every step, also those that the engine did before, which would say nothing."""
    network: str | None = None
    """Of the steps; None: the engine's default."""
    memory: int | None = None
    """Bytes of a step's container; None: no ceiling."""
    seconds: float | None = None
    """For the whole build; None: no ceiling."""


def run_build(
    engine: Engine, what: str, context: IO[bytes], log: Path, settings: BuildSettings
) -> tuple[str, list[str]]:
    """Have the engine build an image; return its id and the lines that were said.

    Args:
        engine: where.
        what: for messages.
        context: a tar archive, the Dockerfile in it.
        log: gets the lines, after those that it has.
        settings: how.

    Raises:
        ImageBuildError: a step failed, or the build took too long.
        SandboxError: the engine failed.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    image, failure, lines = _built(engine, what, context, log, settings)
    for _ in range(_TRIES - 1):
        if failure is None or not _LOST_STEP.search(failure):
            break
        logger.warning("building %s once more: a step that it stood on was removed meanwhile (%s)", what, failure)
        context.seek(0)
        image, failure, lines = _built(engine, what, context, log, settings)
    if failure is None:
        return image, lines
    _remove_steps(engine, lines)
    shown = "\n".join(f"    {line}" for line in [line for line in lines if line.strip()][-_TOLD:])
    reason = " ".join(failure.split())[:300]
    raise ImageBuildError(f"{what} cannot be built: {reason} (log: {log})\n{shown}")


def _built(
    engine: Engine, what: str, context: IO[bytes], log: Path, settings: BuildSettings
) -> tuple[str, str | None, list[str]]:
    """Return the image's id, why the build failed if it did, and what was said."""
    image, failure, said = None, None, io.StringIO()
    with log.open("a", encoding="utf-8", errors="replace") as file, engine_errors(f"build {what}"):
        for answer in _answers(engine, context, settings):
            text = _COLOUR.sub("", str(answer.get("stream") or answer.get("status") or answer.get("error") or ""))
            if file.tell() < _MOST_SAID:
                file.write(text if text.endswith("\n") or "stream" in answer else f"{text}\n")
            if said.tell() < _MOST_SAID:
                said.write(text if "stream" in answer else "")
            image = (answer.get("aux") or {}).get("ID", image)
            failure = answer.get("error", failure)
    lines = said.getvalue().splitlines()
    if image is None:  # an engine may tell it in words alone
        image = next((found[1] for line in reversed(lines) if (found := _BUILT.match(line))), None)
    if failure is None and image is None:
        failure = "the engine named no image"
    return str(image), None if failure is None else str(failure), lines


def _answers(engine: Engine, context: IO[bytes], settings: BuildSettings) -> Iterator[dict[str, Any]]:
    """Yield what the engine answers, line by line; where time is up the engine is left, which ends its build."""
    deadline = None if settings.seconds is None else time.monotonic() + settings.seconds
    ceilings = {} if settings.memory is None else {"memory": settings.memory, "memswap": settings.memory}
    answers = engine.api.build(
        fileobj=context,
        custom_context=True,
        dockerfile=settings.dockerfile,
        tag=settings.name,
        buildargs=dict(settings.arguments),
        labels=dict(settings.labels),
        container_limits=ceilings,
        rm=True,
        forcerm=True,
        nocache=settings.fresh,
        network_mode=settings.network,
        decode=True,
        timeout=min(_SILENCE, settings.seconds or _SILENCE),
    )
    with closing(answers):
        for answer in answers:
            yield answer
            if deadline is not None and time.monotonic() > deadline:
                yield {"error": f"it took longer than {settings.seconds:.0f} s"}
                return


def discard(engine: Engine, image: str) -> None:
    """Remove an image that has no name, with the nameless ones below it; one that has a name or is needed stays."""
    from docker.errors import APIError

    try:
        found: dict[str, Any] = engine.api.inspect_image(image)
        if not found.get("RepoTags"):
            engine.api.remove_image(found["Id"])
    except APIError as error:
        logger.debug("%s stays: %s", image, error)


def _remove_steps(engine: Engine, lines: Sequence[str]) -> None:
    """Remove what a failed build left: the image of its last step."""
    for line in reversed(lines):
        if step := _STEP.fullmatch(line.rstrip()):
            discard(engine, step[1])
            return
