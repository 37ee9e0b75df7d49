"""The context of a task: what the model sees of the repository, built once."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from pydantic import BaseModel, ConfigDict

from agent.context.packing import pack
from agent.context.ranking import rank
from agent.context.source import shown
from agent.context.symbols import Symbol, symbols_of
from agent.context.tokens import estimate_tokens
from agent.patch.paths import is_cache_path, is_test_path


class FileText(BaseModel):
    """A file as the model sees it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: str
    text: str


class Context(BaseModel):
    """What a model is shown of a repository."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: str
    """Outlines and definitions for the prompt; the same for every call, so that its prefix stays cached."""
    symbols: tuple[Symbol, ...]
    """The symbols whose whole definition is in ``text`` and that may be edited, most relevant first."""
    files: tuple[FileText, ...]
    """The most relevant files whose whole text fits the budget together, for formats that edit files."""
    left_out: tuple[str, ...]
    """Ids of symbols and paths of files that did not fit."""
    tokens: int
    """Tokens of ``text`` as counted."""


def build_context(
    statement: str,
    files: Mapping[str, bytes],
    *,
    budget_tokens: int,
    count: Callable[[str], int] = estimate_tokens,
) -> Context:
    """Choose what to show of a repository for an issue.

    ``files``: path -> bytes of the tree's Python files; tests among them are left aside.
    ``count``: tokens of a text. The same arguments give the same context, byte for byte.
    """
    paths = sorted(path for path in files if path.endswith(".py") and not is_cache_path(path))
    symbols = [symbol for path in paths if not is_test_path(path) for symbol in symbols_of(path, files[path])]
    ranked = rank(statement, symbols)
    packed = pack(ranked, budget_tokens, count)
    return Context(
        text=packed.text,
        symbols=tuple(packed.bodies),
        files=_whole_files(ranked, files, budget_tokens, count),
        left_out=tuple(packed.left_out),
        tokens=count(packed.text),
    )


def _whole_files(
    ranked: tuple[Symbol, ...], files: Mapping[str, bytes], budget: int, count: Callable[[str], int]
) -> tuple[FileText, ...]:
    """Take files in the order of their best symbol, past any that does not fit."""
    chosen = []
    for path in dict.fromkeys(symbol.path for symbol in ranked):
        text = shown(files[path])
        cost = count(f"{path}\n{text}\n") if len(text) <= 8 * budget else budget + 1
        if cost <= budget:
            budget -= cost
            chosen.append(FileText(path=path, text=text))
    return tuple(chosen)
