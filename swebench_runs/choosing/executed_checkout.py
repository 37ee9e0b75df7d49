"""Choosing by execution among patches for somebody's own checkout and issue."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from rich.console import Console

from swebench_runs.checkouts import checkout
from swebench_runs.checkouts.checkout_base import needs_image, open_checkout, prepare
from swebench_runs.checkouts.environment_at_hand import environment_at_hand
from swebench_runs.checkouts.issue import read_issue
from swebench_runs.choosing.executing import choose_in_run, settings
from swebench_runs.choosing.given import of_one_task
from swebench_runs.config import RunConfig
from swebench_runs.errors import UsageError
from swebench_runs.one_task.ground.base_sandbox import scratch
from swebench_runs.run_folder.store import Run


def choose_in_checkout(
    paths: Sequence[Path],
    place: str,
    issue: str,
    config: RunConfig,
    output: Path,
    console: Console,
    *,
    allow: Callable[[RunConfig], None],
    redo: bool = False,
) -> int:
    """Choose among patches for the checkout at ``place``, which is copied and never written to; the exit code.

    The predictions are all for this one task, whatever they call it. The rest as ``choose_in_split``.
    """
    if checkout.is_url(place):
        raise UsageError(f"{place} is no folder: clone it, and give the clone to --checkout")
    config = config.model_copy(update={"subset": "fix"})
    prepare(config)
    root, statement = checkout.root_of(Path(place)), read_issue(issue)
    with scratch("select") as folder:
        spec = environment_at_hand(root, config, console, by_image=needs_image(config), given=Path(place))
        task = checkout.task_of(root, statement, folder / "base", spec)
        found = of_one_task(paths, task)
        config = settings(config, attempts=found.most)
        allow(config)
        with Run.start(output, config, [task], redo=redo) as run:
            return choose_in_run(run, [task], found, open_checkout(run, folder / "base"), console, asked=1)
