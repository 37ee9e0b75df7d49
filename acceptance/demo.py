"""Item 1: ``make demo`` from a clean clone: set up, fetch, work through four tasks, report; under 12 minutes."""

from __future__ import annotations

import argparse
import re
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

from acceptance.commands import run
from acceptance.record import ROOT, Record, recording
from agent.models.local.catalog import local_model
from swebench_runs.figures.report.model import Report

LIMIT = 12 * 60.0
TASKS = 4
FOLDER = ROOT / "runs" / "demo"


def main() -> None:
    """Run the demo and record what it took and what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--setup-seconds", type=float, default=0.0, help="what `make setup` took just before")
    setup = parser.parse_args().setup_seconds
    set_aside(FOLDER)
    with recording(Record("demo", n=TASKS, unit="tasks", seed=0)) as record:
        cached = local_model("local").path.is_file()
        done = run(["make", "demo"], timeout=2 * LIMIT)
        record.figures |= {
            "setup_seconds": setup,
            "demo_seconds": round(done.seconds, 1),
            "model_was_cached": cached,
            "output_tail": done.output.splitlines()[-60:],
        }
        if cached:
            record.notes.append("The model was in the user's cache already: the time holds no download.")
        total = setup + done.seconds
        record.check("make demo ends well", done.exit_code == 0, f"exit code {done.exit_code}: {done.last_line}")
        record.check("set-up and demo in under 12 minutes", total < LIMIT, f"{total / 60:.1f} minutes")
        check(record, FOLDER, done.output)


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
