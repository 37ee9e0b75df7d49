"""A run's report: a table on the terminal, report.json with every figure, and a self-contained report.html."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from swebench_runs.figures.metrics import GradedTask
from swebench_runs.figures.report.model import Report, RunHeader, make_report
from swebench_runs.figures.report.page import render_page
from swebench_runs.figures.report.terminal import show
from swebench_runs.run_folder.files import write_whole

__all__ = ["Report", "RunHeader", "make_report", "show", "write_report"]


def write_report(report: Report, tasks: Sequence[GradedTask], folder: Path) -> tuple[Path, Path]:
    """Write report.json and report.html into a run's folder, each whole; returns their paths."""
    data, page = folder / "report.json", folder / "report.html"
    write_whole(data, json.dumps(report.model_dump(mode="json"), indent=1) + "\n")
    write_whole(page, render_page(report, tasks))
    return data, page
