"""A run that meets everything at once: kills, a refused repository, a full disk, a dead endpoint, and other settings.

The same command again, then the same with other limits, another endpoint and two more tasks, must end with every task
decided or named with its reason, and must ask for no answer that is on record.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from acceptance.batch.kills.kill import answers_on_record
from acceptance.batch.kills.odd_endpoint import OddEndpoint
from acceptance.commands import runoff
from acceptance.record import Record, recording
from selection.decision import Decision
from swebench_runs.run_folder.store import Run

FEW, MORE = "0:4", "0:6"
REFUSED = "docstring-parser"
"""The endpoint refuses every prompt about this repository."""
FULL = "cachetools-8.0.2__ea6cef"
"""The task whose folder has no room at first."""
ROOM = {"full": "48k", "enough": "64m"}
SETTINGS = {
    **{"subset": "starter", "model": "openai/odd", "trajectories": 2, "tests": 1, "turns": 2, "test_turns": 1},
    **{"runoff_turns": 1, "context_tokens": 1500, "early_stop": "false", "judge": "off", "price.policy": "zero"},
}
LIMIT = 900.0
"""Seconds of one command after which the measurement gives up."""

Moment = Callable[["subprocess.Popen[bytes]"], None]
"""Waits while a command runs, and may kill it."""


@dataclass(frozen=True)
class Sitting:
    """One start of the command, to its end or its kill."""

    what: str
    exit_code: int
    seconds: float
    asked: int
    answered: int
    recorded: int
    """Answers that it put on record."""
    decided: tuple[str, ...]
    """Tasks that are decided after it."""
    named: Mapping[str, str]
    """Tasks that it says are not done, with the reason it gives."""

    @property
    def lost(self) -> int:
        """Answers that were given and are not on record."""
        return self.answered - self.recorded


@dataclass
class Story:
    """One folder, and every command that was given on it."""

    folder: Path
    endpoint: OddEndpoint
    sittings: list[Sitting] = field(default_factory=list)

    @property
    def run(self) -> Path:
        """The run's folder."""
        return self.folder / "run"

    def command(self, what: str, changes: Mapping[str, object] | None = None, moment: Moment | None = None) -> Sitting:
        """Give the command with changed settings, and keep what came of it."""
        asked, answered = self.endpoint.asked(), self.endpoint.answered()
        recorded, began = answers_on_record(self.run), time.monotonic()
        settings = {**SETTINGS, "api_base": self.endpoint.address, "workers": 2, "slice": FEW, **(changes or {})}
        options = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
        log = self.folder / f"{len(self.sittings)}.txt"
        with log.open("wb") as output:
            process = subprocess.Popen(
                runoff("run", *options, "-o", str(self.run), "--no-grade"),
                env={**os.environ, "RUNOFF_STATE": str(self.folder / "s"), "OPENAI_API_KEY": "none"},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        try:
            if moment:
                moment(process)
            code = process.wait(timeout=LIMIT)
        finally:
            process.kill()
            process.wait()
        self.endpoint.settle()
        told = [line for line in log.read_text(errors="replace").splitlines() if " was not done: " in line]
        done = Sitting(
            what=what,
            exit_code=code,
            seconds=round(time.monotonic() - began, 1),
            asked=self.endpoint.asked() - asked,
            answered=self.endpoint.answered() - answered,
            recorded=answers_on_record(self.run) - recorded,
            decided=tuple(name for name in Run.load(self.run).instances if Run.load(self.run).decided(name)),
            named=dict(line.split(" was not done: ", 1) for line in told),
        )
        self.sittings.append(done)
        print(f"{what}: exit code {code}, {len(done.decided)} decided, {len(done.named)} named", flush=True)
        return done

    def killed_after(self, requests: int) -> Moment:
        """Return a moment that kills once so many more requests have come."""
        target = self.endpoint.asked() + requests

        def moment(process: subprocess.Popen[bytes]) -> None:
            deadline = time.monotonic() + LIMIT
            while process.poll() is None and self.endpoint.asked() < target and time.monotonic() < deadline:
                time.sleep(0.02)
            process.kill()

        return moment

    def revived_after(self, seconds: float) -> Moment:
        """Return a moment at which the endpoint, which is dead, answers again."""

        def moment(process: subprocess.Popen[bytes]) -> None:
            time.sleep(seconds)
            self.endpoint.revive()

        return moment


@contextmanager
def small_disk(folder: Path) -> Iterator[Callable[[str], None]]:
    """Mount a file system of its own on a task's folder; yields what gives it another size."""
    folder.mkdir(parents=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={ROOM['full']}", "runoff", str(folder)], check=True)

    def resize(size: str) -> None:
        subprocess.run(["mount", "-o", f"remount,size={size}", str(folder)], check=True)

    try:
        yield resize
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def tell(record: Record, story: Story, resize: Callable[[str], None]) -> None:
    """Give the commands, one after the other."""
    story.command("killed early", moment=story.killed_after(4))
    story.command("killed again", moment=story.killed_after(4))
    story.endpoint.die()
    dead = story.command("the endpoint is dead at first", moment=story.revived_after(15))
    every_task_is_told(record, dead, 4)
    record.check("a full disk is named", "No space left" in dead.named.get(FULL, ""), dead.named.get(FULL, "nothing"))
    others = set(dead.named) - {FULL}
    record.check("a full disk is its task's alone", not others, dead.named)
    spent = story.command("nothing left to spend", {"limits.run.tokens": 1, "workers": 1})
    every_task_is_told(record, spent, 4)
    record.check("a spent budget asks nothing", spent.asked == 0, f"{spent.asked} requests")
    resize(ROOM["enough"])
    story.endpoint.move()
    other: dict[str, object] = {"limits.task.seconds": 3000, "limits.run.cost": 5, "workers": 3, "slice": MORE}
    last = story.command("other limits, another port, two more tasks", other)
    every_task_is_told(record, last, 6)
    record.check("every task is decided", len(last.decided) == 6, f"{len(last.decided)} of 6; {dict(last.named)}")
    again = story.command("the same again", other)
    record.check("what is done is not done again", again.asked == 0 == again.exit_code, f"{again.asked} requests")


def every_task_is_told(record: Record, sitting: Sitting, tasks: int) -> None:
    """Check that after a command each task is decided or named with its reason, never both."""
    told = {*sitting.decided, *sitting.named}
    both = set(sitting.decided) & set(sitting.named)
    reasons = all(reason.strip() for reason in sitting.named.values())
    record.check(
        f"{sitting.what}: every task is decided or named",
        len(told) == tasks and not both and reasons,
        f"{len(sitting.decided)} decided, named: {dict(sitting.named)}",
    )


def nothing_twice(record: Record, story: Story) -> None:
    """Check that an answer on record is never asked for again, nor a request that was refused for good."""
    killed = [one for one in story.sittings if one.exit_code == -9]
    whole = [one for one in story.sittings if one.exit_code != -9]
    lost = sum(one.lost for one in story.sittings)
    repeated = story.endpoint.repeated()
    record.figures |= {"kills": len(killed), "requests": story.endpoint.asked(), "answers": story.endpoint.answered()}
    record.figures |= {"in_flight_at_kills": sum(one.lost for one in killed), "asked_again": repeated}
    record.check("two kills struck", len(killed) == 2, f"{len(killed)} kills")
    record.check("a sitting that ends has all it was answered on record", not any(one.lost for one in whole), lost)
    record.check("only what was in flight at a kill is asked again", repeated <= lost, f"{repeated} again, {lost} lost")
    refused = story.endpoint.refused_again()
    record.check("a refused request is not sent again", refused <= 2 * len(killed), f"{refused} sent again")


def refusals_are_decisions(record: Record, story: Story) -> None:
    """Check that the refused tasks are decided without a patch, and say why in the endpoint's words."""
    run = Run.load(story.run)
    names = [name for name in run.instances if name.startswith(REFUSED)]
    found = [run.task(name).read("decision.json", Decision) for name in names]
    reasons = [decision.reason for decision in found if decision and not decision.patch]
    told = bool(names) and len(reasons) == len(names) and all("content management policy" in one for one in reasons)
    record.check("a refused task is decided and says why", told, "; ".join(reasons))


def main() -> None:
    """Tell the story once."""
    if os.geteuid() != 0:
        sys.exit("acceptance resume: a small file system is mounted for the full disk: run it as root")
    with (
        recording(Record("resume", n=6, unit="tasks", seed=0)) as record,
        tempfile.TemporaryDirectory(prefix="rr") as name,
        OddEndpoint(refuses=f"# Code of the repository {REFUSED}") as endpoint,
    ):
        story = Story(Path(name), endpoint)
        with small_disk(story.run / "tasks" / FULL) as resize:
            tell(record, story, resize)
            nothing_twice(record, story)
            refusals_are_decisions(record, story)
        record.figures["sittings"] = [asdict(one) for one in story.sittings]


if __name__ == "__main__":
    main()
