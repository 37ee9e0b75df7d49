"""What a sandbox and its forks share: the image they began with, its repository, and who still needs which image."""

from __future__ import annotations

import secrets
import threading
from typing import Self

from environments.docker.container import Container, Settings
from environments.docker.engine import Engine, engine_errors
from environments.docker.labels import labels
from environments.sandbox import WORKTREE, SandboxError


class Image:
    """An image that one or more sandboxes stand on; made by a fork, it goes with the last of them."""

    def __init__(self, engine: Engine, image_id: str, *, own: bool) -> None:
        """Count one user; ``own``: made by a fork, to be removed when nobody needs it."""
        self.id = image_id
        self._engine = engine
        self._own = own
        self._users = 1
        self._lock = threading.Lock()

    def share(self) -> Self:
        """Count one user more."""
        with self._lock:
            self._users += 1
        return self

    def release(self) -> None:
        """Count one user less; after the last one an own image is removed."""
        from docker.errors import APIError, NotFound

        with self._lock:
            self._users -= 1
            if self._users or not self._own:
                return
        with engine_errors("remove an image"):
            try:
                self._engine.api.remove_image(self.id, force=True)
            except NotFound:
                return
            except APIError as error:
                if error.response.status_code != 409:
                    raise
                return  # forks of forks stand on it: the engine removes it with the last of those


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
        self.image = Image(engine, str(found["Id"]), own=False)
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
                # An engine fills an empty volume with what the image has at the place where it is mounted.
                Container(self.engine, self.image.id, self.settings, {f"{WORKTREE}/.git": name}).remove()
                self._repository = name
            return self._repository
