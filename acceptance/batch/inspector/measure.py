"""``make acceptance-inspector``: a made run of 8,000 trajectories opens in under 2 s and turns a page in under 100 ms.

In a terminal of its own by keys, and as pages in chromium where there is one. Pictures of both go to docs/pictures.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from acceptance.batch.inspector.chromium import chromium, seconds_of
from acceptance.batch.inspector.made_run import made_run
from acceptance.batch.inspector.terminal import Terminal, Took
from acceptance.record import ROOT, Record, recording
from swebench_runs.inspector.browser import Browser
from swebench_runs.inspector.pages import write_pages
from swebench_runs.run_folder.store import Run

PICTURES = ROOT / "docs" / "pictures"
DOWN, NEXT, END, ENTER, BACK = b"\x1b[B", b"\x1b[6~", b"\x1b[1;5F", b"\r", b"\x1b"
OPENS, TURNS = 2.0, 0.1
"""Seconds that are wanted."""


def main() -> None:
    """Make the run, measure, record."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--tasks", type=int, default=500)
    asked.add_argument("--trajectories", type=int, default=16)
    asked.add_argument("--turns", type=int, default=8, help="answers of a trajectory, each with a command")
    asked.add_argument("--openings", type=int, default=5)
    asked.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()))
    asked.add_argument("--without-pages", action="store_true", help="Where the machine is too busy to write them all.")
    given = asked.parse_args()
    record = Record("inspector", n=given.tasks * given.trajectories, unit="trajectories of a made run", seed=0)
    folder = Path(tempfile.mkdtemp(prefix="runoff-inspector-", dir=given.folder))
    try:
        with recording(record):
            run = made_run(folder / "run", given.tasks, given.trajectories, given.turns)
            sizes = [path.stat().st_size for path in run.path.rglob("*.jsonl")]
            record.figures["run"] = {"megabytes": sum(sizes) >> 20, "steps_a_trajectory": 2 * given.turns}
            _terminal(record, run, given.openings)
            if given.without_pages:
                record.notes.append("The pages of HTML were not written.")
            else:
                _html(record, run, folder / "pages")
            asyncio.run(_picture(run))
    finally:
        shutil.rmtree(folder)


def _terminal(record: Record, run: Run, openings: int) -> None:
    name, opened, turned = run.instances[0], list[Took](), list[Took]()
    for _ in range(openings):
        with Terminal(run.path) as screen:
            opened.append(screen.opened(name))
            turned += [screen.press(NEXT) for _ in range(5)]
            turned += [screen.press(ENTER, "edit-0"), *(screen.press(DOWN) for _ in range(4)), screen.press(END)]
            turned += [screen.press(ENTER, "system"), screen.press(b" ")]
            turned += [screen.press(DOWN) for _ in range(8)]
            turned += [screen.press(BACK, "edit-0"), screen.press(BACK, "made__project")]
    figures = {
        way: _told([one.seconds for one in took]) | {"processor": _told([one.cpu for one in took])}
        for way, took in (("opens", opened), ("turns", turned))
    }
    record.figures["terminal"] = figures
    slowest = [max(one.seconds for one in took) for took in (opened, turned)]
    record.check(f"the terminal's browser opens in under {OPENS:g} s", slowest[0] < OPENS, figures["opens"])
    record.check(f"it turns a page in under {TURNS * 1000:g} ms", slowest[1] < TURNS, figures["turns"])


def _html(record: Record, run: Run, folder: Path) -> None:
    began = time.monotonic()
    first = write_pages(run, folder)
    pages = sorted(folder.rglob("*.html"))
    size = sum(page.stat().st_size for page in pages) >> 20
    written = {"pages": len(pages), "megabytes": size, "seconds_to_write": round(time.monotonic() - began, 1)}
    record.figures["html"] = written
    if chromium() is None:
        record.notes.append("No chromium here: how soon pages stand was not measured.")
        return
    picture = folder / run.instances[0] / "index.html"
    some = [first] * 5 + [picture] + pages[:: max(len(pages) // 40, 1)]
    PICTURES.mkdir(exist_ok=True)
    found = seconds_of(some, {first: PICTURES / "inspect-tasks.png", picture: PICTURES / "inspect-task.png"})
    record.figures["html"] |= {"opens": _told(found[:5]), "turns": _told(found[5:])}
    record.check(f"the first page stands in under {OPENS:g} s", max(found[:5]) < OPENS, _told(found[:5]))
    record.check(f"another page stands in under {TURNS * 1000:g} ms", max(found[5:]) < TURNS, _told(found[5:]))


async def _picture(run: Run) -> None:
    """Draw the terminal's browser, a trajectory open, as textual draws itself."""
    app = Browser(run)
    async with app.run_test(size=(130, 36)) as pilot:
        for keys in (("enter",), ("ctrl+end", "enter"), ("down",)):
            await pilot.press(*keys)
            await pilot.pause(1)
        app.save_screenshot(filename="inspect-terminal.svg", path=str(PICTURES))


def _told(seconds: Sequence[float]) -> dict[str, Any]:
    """Return n, the median and the longest, in milliseconds."""
    in_ms = [1000 * one for one in seconds]
    return {"n": len(in_ms), "median_ms": round(statistics.median(in_ms)), "longest_ms": round(max(in_ms))}


if __name__ == "__main__":
    main()
