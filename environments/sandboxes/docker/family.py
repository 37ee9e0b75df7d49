"""What a sandbox and its forks share: the image they began with, its repository, and who still needs which image."""

from __future__ import annotations

import secrets
import threading
from contextlib import suppress
from typing import Self

from environments.sandboxes.contract import WORKTREE, SandboxError
from environments.sandboxes.docker.container import Container, Settings
from environments.sandboxes.docker.engine import Engine, engine_errors, explanation
from environments.sandboxes.docker.labels import labels

_NO_IMAGE = "cannot specify 64-byte hexadecimal strings"
"""How podman says, with the status 500, that there is no image of an id."""


class Image:
    """An image that one or more sandboxes and images stand on; made by a fork, it goes with the last of them."""

    def __init__(self, engine: Engine, image_id: str, below: Image | None = None) -> None:
        """Count one user; ``below``: what it was frozen over, and removed after it; None: nothing of ours."""
        self.id = image_id
        self._engine = engine
        self._below = below.share() if below else None
        self._users = 1
        self._lock = threading.Lock()

    def share(self) -> Self:
        """Count one user more."""
        with self._lock:
            self._users += 1
        return self

    def release(self) -> None:
        """Count one user less; after the last one an image that a fork made is removed."""
        from docker.errors import APIError, NotFound

        with self._lock:
            self._users -= 1
            if self._users or self._below is None:
                return
        with engine_errors("remove an image"), suppress(NotFound):
            # An engine would remove those below with it, which others may fork yet.
            try:
                self._engine.api.remove_image(self.id, force=True, noprune=True)
            except APIError as error:
                if _NO_IMAGE not in explanation(error):
                    raise
        self._below.release()


class Family:
    """A sandbox with its forks, and their forks."""

    def __init__(self, engine: Engine, image: str, settings: Settings, head: str | None) -> None:
        """Nobody is in it yet; raises SandboxError when the engine lacks the image."""
        from docker.errors import ImageNotFound

        self.engine = engine
        self.settings = settings
        self.head = head
        with engine_errors("look for an image"):
            try:
                found = engine.api.inspect_image(image)
            except ImageNotFound as error:
                raise SandboxError(f"the Docker engine has no image {image}: pull or build it first") from error
        self.image = Image(engine, str(found["Id"]))
        self._repository: str | None = None
        self._members = 0
        self._lock = threading.Lock()

    def join(self) -> Self:
        """Count one member more."""
        with self._lock:
            self._members += 1
        return self

    def leave(self) -> None:
        """Count one member less; with the last one goes what they shared."""
        with self._lock:
            self._members -= 1
            if not self._members and self._repository:
                with engine_errors("remove a volume"):
                    self.engine.api.remove_volume(self._repository, force=True)
                self._repository = None

    def repository(self) -> str:
        """Return a volume with the tree's repository as the image has it, untouched by any command."""
        with self._lock:
            if self._repository is None:
                name = f"runoff-{secrets.token_hex(6)}"
                with engine_errors("make a volume"):
                    self.engine.api.create_volume(name, labels=labels(self.settings.run_id))
                # An engine fills an empty volume with what the image has at the place where it is mounted: Docker when
                # the container is made, podman when it starts.
                filled = Container(self.engine, self.image.id, self.settings, {f"{WORKTREE}/.git": name})
                try:
                    if self.engine.is_podman:
                        filled.start()
                finally:
                    filled.remove()
                self._repository = name
            return self._repository
