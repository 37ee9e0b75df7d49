"""How an embedded model is served: slots, window, threads, and what makes llama.cpp faster or smaller."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from typing import Literal, Self

Speculation = Literal["", "ngram-simple", "ngram-mod", "draft"]
"""Where guessed tokens come from, which the model checks many at once: from the prompt, or from a smaller model."""
SLOTS, CONTEXT = 4, 4096
"""Where neither a profile nor the user says."""
CacheType = Literal["f16", "q8_0", "q4_0"]


@dataclass(frozen=True)
class ServerOptions:
    """How to serve."""

    slots: int
    """Answers worked on at once."""
    context: int
    """Tokens per slot, prompt and answer together."""
    threads: int
    speculation: Speculation = ""
    """Of guessed tokens llama.cpp tells neither likelihood nor alternatives, by which samples are drawn and ranked."""
    draft: str = ""
    """The smaller model that guesses, where ``speculation`` is ``draft``."""
    unified: bool = False
    """One cache for all slots, of which a slot may take more than its share."""
    cache: CacheType = "f16"
    """How the cache of what was read is kept: less than ``f16`` is smaller, and no longer exact."""
    flash: bool | None = None
    """Flash attention; None: llama.cpp's choice."""
    batch: int = 2048
    """Tokens of prompts taken at once."""
    micro_batch: int = 512
    """Tokens of them computed at once."""
    gpu_layers: int = -1
    """Layers of the model on the device that llama.cpp finds; -1: as many as fit."""

    @classmethod
    def of(cls, *, slots: int | None = None, context: int | None = None, threads: int | None = None) -> Self:
        """Fill in what is not given; threads are one per usable core."""
        return cls(slots=slots or SLOTS, context=context or CONTEXT, threads=threads or usable_cores())

    def dumped(self) -> str:
        """Return the options as one argument of a command."""
        return json.dumps(asdict(self))

    @classmethod
    def loaded(cls, text: str) -> Self:
        """Read what `dumped` wrote."""
        return cls(**json.loads(text))


def usable_cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0))
