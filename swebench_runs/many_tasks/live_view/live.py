"""What a run looks like while it runs: a live table on a terminal, timestamped lines anywhere else."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from types import TracebackType
from typing import Self

from rich.console import Console, Group
from rich.live import Live
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from agent.models.contract import Usage
from agent.trajectory.trajectory import Ending
from environments.text import amount, one_line
from swebench_runs.many_tasks.live_view.spent_by import Spent, by_player
from swebench_runs.many_tasks.live_view.tally import counts_of, in_words
from swebench_runs.one_task.progress import Progress

SILENCE = 30.0
"""Seconds without a line after which a log says where the run stands."""

NOTES = 12
"""Lines on what was found of tasks before their first trajectory that stay in sight."""

SHOWN = 16
"""Tasks in the live table: a table taller than the terminal cannot be redrawn in place."""


@contextmanager
def watch(console: Console, total: int) -> Iterator[Progress]:
    """Show a run of ``total`` tasks on a console while the block lasts."""
    board = Board(total)
    if not console.is_terminal:
        with Lines(board, console) as lines:
            yield lines
        return
    with Live(get_renderable=board.render, console=console, refresh_per_second=4):
        yield board


@dataclass
class TaskRow:
    """One task being worked on."""

    stage: str = "waiting"
    since: float = field(default_factory=time.monotonic)
    running: dict[str, str] = field(default_factory=dict)
    ended: Counter[Ending] = field(default_factory=Counter)
    samples: dict[str, tuple[int, int, int]] = field(default_factory=dict)
    """Trajectory -> its samples, those that differ, those that survive."""


class Board:
    """The counts of a run, and its picture."""

    def __init__(self, total: int) -> None:
        """``total``: the tasks of this run that are still to do."""
        self.total = total
        self.rows: dict[str, TaskRow] = {}
        self.finished: dict[str, str] = {}
        self.notes: list[str] = []
        self.decided = 0
        self.used = Usage()
        self.by: dict[tuple[str, str], Spent] = {}
        self.cost: float = 0.0
        self.unpriced = 0
        self._began = time.monotonic()
        self._lock = threading.Lock()

    def stage(self, task: str, name: str) -> None:
        """Show the stage; a task is on the board from its first stage on."""
        with self._lock:
            row = self.rows.setdefault(task, TaskRow())
            row.stage, row.since = name, time.monotonic()

    def note(self, task: str, text: str) -> None:
        """Keep the last notes, to be shown below the table."""
        with self._lock:
            self.notes = [*self.notes, one_line(f"{task}: {text}")][-NOTES:]

    def step(self, task: str, trajectory: str, text: str) -> None:
        """Count the trajectory as running."""
        with self._lock:
            row = self.rows.setdefault(task, TaskRow())
            row.running[trajectory] = one_line(text)
            if counts := counts_of(text):
                row.samples[trajectory] = counts

    def ended(self, task: str, trajectory: str, ending: Ending) -> None:
        """Count the trajectory by its ending."""
        with self._lock:
            row = self.rows.setdefault(task, TaskRow())
            row.running.pop(trajectory, None)
            row.ended[ending] += 1

    def usage(self, task: str, usage: Usage, cost: float | None, *, by: tuple[str, str] = ("", "")) -> None:
        """Add up tokens and money; calls of unknown price are counted as such."""
        with self._lock:
            self.by.setdefault(by, Spent()).add(usage, cost)
            self.used += usage
            self.unpriced += cost is None
            self.cost += cost or 0.0

    def done(self, task: str, text: str) -> None:
        """Take the task off the table."""
        with self._lock:
            self.rows.pop(task, None)
            self.finished[task] = one_line(text)
            self.decided += 1

    def failed(self, task: str, reason: str) -> None:
        """Take the task off the table, with why it could not be worked on."""
        with self._lock:
            self.rows.pop(task, None)
            self.finished[task] = one_line(f"not done: {reason}")

    def summary(self) -> str:
        """Return the run in one line: tasks, trajectories, tokens, money, rate, time left."""
        elapsed = max(time.monotonic() - self._began, 1e-9)
        parts = [f"{len(self.finished)}/{amount(self.total, 'task')}"]
        if self.used.completion_tokens:
            tokens = self.used.prompt_tokens + self.used.completion_tokens
            money = f"${self.cost:.2f}" + (
                f" + {amount(self.unpriced, 'call')} of unknown price" if self.unpriced else ""
            )
            live = sum(len(row.running) for row in self.rows.values())
            parts += [f"{amount(live, 'trajectory', 'trajectories')} live", f"{tokens:,} tokens"]
            parts += [money, f"{self.used.completion_tokens / elapsed:.0f} tok/s written"]
        parts.append(f"{clock(elapsed)} gone")
        if len(self.finished) < self.total:
            parts.append(f"{self._left(elapsed)} left")
        return ", ".join(parts)

    def _left(self, elapsed: float) -> str:
        finished = len(self.finished)
        return f"~{clock(elapsed / finished * (self.total - finished))}" if finished else "?"

    def render(self) -> Group:
        """Draw the board."""
        with self._lock:
            table = Table(box=None, pad_edge=False, expand=True)
            for name, wide in (("task", 3), ("stage", 2), ("trajectories", 3), ("now", 5)):
                table.add_column(name, ratio=wide, no_wrap=True, overflow="ellipsis")
            for task, text in list(self.finished.items())[-(SHOWN // 2) :]:
                table.add_row(escape(task), "[dim]finished[/]", "", escape(text))
            for task, row in list(self.rows.items())[:SHOWN]:
                table.add_row(*_cells(task, row))
            spent = Text(by_player(self.by), style="dim")
            return Group(table, *map(Text, self.notes), *([spent] if spent else []), Text(self.summary(), style="bold"))


def _cells(task: str, row: TaskRow) -> tuple[str, ...]:
    states = [f"{len(row.running)} live"] if row.running else []
    states += [f"{count} {ending}" for ending, count in sorted(row.ended.items())]
    states += [words] if (words := in_words(row.samples.values())) else []
    now = "; ".join(f"{name}: {text}" for name, text in row.running.items())
    stage = f"{row.stage} {clock(time.monotonic() - row.since)}"
    return escape(task), escape(stage), escape(", ".join(states)), escape(now)


class Lines:
    """The same, as timestamped lines for a log; never silent for long."""

    def __init__(self, board: Board, console: Console) -> None:
        """Keep the counts on ``board``, print to ``console``."""
        self._board = board
        self._console = console
        self._told, self._over = threading.Event(), threading.Event()

    def __enter__(self) -> Self:
        threading.Thread(target=self._break_silence, name="log", daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._told.set()

    def stage(self, task: str, name: str) -> None:
        """Print the stage."""
        self._board.stage(task, name)
        self._print(f"{task}: {name}")

    def note(self, task: str, text: str) -> None:
        """Print the note."""
        self._board.note(task, text)
        self._print(f"{task}: {text}")

    def step(self, task: str, trajectory: str, text: str) -> None:
        """Print the step."""
        self._board.step(task, trajectory, text)
        self._print(f"{task} {trajectory}: {text}")

    def ended(self, task: str, trajectory: str, ending: Ending) -> None:
        """Print the ending."""
        self._board.ended(task, trajectory, ending)
        self._print(f"{task} {trajectory}: ended, {ending}")

    def usage(self, task: str, usage: Usage, cost: float | None, *, by: tuple[str, str] = ("", "")) -> None:
        """Count only: every step has its line already."""
        self._board.usage(task, usage, cost, by=by)

    def done(self, task: str, text: str) -> None:
        """Print the decision and where the run stands, with who spent what where there are several."""
        self._board.done(task, text)
        spent = by_player(self._board.by)
        self._print(f"{task}: {text} [{self._board.summary()}{'; ' * bool(spent)}{spent}]")

    def failed(self, task: str, reason: str) -> None:
        """Print why, and where the run stands."""
        self._board.failed(task, reason)
        self._print(f"{task}: not done: {reason} [{self._board.summary()}]")

    def _break_silence(self) -> None:
        while not self._over.is_set():
            if self._told.wait(SILENCE):
                self._told.clear()
            else:
                self._print(self._board.summary())

    def _print(self, text: str) -> None:
        self._told.set()
        stamp = datetime.now().astimezone().strftime("%H:%M:%S")
        self._console.print(f"{stamp} {one_line(text)}", markup=False, highlight=False, soft_wrap=True)


def clock(seconds: float) -> str:
    """Return seconds as ``m:ss`` or ``h:mm:ss``."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
