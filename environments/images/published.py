"""Makes a published image one of ours: its environment activated, its history scrubbed, its tree the user's.

Published images are root's, hold the whole history of the repository with the fix in it, and activate their conda
environment in root's .bashrc alone. It is put right in three steps of a build, as root and without a network; what the
engine's builder runs needs no container that a crash could leave behind.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import logging
import re
import secrets
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from environments.images.build_recipe import LAYER_LABEL, BuildRecipe
from environments.images.building import HEAD_LABEL, Built, find_built, pairs, run_dockerfile
from environments.images.engine_build import ImageBuildError, discard
from environments.images.places import locked, log_path, touch_use
from environments.images.pulling import Pulled
from environments.images.task_images import TaskImage
from environments.images.usable import assert_usable
from environments.sandboxes.contract import WORKTREE, Result
from environments.sandboxes.docker import Engine
from environments.sandboxes.inside import UID
from environments.trees.scrub import scrub

ORIGIN_LABEL = "dev.runoff.published"
"""Label of an image that was made of a published one: the reference that this was pulled by."""

_PROCEDURE = 1
"""Goes into tags: another way to adopt makes other images."""
_SECONDS = 600.0
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_PASSING = {"PS1", "PWD", "OLDPWD", "SHLVL", "_", "HOME", "TERM", "HOSTNAME", "USER", "LOGNAME", "SHELL"}
"""Variables of one shell, and not of an environment."""

# The mark tells the variables from what .bashrc prints. Many a .bashrc ends at once in a shell that is not interactive.
_ACTIVATE = r"""
tell() { printf '\n%s %s %s\n' "$1" "$2" "$(env -0 | base64 -w 0)"; }
export -f tell
tell "$1" before
exec bash --noprofile --rcfile ~/.bashrc -i -c 'tell "$1" after' bash "$1" < /dev/null
"""
_STEP = r"""
cd -- "$1" && mark=$2 && then=$3 && shift 3
echo && echo "$mark begins"
"$@" && eval "$then" || exit
echo "$mark ends"
"""

logger = logging.getLogger(__name__)


def adopt(engine: Engine, pulled: Pulled, instance_id: str, folder: Path, *, python: bool = True) -> TaskImage:
    """Return an image made of a published one, whose commands find the environment without any .bashrc.

    Its tree is one commit, the user's, and its history is gone; the layers below still hold both, out of reach of what
    runs in a sandbox. Nothing is done for one that was adopted before.

    Args:
        engine: has the published image.
        pulled: the published image.
        instance_id: for the label.
        folder: for logs and locks, see ``places``.
        python: whether it must have one.

    Raises:
        ImageBuildError: a step failed; the message tells where the log is.
        SandboxError: the tree cannot be scrubbed, or the sandbox's user can use the result not at all.
    """
    digest = hashlib.sha256(json.dumps([_PROCEDURE, pulled.image_id, instance_id]).encode()).hexdigest()
    tag = f"runoff/published:{digest[:12]}"
    begun = time.monotonic()
    with locked(folder, tag):
        built = find_built(engine, tag) or _adopted(engine, pulled, instance_id, tag, log_path(folder, tag), python)
    touch_use(folder, tag)
    touch_use(folder, pulled.reference)
    assert built.head is not None
    return TaskImage(
        instance_id=instance_id,
        reference=tag,
        head=built.head,
        environment=pulled.reference,
        layer="",
        added_bytes=built.size - pulled.size,
        seconds=0.0 if built.reused else time.monotonic() - begun,
        environment_seconds=pulled.seconds,
        reused=built.reused,
    )


def _adopted(engine: Engine, pulled: Pulled, instance_id: str, tag: str, log: Path, python: bool) -> Built:
    logger.info("making %s of %s (log: %s)", tag, pulled.reference, log)
    looking = _Steps(engine, pulled.image_id, tag, log)
    scrubbing = _Steps(engine, pulled.image_id, tag, log, then=f"chown -hR {UID}:{UID} {WORKTREE}")
    image = pulled.image_id
    try:
        variables = _activated(looking)
        head = scrub(scrubbing)
        settings = f"{pairs('ENV', variables)}USER {UID}:{UID}\nWORKDIR {WORKTREE}\nENTRYPOINT []\n"
        labels = {
            LAYER_LABEL: "published",
            ORIGIN_LABEL: pulled.reference,
            "dev.runoff.instance": instance_id,
            HEAD_LABEL: head,
        }
        recipe = BuildRecipe("task", f"FROM {scrubbing.image}\n{settings}", (), {}, labels)
        image, _ = run_dockerfile(engine, tag, recipe, labels, log)
        program = assert_usable(engine, image, pulled.reference, head, "python" if python else "git")
        logger.info("%s runs %s", pulled.reference, program)
        engine.api.tag(image, *tag.split(":"))
    finally:
        for step in (image, scrubbing.image, looking.image):
            if step != pulled.image_id:
                discard(engine, step)
    made = find_built(engine, tag)
    if made is None:
        raise ImageBuildError(f"the engine built {tag} and does not have it (log: {log})")
    return Built(made.tag, made.image_id, made.size, made.labels, 0.0, reused=False)


class _Steps:
    """Stands in for a sandbox: each command is a step of a build, by root, on what the one before it left."""

    def __init__(self, engine: Engine, image: str, what: str, log: Path, then: str = ":") -> None:
        """``then``: shell text that runs after each command, in the same layer."""
        self.image = image
        self._engine, self._what, self._log, self._then = engine, what, log, then

    def run(self, command: Sequence[str], *, timeout: float, cwd: str, env: Mapping[str, str]) -> Result:
        """Run one command. Raises ImageBuildError when it fails."""
        mark = f"runoff-{secrets.token_hex(8)}"
        limited = [
            "timeout",
            "-k",
            "10",
            str(round(timeout)),
            "env",
            *(f"{name}={env[name]}" for name in env),
            *command,
        ]
        words = ["/bin/bash", "-c", _STEP, "bash", cwd, mark, self._then, *limited]
        recipe = BuildRecipe("task", f"FROM {self.image}\nUSER root\nRUN {json.dumps(words)}\n", (), {}, {})
        begun = time.monotonic()
        labels = {LAYER_LABEL: "published"}
        self.image, lines = run_dockerfile(
            self._engine, self._what, recipe, labels, self._log, fresh=True, network="none"
        )
        said = lines[lines.index(f"{mark} begins") + 1 : lines.index(f"{mark} ends")]
        output = "\n".join(said).encode("utf-8", "surrogateescape")
        return Result(exit_code=0, output=output, timed_out=False, seconds=time.monotonic() - begun)


def _activated(steps: _Steps) -> dict[str, str]:
    """Return the variables that root's .bashrc sets, which is how published images activate their environment."""
    mark = f"runoff-{secrets.token_hex(8)}"
    words = ["bash", "--noprofile", "--norc", "-c", _ACTIVATE, "bash", mark]
    lines = steps.run(words, timeout=_SECONDS, cwd="/", env={"HOME": "/root"}).text.splitlines()
    before, after = _variables(lines, f"{mark} before "), _variables(lines, f"{mark} after ")
    found = {name: value for name, value in after.items() if before.get(name) != value and name not in _PASSING}
    kept = {name: value for name, value in found.items() if _NAME.fullmatch(name) and value.isprintable()}
    if "PATH" not in kept:
        logger.warning("no environment is activated in root's .bashrc: commands find the programs of the usual PATH")
    return kept


def _variables(lines: Sequence[str], mark: str) -> dict[str, str]:
    told = [line.removeprefix(mark) for line in lines if line.startswith(mark)]
    try:
        text = base64.b64decode(told[-1], validate=True).decode("utf-8", "surrogateescape")
    except (IndexError, binascii.Error) as error:
        raise ImageBuildError("root's .bashrc ends the shell: its environment cannot be activated") from error
    return {name: value for name, _, value in (pair.partition("=") for pair in text.split("\0")) if name}
