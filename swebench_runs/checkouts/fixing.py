"""Resolves one issue in somebody's checkout: the same pipeline as a split's tasks, and an honest word at the end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from environments.task import Task
from environments.trees.worktree import files
from environments.workbench.execution_record import put_base_runs
from selection.decision import Decision
from swebench_runs.checkouts import checkout
from swebench_runs.checkouts.checkout_base import checkout_sandbox, needs_image, open_checkout, prepare
from swebench_runs.checkouts.environment_at_hand import made_environment, told_environment
from swebench_runs.checkouts.failing_tests.naming import named_test
from swebench_runs.checkouts.failing_tests.seen_failing import seen_failing
from swebench_runs.checkouts.fix_records import fix_records
from swebench_runs.checkouts.handing_over.handed_test import HandedTest, to_hand_over
from swebench_runs.config import RunConfig
from swebench_runs.errors import Exit, RunoffError, UsageError
from swebench_runs.exit_codes import exit_code
from swebench_runs.many_tasks.batch.batch import BatchResult
from swebench_runs.many_tasks.models.hopeless import find_hopeless
from swebench_runs.many_tasks.running import AFTER_A_CHANGE, run_tasks
from swebench_runs.one_task import given_tests
from swebench_runs.one_task.ground.base_sandbox import scratch
from swebench_runs.one_task.ground.preflight import BadGround
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
    exit_code: int = Exit.DONE
    """What a command that was for this alone ends with."""
    test: HandedTest | None = None
    """The test that is handed over with the patch, where one was asked for."""

    @property
    def patch(self) -> str:
        """The patch to hand over, with its test where there is one; empty where there is none."""
        if self.decision is None:
            return self.best.patch if self.best else ""
        added = self.test.patch if self.test else ""
        return self.decision.patch + added if self.decision.patch else ""

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
    failing: Sequence[str] = (),
    with_test: bool = False,
    redo: bool = False,
    output: Path | None = None,
    records: Path | None = None,
) -> Fix:
    """Resolve the issue that ``statement`` tells in a checkout (a path or a repository's URL).

    ``failing``: tests of the checkout that fail, as the user calls them; with them the statement may be empty.
    ``with_test``: make a file of the suite of the test that shows the issue, where Runoff stands by a patch.

    The checkout is copied with its uncommitted changes and never written to. The run's record is kept in ``records``,
    else in the user's state folder, by tree and issue. Work that is interrupted, or fails once a trajectory has made a
    patch, ends in the best patch so far. ``output``: where the patch will be written; a file of an earlier time that
    lies there is no part of the tree. Raises RunoffError, in one line, when the work could not be done.
    """
    prepare(config)
    with scratch("fix") as folder, _root(place, folder) as root:
        named = None if checkout.is_url(place) else Path(place)
        below = _below(named, root)
        ids = [named_test(name, root, files(root), below) for name in failing]
        found = told_environment(root, config, console, given=named)
        without = checkout.own_output(root, output)
        task = checkout.task_of(root, statement, folder / "base", found.spec, without, ids)

        home = (records or fix_records()) / task.instance_id
        asked = [] if _is_decided(home, task) and not redo else find_hopeless(config)
        if not needs_image(config):
            task = task.model_copy(update={"environment": made_environment(found, config, console)})
        given = seen_failing(task, ids, home, config, folder / "base", console, redo=redo) if ids else None
        if given:
            task = task.model_copy(update={"problem_statement": given.tests.statement})
        with Run.start(home, config, [task], redo=redo) as run:
            made = run.task(task.instance_id)
            if given:
                made.write(given_tests.FILE, given.tests)
                put_base_runs(made.executions_path, task, given.runs)
            result = run_tasks(run, [task], open_checkout(run, folder / "base"), console, asked=asked)
            decision, best = made.read("decision.json", Decision), read_so_far(made)
            why = next(iter(result.failed.values()), "")
            if result.fatal and not best:
                raise UsageError(f"{result.fatal} (what was done is saved; {AFTER_A_CHANGE})")
            for cause in result.causes.values():
                if isinstance(cause, BadGround):
                    raise type(cause)(why)
            if why and not best:
                raise _ended(why, result)
            test = None
            if with_test and decision and not decision.abstained:
                with checkout_sandbox(config, task.environment, folder / "base", run_id="fix") as base:
                    test = to_hand_over(made, decision, base, task)
        code = _exit_code(result) if why else Exit.DONE if decision else Exit.INTERRUPTED
        return Fix(decision, home, root, None if decision else best, why, code, test)


def _is_decided(home: Path, task: Task) -> bool:
    return (home / "tasks" / task.instance_id / "decision.json").is_file()


def _exit_code(result: BatchResult) -> int:
    return exit_code(next(iter(result.causes.values())))


def _ended(why: str, result: BatchResult) -> RunoffError:
    """Return what ends the command, with the exit code of the failure that it tells."""
    error = RunoffError(f"{why} (the same command resumes)")
    error.exit_code = Exit(_exit_code(result))
    return error


def _below(given: Path | None, root: Path) -> str:
    """Return the folder that the user gave, relative to the checkout's top; empty where it is the top."""
    here = given.resolve() if given else root
    return here.relative_to(root).as_posix() if here != root and here.is_relative_to(root) else ""


@contextmanager
def _root(place: str, folder: Path) -> Iterator[Path]:
    """Yield the top of the checkout, cloned first where ``place`` is a URL."""
    if checkout.is_url(place):
        (folder / "cloned").mkdir()
        yield checkout.clone(place, folder / "cloned" / checkout.name_of(place))
    else:
        yield checkout.root_of(Path(place))
