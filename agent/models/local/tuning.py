"""How many slots and threads suit a model on this machine: measured once, for a few seconds, and kept in the cache."""

from __future__ import annotations

import json
import logging
import os
import platform
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, replace
from importlib import metadata
from pathlib import Path
from typing import Protocol

import filelock
import httpx

from agent.models.contract import ModelError
from agent.models.local.catalog import LocalModel, models_folder
from agent.models.local.llamacpp import client
from agent.models.local.options import ServerOptions, usable_cores
from agent.models.local.own_file import file_hash

log = logging.getLogger(__name__)

BUSY = 0.75
"""Load average for each core from which on a measurement says more of the neighbours than of the model."""
MORE_IS_BETTER = 1.1
"""By how much more slots must speed up the whole to be worth the memory and the wait of each answer."""
_WINDOW, _TOKENS = 512, 16
_PROMPT = "# Sorts a list of numbers, then finds the median of them, and prints both.\ndef median(numbers):\n"


class Serving(Protocol):
    """A server at work."""

    api_base: str
    api_key: str


Serve = Callable[[ServerOptions], AbstractContextManager[Serving]]


@dataclass(frozen=True)
class Tuned:
    """What was measured: tokens a second by threads, then by answers at once."""

    threads: int
    slots: int
    speeds: dict[str, dict[str, float]]


def tuned(model: LocalModel, options: ServerOptions, serve: Serve) -> ServerOptions:
    """Return the options with the slots, at most those given, and the threads that were fastest here.

    Measured at the first start, by servers that ``serve`` starts. On a busy machine nothing is measured nor kept, and a
    core is left to the others: beside them, threads on all cores wait for one another.
    """
    file = models_folder().parent / "tuning" / f"{file_hash(model)[:16]}-{options.slots}.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    with filelock.FileLock(file.with_suffix(".lock")):  # who starts meanwhile waits for what is found
        known = _read(file)
        if known is None:
            load = os.getloadavg()[0]
            if load > BUSY * usable_cores():
                spared = replace(options, threads=max(1, options.threads - 1))
                log.info(
                    "slots and threads of %s are not measured now, for this machine is busy (load %.1f): %d and %d",
                    *(model.name, load, spared.slots, spared.threads),
                )
                return spared
            known = measured(options, serve)
            file.write_text(json.dumps({"machine": _machine(), **asdict(known)}, indent=1) + "\n")
            log.info("measured on this machine, in tokens a second by threads and answers at once: %s", known.speeds)
    log.info("%s: %d slots, %d threads (measured; kept in %s)", model.name, known.slots, known.threads, file)
    return replace(options, slots=known.slots, threads=known.threads)


def measured(options: ServerOptions, serve: Serve) -> Tuned:
    """Time short answers by threads and by how many are asked for at once, and choose the fastest."""
    speeds: dict[str, dict[str, float]] = {}
    best = (0.0, options.threads, options.slots)
    for threads in thread_counts(options.threads):
        with serve(replace(options, threads=threads, context=_WINDOW)) as server:
            ask = _asking(server)
            ask(1)  # the first call also allocates
            row = {at_once: _speed(ask, at_once) for at_once in slot_counts(options.slots)}
        speeds[str(threads)] = {str(at_once): round(speed, 1) for at_once, speed in row.items()}
        slots = fewest(row)
        best = max(best, (row[slots], threads, slots))
    return Tuned(threads=best[1], slots=best[2], speeds=speeds)


def fewest(speeds: dict[int, float]) -> int:
    """Return the slots from which on more of them are hardly faster in all."""
    chosen, *more = sorted(speeds)
    for slots in more:
        if speeds[slots] > speeds[chosen] * MORE_IS_BETTER:
            chosen = slots
    return chosen


def thread_counts(most: int) -> list[int]:
    """Return the numbers of threads that are tried: all, all but one, and half, for a core may be half a one."""
    return sorted({most, max(1, most - 1), max(1, most // 2)}, reverse=True)


def slot_counts(most: int) -> list[int]:
    """Return the numbers of answers at once that are tried."""
    return sorted({1, max(1, most // 2), most})


def _asking(server: Serving) -> Callable[[int], None]:
    http = client(server.api_base, server.api_key, timeout=120.0)

    def ask(seed: int) -> None:
        body = {"prompt": f"# {seed}\n{_PROMPT}", "max_tokens": _TOKENS, "seed": seed, "temperature": 1.0}
        try:
            http.post("/v1/completions", json={**body, "ignore_eos": True}).raise_for_status()
        except httpx.HTTPError as error:
            raise ModelError(f"the embedded server does not answer while it is measured: {error}") from error

    return ask


def _speed(ask: Callable[[int], None], at_once: int) -> float:
    """Return tokens a second, over all, of so many answers at once."""
    began = time.monotonic()
    with ThreadPoolExecutor(at_once) as pool:
        list(pool.map(ask, range(100 * at_once, 101 * at_once)))
    return at_once * _TOKENS / (time.monotonic() - began)


def _machine() -> Sequence[object]:
    """Return what a measurement holds for: this machine's processor, the cores we may use, and llama.cpp's build."""
    try:
        version = metadata.version("xllamacpp")
    except metadata.PackageNotFoundError:
        version = ""
    return [platform.node(), platform.machine(), usable_cores(), version]


def _read(file: Path) -> Tuned | None:
    """Return what was measured before, on this machine with this build; None where nothing was, or it is damaged."""
    try:
        kept = json.loads(file.read_text())
        if kept.pop("machine") == _machine():
            found = Tuned(**kept)
            if 0 < found.threads <= usable_cores() and 0 < found.slots <= 64:
                return found
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        pass  # measured anew
    return None
