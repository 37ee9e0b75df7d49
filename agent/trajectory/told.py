"""What a record has shown of a conversation so far: the growing list written whole would square the file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agent.trajectory.request_key import begins_with


class Told:
    """The messages and the tools of the last request of one trajectory."""

    def __init__(self) -> None:
        self._messages: list[Any] = []
        self._tools: object = None

    def delta(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Return the request with only those messages, and those tools, that no earlier step has shown."""
        messages = request.get("messages")
        if messages is None:
            return dict(request)
        kept = len(self._messages)
        if not begins_with(messages, self._messages):
            pairs = zip(self._messages, messages, strict=False)
            kept = next((place for place, (known, new) in enumerate(pairs) if known != new), min(kept, len(messages)))
        self._messages = list(messages)
        shown = {**request, "messages": messages[kept:], "messages_kept": kept}
        if "tools" in shown and shown["tools"] == self._tools:
            shown["tools"] = "as before"
        else:
            self._tools = shown.get("tools")
        return shown
