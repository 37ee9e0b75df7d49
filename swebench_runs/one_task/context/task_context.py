"""What the models of one task see of its repository: one text for all that may be shown as much, built once."""

from __future__ import annotations

from collections.abc import Mapping

from platformdirs import user_cache_path

from agent import context as contexts
from agent.context import Context
from agent.context.index import IndexCache
from agent.context.located import Located
from agent.context.traces import TaskTraces
from swebench_runs.run_folder.task_folder import TaskFolder

FILE = "context.json"


def symbol_cache() -> IndexCache:
    """Return where what is known of each file's content is kept, over all tasks and runs."""
    return IndexCache(user_cache_path("runoff") / "symbols")


def task_context(
    folder: TaskFolder,
    issue: str,
    files: Mapping[str, bytes],
    shown_tokens: int,
    executed: TaskTraces | None = None,
    located: Located | None = None,
) -> Context:
    """Return what a model sees that may be shown so many tokens, built where it is not on disk.

    The first to ask gets the task's own file; a model of a pool that may be shown more or less gets another, and so
    does whoever asks once it is known what a test that shows the issue executes.
    """
    tests = tuple(trace.test for trace in executed.failing) if executed else ()
    first = folder.read(FILE, Context)
    if first is not None and first.budget in (0, shown_tokens) and first.executed == tests:
        return first
    name = FILE if first is None else f"context-{shown_tokens}{'-executed' if tests else ''}.json"
    known = folder.read(name, Context)
    if known is not None and known.executed == tests:
        return known
    context = contexts.build_context(
        issue, files, budget_tokens=shown_tokens, cache=symbol_cache(), executed=executed, located=located
    )
    folder.write(name, context)
    return context
