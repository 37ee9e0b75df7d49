"""What is assumed of a model file that somebody names: what its own head says, and its size."""

from __future__ import annotations

import logging
import os
from functools import cache
from pathlib import Path
from typing import Any

from agent.models.local.catalog import local_model
from agent.models.local.fetch import fetch
from agent.models.local.gguf import GgufHead, read_head

log = logging.getLogger(__name__)

SMALL = 4e9
"""Parameters up to which a model is worked with as the embedded 1.5B one: whole symbols, short prompts, many tries."""
SMALL_WINDOW, LARGE_WINDOW = 8192, 32_768
MEMORY_SHARE = 0.25
"""Of this machine's memory what the cache of all slots may take."""
LEAST_WINDOW = 2048


def own_profile(name: str) -> dict[str, Any]:
    """Return a profile's keys for ``local:...``, above those of the embedded model; the file is fetched for it."""
    path = fetch(local_model(name))
    stat = path.stat()
    return dict(_keys(path, stat.st_size, stat.st_mtime_ns))


@cache
def _keys(path: Path, _size: int, _changed: int) -> dict[str, Any]:
    head = read_head(path)
    small = head.parameters <= SMALL
    slots = 4 if small else 2
    window = _window(head, SMALL_WINDOW if small else LARGE_WINDOW, slots)
    keys: dict[str, Any] = {"fim": head.fim, "parallel_slots": slots, "context_tokens": window}
    if not small:
        answer = min(4096, window // 4)
        keys |= {"edit_format": "search_replace", "test_format": "script", "scaffold": "edit-and-test"}
        keys |= {"shown_tokens": window // 2, "answer_tokens": answer, "max_output_tokens": answer}
    elif window < SMALL_WINDOW:
        keys |= {"shown_tokens": window // 2, "answer_tokens": window // 8, "max_output_tokens": window // 8}
    log.info(
        "%s: %s, %s, %.1f billion parameters, a window of %d of %d tokens, fill-in-the-middle %s%s",
        path.name,
        head.name,
        head.architecture,
        head.parameters / 1e9,
        window,
        head.window,
        "known" if head.fim else "unknown",
        "" if head.template else "; it has no chat template, so llama.cpp's general one is used",
    )
    return keys


def _window(head: GgufHead, most: int, slots: int) -> int:
    """Return the tokens of a slot: no more than the model was trained on, nor than memory has room for."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") * MEMORY_SHARE
    fits = int(memory / (head.cache_bytes * slots)) if head.cache_bytes else most
    return min(head.window, max(LEAST_WINDOW, min(most, fits // 1024 * 1024)))
