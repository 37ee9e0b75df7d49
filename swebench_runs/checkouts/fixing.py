"""Resolves one issue in somebody's checkout: the same pipeline as a split's tasks, and an honest word at the end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from selection.decision import Decision
from swebench_runs.checkouts import checkout
from swebench_runs.checkouts.checkout_base import needs_image, open_checkout, prepare
from swebench_runs.checkouts.environment_at_hand import environment_at_hand
from swebench_runs.checkouts.fix_records import fix_records
from swebench_runs.config import RunConfig
from swebench_runs.errors import RunoffError, UsageError
from swebench_runs.many_tasks.keys import check_keys
from swebench_runs.many_tasks.running import run_tasks
from swebench_runs.one_task.base_sandbox import scratch
from swebench_runs.one_task.preflight import FILE as GROUND
from swebench_runs.one_task.preflight import BadGround, Ground
from swebench_runs.one_task.so_far import SoFar, read_so_far
from swebench_runs.run_folder.store import Run


@dataclass(frozen=True)
class Fix:
    """What came of one issue."""

    decision: Decision | None
    """None when the work came to none: see ``unfinished``."""
    folder: Path
    """The run's folder, with all evidence; the same command resumes from it."""
    root: Path
    """The tree that the patch is for."""
    best: SoFar | None = None
    """The best patch so far, where the work came to no decision."""
    unfinished: str = ""
    """Why it came to none though nobody interrupted it."""

    @property
    def patch(self) -> str:
        """The patch to hand over; empty where there is none."""
        return self.decision.patch if self.decision else self.best.patch if self.best else ""

    @property
    def withheld(self) -> bool:
        """Tell whether Runoff would not stand by its best patch, or has none."""
        return self.decision is None or self.decision.abstained


def fix(
    place: str,
    statement: str,
    config: RunConfig,
    console: Console,
    *,
    redo: bool = False,
    output: Path | None = None,
) -> Fix:
    """Resolve the issue that ``statement`` tells in a checkout (a path or a repository's URL).

    The checkout is copied with its uncommitted changes and never written to. The run's record is kept in the
    user's state folder, by tree and issue. Work that is interrupted, or fails once a trajectory has made a patch, ends
    in the best patch so far. ``output``: where the patch will be written; a file of an earlier time that lies there is
    no part of the tree. Raises RunoffError, in one line, when the work could not be done.
    """
    prepare(config)
    check_keys(config)
    with scratch("fix") as folder, _root(place, folder) as root:
        given = None if checkout.is_url(place) else Path(place)
        spec = environment_at_hand(root, config, console, by_image=needs_image(config), given=given)
        task = checkout.task_of(root, statement, folder / "base", spec, checkout.own_output(root, output))

        home = fix_records() / task.instance_id
        with Run.start(home, config, [task], redo=redo) as run:
            result = run_tasks(run, [task], open_checkout(run, folder / "base"), console)
            made = run.task(task.instance_id)
            decision, best = made.read("decision.json", Decision), read_so_far(made)
            why = next(iter(result.failed.values()), "")
            if result.fatal and not best:
                raise UsageError(f"{result.fatal} (what was done is saved: the same command goes on)")
            ground = made.read(GROUND, Ground)
            if why and ground and ground.stops and not config.force:
                raise BadGround(ground.stops)
            if why and not best:
                raise RunoffError(f"{why} (the same command resumes)")
        return Fix(decision, home, root, None if decision else best, why)


@contextmanager
def _root(place: str, folder: Path) -> Iterator[Path]:
    """Yield the top of the checkout, cloned first where ``place`` is a URL."""
    if checkout.is_url(place):
        (folder / "cloned").mkdir()
        yield checkout.clone(place, folder / "cloned" / checkout.name_of(place))
    else:
        yield checkout.root_of(Path(place))
