"""Who serves which embedded model on this machine: one small file per model in the user's cache."""

from __future__ import annotations

import json
import os
import re
from dataclasses import asdict, dataclass
from pathlib import Path

import httpx

from agent.models.local.catalog import models_folder


@dataclass(frozen=True)
class Served:
    """A running server."""

    model: str
    pid: int
    api_base: str
    api_key: str
    slots: int
    context: int
    """Tokens per slot."""

    def answers(self, timeout: float = 5.0) -> bool:
        """Tell whether the server is up, ours (it takes our key) and serves this model."""
        headers = {"Authorization": f"Bearer {self.api_key}"} if self.api_key else {}
        try:
            answer = httpx.get(f"{self.api_base}/models", headers=headers, timeout=timeout, trust_env=False)
            return answer.status_code == 200 and answer.json()["data"][0]["id"] == self.model
        except (httpx.HTTPError, ValueError, KeyError, IndexError):
            return False


def announce(served: Served) -> None:
    """Write the model's registry file; only the user may read it, for it holds the key."""
    path = _path(served.model)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(f".{os.getpid()}.tmp")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(asdict(served), file)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def withdraw(served: Served) -> None:
    """Remove the registry file if it is still this server's."""
    if _read(served.model) == served:
        _path(served.model).unlink(missing_ok=True)


def find(model: str) -> Served | None:
    """Return the server of that model which answers now, or None."""
    served = _read(model)
    return served if served and served.answers() else None


def _path(model: str) -> Path:
    plain = re.sub(r"[^\w.-]", "_", model)  # of a model of somebody's own it is a path
    return models_folder().parent / "servers" / f"{plain}.json"


def _read(model: str) -> Served | None:
    try:
        return Served(**json.loads(_path(model).read_text()))
    except (OSError, ValueError, TypeError):
        return None
