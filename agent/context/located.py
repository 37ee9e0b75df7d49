"""What a model found relevant for an issue, and a ranking with that counted in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict

from agent.context.source import shown
from agent.context.symbols import Symbol

SYMBOL, FILE = 3.0, 1.0
"""What being named counts beside what the ranking says, which counts 1 at most: those named rank before all others."""
WHOLE_SHARE, WHOLE_FILE_SHARE = 0.7, 0.35
"""Parts of a context that whole files may take, and one of them."""

Way = Literal["symbols", "relevance"]


class Located(BaseModel):
    """Where a model would look; empty where it was asked in vain."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    way: Way
    files: tuple[str, ...] = ()
    """Paths, the most relevant first."""
    symbols: tuple[str, ...] = ()
    """Ids, the most relevant first."""
    summaries: Mapping[str, str] = {}
    """Of files that were judged relevant: what of them matters."""
    asked: int = 0
    """Files that were shown."""
    dropped: int = 0
    """Names in its answers that the tree does not have."""
    unread: int = 0
    """Answers that could not be read, and files that no answer came for."""
    failed: str = ""
    """Why it came to nothing; the ranking then stands without it."""


def by_location(ranked: Sequence[Symbol], located: Located) -> tuple[Symbol, ...]:
    """Return ranked symbols anew: those named first, then those of files named; the order is the model's and ours,
    added."""
    symbols = {name: 1 - place / len(located.symbols) for place, name in enumerate(located.symbols)}
    files = {path: 1 - place / len(located.files) for place, path in enumerate(located.files)}
    top = max((symbol.score for symbol in ranked), default=0.0) or 1.0

    def score(symbol: Symbol) -> float:
        named = SYMBOL + symbols[symbol.id] if symbol.id in symbols else 0.0
        return symbol.score / top + max(named, FILE + files[symbol.path] if symbol.path in files else 0.0)

    scored = [symbol.model_copy(update={"score": round(score(symbol), 4)}) for symbol in ranked]
    return tuple(sorted(scored, key=lambda symbol: -symbol.score))


@dataclass(frozen=True)
class WholeFiles:
    """Files that are shown whole."""

    paths: tuple[str, ...] = ()
    text: str = ""

    def symbols(self, ranked: Sequence[Symbol]) -> tuple[Symbol, ...]:
        """Return their outermost symbols, the files in order."""
        own = [symbol for path in self.paths for symbol in ranked if symbol.path == path]
        return tuple(one for one in own if not any(other.encloses(one) for other in own))


def whole_files(located: Located, files: Mapping[str, bytes], budget: int, count: Callable[[str], int]) -> WholeFiles:
    """Choose which of the files judged relevant a context of ``budget`` tokens shows whole, the most relevant first."""
    paths: list[str] = []
    parts = ["Whole files:\n\n"]
    left = int(budget * WHOLE_SHARE)
    for path in located.files if located.way == "relevance" else ():
        body = shown(files[path]) if path in files else ""
        if not body.strip() or len(body) > 8 * left:
            continue
        fence = "```"
        while fence in body:
            fence += "`"
        part = f"{path}\n{fence}python\n{body}\n{fence}\n"
        if (cost := count(part)) <= min(left, int(budget * WHOLE_FILE_SHARE)):
            paths.append(path)
            parts.append(part)
            left -= cost
    return WholeFiles(tuple(paths), "\n".join(parts)) if paths else WholeFiles()
