"""The context of a task: what the model sees of the repository, built once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from pydantic import BaseModel, ConfigDict

from agent.context.frames import frames, frames_share
from agent.context.index import IndexCache
from agent.context.located import Located, WholeFiles, by_location, whole_files
from agent.context.packing import TOKENS_A_SYMBOL, pack
from agent.context.ranking import rank
from agent.context.symbols import Symbol
from agent.context.tokens import estimate_tokens
from agent.context.traces.shown import Seen
from agent.context.traces.task_traces import TaskTraces
from agent.context.traces.weighing import by_execution, executed_weights


class Context(BaseModel):
    """What a model is shown of a repository."""

    model_config = ConfigDict(frozen=True, extra="ignore")  # stored ones may hold more than is read today

    text: str
    """Outlines and definitions for the prompt; the same for every call, so that its prefix stays cached."""
    symbols: tuple[Symbol, ...]
    """The symbols whose whole definition is in ``text`` and that may be edited, most relevant first."""
    left_out: tuple[str, ...]
    """Ids of symbols and paths of files that were considered and did not fit."""
    tokens: int
    """Tokens of ``text`` as counted."""
    budget: int = 0
    """What it might have had; 0: not on record."""
    executed: tuple[str, ...] = ()
    """The tests whose execution it goes by."""

    @property
    def files(self) -> list[str]:
        """The files of its symbols, the most relevant first."""
        return list(dict.fromkeys(symbol.path for symbol in self.symbols))


NOTHING_SHOWN = Context(text="", symbols=(), left_out=(), tokens=0)
"""The context of a task that no model sees."""


def build_context(
    statement: str,
    files: Mapping[str, bytes],
    *,
    budget_tokens: int,
    count: Callable[[str], int] = estimate_tokens,
    cache: IndexCache | None = None,
    executed: TaskTraces | None = None,
    located: Located | None = None,
) -> Context:
    """Choose what to show of a repository for an issue.

    ``files``: path -> bytes of the tree's files; tests are left aside. Those that are not Python are shown where the
    issue names them, and the definitions' surroundings too, if there is room (see ``frames``).
    ``count``: tokens of a text. The same arguments give the same context, byte for byte. ``cache``: where what is
    known of each file's content is kept. ``executed``: what tests that show the issue ran: that comes first.
    ``located``: what a model found relevant: it comes first of what was not executed.
    """
    all_count = executed is not None or located is not None  # what they point at may rank anywhere
    ranked = rank(statement, files, cache=cache, most=None if all_count else budget_tokens // TOKENS_A_SYMBOL)
    return packed_context(statement, ranked, files, budget_tokens, count, executed, located)


def packed_context(
    statement: str,
    ranked: Sequence[Symbol],
    files: Mapping[str, bytes],
    budget_tokens: int,
    count: Callable[[str], int] = estimate_tokens,
    executed: TaskTraces | None = None,
    located: Located | None = None,
) -> Context:
    """Show the best of ranked symbols, as many as fit, and what stands around them."""
    ranked = by_location(ranked, located) if located else ranked
    seen = Seen.of(executed, ranked, budget_tokens, count) if executed and executed.failing else Seen()
    ranked = by_execution(ranked, executed_weights(executed)) if executed else ranked
    ranked = tuple(symbol for symbol in ranked if symbol.id not in seen.parts)
    share = frames_share(budget_tokens)
    room = budget_tokens - count(seen.text) - 2 if seen.text else budget_tokens
    whole = whole_files(located, files, room, count) if located and share else WholeFiles()
    shown_whole, ranked = whole.symbols(ranked), [symbol for symbol in ranked if symbol.path not in whole.paths]
    room -= count(whole.text) + 2 if whole.text else 0
    packed = pack(ranked, int(room * (1 - share)), count, in_order=executed is not None)
    around = frames(statement, packed.bodies, files, room - count(packed.text) - 2, count) if share else ""
    text = "\n".join(part for part in (seen.text, whole.text, packed.text, around) if part)
    return Context(
        text=text,
        symbols=(*shown_whole, *packed.bodies),
        left_out=tuple(packed.left_out),
        tokens=count(text),
        budget=budget_tokens,
        executed=tuple(trace.test for trace in executed.failing) if executed else (),
    )
