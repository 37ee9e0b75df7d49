"""``make demo``: under 10 minutes with the model there, half of its four tasks resolved; three seeds, all reported."""

from __future__ import annotations

import argparse
import json
import math
import re
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from acceptance.commands import run, runoff
from acceptance.record import ROOT, Record, recording
from agent.models.local.catalog import local_model
from swebench_runs.figures.report.model import Report
from swebench_runs.run_folder.files import write_whole

LIMIT = 10 * 60.0
TASKS = 4
WANTED = 2
"""Tasks of the four that are to be resolved, with every seed."""
SEEDS = (0, 1, 2)
RUNS = ROOT / "runs"
KEPT = RUNS / "demo-seeds"
"""What was measured by seed, so that an interrupted measurement goes on."""


def main() -> None:
    """Run the demo with each seed that has not been measured yet, and record what each took and what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--setup-seconds", type=float, default=0.0, help="what `make setup` took just before")
    parser.add_argument("--anew", action="store_true", help="measure seeds again that were measured already")
    given = parser.parse_args()
    with recording(Record("demo", n=len(SEEDS) * TASKS, unit="tasks", seed=SEEDS[0])) as record:
        record.figures |= {"setup_seconds": given.setup_seconds, "seeds": {}}
        for seed in SEEDS:
            file = KEPT / f"{seed}.json"
            if given.anew or not file.is_file():
                write_whole(file, json.dumps(one_demo(seed).values(), indent=1) + "\n")
            add(record, seed, json.loads(file.read_bytes()))
        summed_up(record)


def one_demo(seed: int) -> Record:
    """Run the demo with one seed: the first as everybody does, by ``make demo``."""
    folder = RUNS / ("demo" if seed == SEEDS[0] else f"demo-{seed}")
    set_aside(folder)
    record = Record("demo", n=TASKS, unit="tasks", seed=seed)
    cached = local_model("local").path.is_file()
    place = str(folder.relative_to(ROOT))
    demo = ["make", "demo"] if seed == SEEDS[0] else runoff("run", "-c", "demo", "--seed", str(seed), "-o", place)
    done = run(demo, timeout=2 * LIMIT)
    record.figures |= {
        "demo_seconds": round(done.seconds, 1),
        "model_was_cached": cached,
        "output_tail": done.output.splitlines()[-80:],
    }
    record.check("the demo ends well", done.exit_code == 0, f"exit code {done.exit_code}: {done.last_line}")
    record.check("the demo in under 10 minutes", done.seconds < LIMIT, f"{done.seconds / 60:.1f} minutes")
    check(record, folder, done.output)
    resolved = record.figures["resolved"]
    record.check(f"at least {WANTED} of {TASKS} tasks are resolved", resolved >= WANTED, f"{resolved} of {TASKS}")
    return record


def add(record: Record, seed: int, measured: dict[str, Any]) -> None:
    """Put what one seed came to on the record of all."""
    left_out = ("schema", "item", "n", "unit", "seed", "checks", "notes", "shortfalls", "versions", "machine")
    record.figures["seeds"][str(seed)] = {
        **{key: value for key, value in measured.items() if key not in left_out},
        "commit": measured["versions"].get("commit"),
    }
    for one in measured["checks"]:
        record.check(f"seed {seed}: {one['what']}", one["holds"], one["found"])
    if measured["model_was_cached"]:
        record.notes.append(f"seed {seed}: the model was in the user's cache already: the time holds no download.")


def summed_up(record: Record) -> None:
    """Add what all seeds come to together."""
    seeds = record.figures["seeds"].values()
    resolved = sum(one["resolved"] for one in seeds)
    record.figures |= {"resolved": resolved, "resolved_interval": list(wilson(resolved, record.n))}


def wilson(successes: int, n: int, z: float = 1.96) -> tuple[float, float]:
    """Return the 95% interval of a share by Wilson's formula."""
    share, scale = successes / n, 1 + z * z / n
    middle = (share + z * z / (2 * n)) / scale
    half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / scale
    return round(middle - half, 3), round(middle + half, 3)


def check(record: Record, folder: Path, output: str) -> None:
    """Check what a finished demo left: progress, the table, the report and the page."""
    report = Report.model_validate_json((folder / "report.json").read_bytes())
    resolved = [task.instance_id for task in report.tasks if task.resolved]
    record.figures |= {
        "resolved": len(resolved),
        "tasks": {task.instance_id: {"result": task.state, "lost_at": task.stage} for task in report.tasks},
        "summary": report.summary.sections["all"].resolved.model_dump(mode="json"),
    }
    silent = [task.instance_id for task in report.tasks if output.count(task.instance_id) < 2]
    loads = external_loads((folder / "report.html").read_text())
    record.check("every task is in the report", len(report.tasks) == TASKS, f"{len(report.tasks)} tasks")
    record.check("progress is shown for every task", not silent, f"silent: {', '.join(silent) or 'none'}")
    shown = f"{len(resolved)} of {len(report.tasks)} tasks resolved"
    record.check("the table says how many were resolved", shown in output, shown)
    record.check("report.html loads nothing", not loads, ", ".join(loads) or "no external load")


def external_loads(page: str) -> list[str]:
    """Return everything that a browser would fetch to show the page."""
    finder = _Loads()
    finder.feed(page)
    return finder.found


class _Loads(HTMLParser):
    """Collects what tags and styles load; links that a reader may click are not loads."""

    LOADING = frozenset({"src", "srcset", "data", "poster", "background", "action", "formaction"})

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._in_style = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._in_style = tag == "style"
        if tag == "script":
            self.found.append("a script")
        for name, value in attrs:
            fetched = name in self.LOADING or (name in ("href", "xlink:href") and tag not in ("a", "area"))
            if fetched and value and not value.startswith(("data:", "#")):
                self.found.append(f"{tag} {name}={value}")
            if name == "style":
                self.handle_style(value or "")

    def handle_endtag(self, tag: str) -> None:
        self._in_style = False

    def handle_data(self, data: str) -> None:
        if self._in_style:
            self.handle_style(data)

    def handle_style(self, text: str) -> None:
        """Collect what a style sheet loads."""
        urls = re.findall(r"url\(\s*['\"]?(?!data:|#)([^)'\"]+)|(@import[^;]+)", text)
        self.found.extend(first or second for first, second in urls)


def set_aside(folder: Path) -> None:
    """Rename what an earlier time left: a resumed demo would measure nothing, and paid work is never deleted."""
    if folder.exists():
        folder.rename(folder.with_name(f"{folder.name}-before-{datetime.now(UTC):%Y%m%dT%H%M%S}"))


if __name__ == "__main__":
    main()
