"""What was done of the checkouts, kept so that a call goes on where another ended; nothing of it is ever deleted."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from platformdirs import user_cache_path
from pydantic import BaseModel, ConfigDict

from agent.trajectory.journal import paid, read_journal
from swebench_runs.run_folder.files import write_whole
from swebench_runs.run_folder.store import Run

KEPT = user_cache_path("runoff") / "acceptance" / "fix-tests"
UNASKED = "no model call"
"""What the command says where no call was answered."""


class Outcome(BaseModel):
    """What came of one checkout."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    test: str
    said: tuple[str, ...]
    exit_code: int
    seconds: float
    patch: str
    applies: bool
    passes: bool
    """The given test passes with the patch."""
    broken: tuple[str, ...]
    """Tests that pass on the checkout and do not with the patch."""
    all_failing_pass: bool
    """So do the other tests that the bug makes fail; they were not given."""
    touched: tuple[str, ...]
    """Files of the user's that differ afterwards."""
    answered: int | None = None
    """Calls of the model that were answered; None: of a record of before."""
    before_first_call: float | None = None
    """Seconds of the task before its editing trajectories could ask."""
    load_average: tuple[float, float, float] | None = None
    """The machine's, when it was begun."""
    commit: str = ""

    @property
    def abstained(self) -> bool:
        """Nothing was handed over, and it was said."""
        return not self.patch and any("Abstained" in line for line in self.said)

    @property
    def good(self) -> bool:
        """What was handed over is as it must be, or nothing was and that was said."""
        whole = self.applies and self.passes and not self.broken
        return self.exit_code == 0 and not self.touched and (self.abstained or (bool(self.patch) and whole))

    @property
    def void(self) -> bool:
        """No call of the model was answered, so that it says nothing of what Runoff makes of one."""
        return not self.patch and (self.answered == 0 or any(UNASKED in line for line in self.said))


def outcome_of(name: str, folder: Path = KEPT) -> Outcome | None:
    """Return what came of a checkout; None where nothing has yet, or what did was set aside."""
    path = folder / f"{name}.json"
    return Outcome.model_validate_json(path.read_text()) if path.is_file() else None


def keep(outcome: Outcome, folder: Path = KEPT) -> None:
    """Keep what came of a checkout."""
    write_whole(folder / f"{outcome.id}.json", outcome.model_dump_json(indent=1))


def set_aside(name: str, folder: Path = KEPT) -> None:
    """Move a checkout's outcome, and its run's record, to ``aside/``: it is to be done again."""
    aside = folder / "aside"
    aside.mkdir(exist_ok=True)
    number = len(list(aside.glob(f"{name}.*.json")))
    (folder / f"{name}.json").rename(aside / f"{name}.{number}.json")
    if state_of_run(name, folder).is_dir():
        state_of_run(name, folder).rename(aside / f"{name}.{number}.state")


def times_set_aside(name: str, folder: Path = KEPT) -> int:
    """Return how many outcomes of a checkout were set aside."""
    return len(list((folder / "aside").glob(f"{name}.*.json")))


def state_of_run(name: str, folder: Path = KEPT) -> Path:
    """Return the folder that ``runoff fix`` keeps its record of a checkout below: a killed call goes on from it."""
    return folder / f"{name}.state"


def calls(state: Path) -> tuple[int, float | None]:
    """Return how many calls were answered in a run's one task, and its seconds before the first could be made."""
    runs = [Run.load(path.parent) for path in state.glob("runoff/fix/*/run.yaml")]
    answered, before = 0, None
    for run in runs[:1]:
        folder = run.task(run.instances[0])
        answered = sum(len(list(paid(line))) for path in folder.journals() for line in read_journal(path))
        starts = {one["stage"]: one["at"] for one in reversed(folder.events()) if one["event"] == "stage_start"}
        if "edits" in starts:
            began = min(map(datetime.fromisoformat, starts.values()))
            before = round((datetime.fromisoformat(starts["edits"]) - began).total_seconds(), 1)
    return answered, before
