"""litellm's log of every call, left out while nobody listens.

After each call litellm makes, in a thread of its own, a record of the request and the answer for callbacks. It copies
and walks the whole dialogue, so that the hundredth step of a trajectory pays for the ninety-nine before it.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

_WORK = "success_handler"
_LISTENERS = ("callbacks", "success_callback", "_async_success_callback")
_NOBODY = "cache"
"""litellm registers its own cache where it only imports what asks Gemini, without a cache being on."""


class UnheardLog:
    """Stands before litellm's queue of such work and drops it where no callback is registered."""

    def __init__(self, queue: Any, module: Any) -> None:
        """``queue``: litellm's own; ``module``: litellm, which holds the callbacks."""
        self._queue, self._module = queue, module

    def submit(self, act: Callable[..., Any], *given: Any, **named: Any) -> Future[Any]:
        """Queue work; drop the record of a call that nobody would read."""
        name = getattr(given[0], "__name__", "") if given else ""
        if name != _WORK or self._heard():
            queued: Future[Any] = self._queue.submit(act, *given, **named)
            return queued
        dropped: Future[Any] = Future()
        dropped.set_result(None)
        return dropped

    def _heard(self) -> bool:
        """Tell whether anybody listens; a cache that is off does not."""
        listening = [who for listeners in _LISTENERS for who in getattr(self._module, listeners, None) or ()]
        return any(who != _NOBODY for who in listening) or bool(listening and getattr(self._module, "cache", None))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._queue, name)


def leave_out_unheard_logs(module: Any) -> None:
    """Have litellm spare its log; a release that works in another way goes on as it does."""
    queue = getattr(module.utils, "executor", None)
    if queue is not None and not isinstance(queue, UnheardLog):
        module.utils.executor = UnheardLog(queue, module)
