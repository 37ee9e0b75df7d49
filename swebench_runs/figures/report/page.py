"""The report as one HTML file that loads nothing: no script, no font, no request.

Issue texts, patches, tests and model output are hostile: everything is escaped by the template engine, and a content
security policy in the page forbids scripts and loads should that ever fail.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import jinja2
from markupsafe import Markup

from swebench_runs.figures.metrics import GradedTask
from swebench_runs.figures.metrics.curves import DECISION
from swebench_runs.figures.palette import style_sheet
from swebench_runs.figures.report import words
from swebench_runs.figures.report.ballot_view import MARKS, view
from swebench_runs.figures.report.chart import scaling_chart
from swebench_runs.figures.report.model import FEW, Report
from swebench_runs.figures.report.templating import environment


def render_page(report: Report, tasks: Sequence[GradedTask]) -> bytes:
    """Render the page, UTF-8; ``tasks`` are those that the report was made of, in the same order."""
    page = _environment().get_template("page.html.jinja")
    whole = report.summary.sections["all"]
    chart = None if report.no_rules else scaling_chart(whole.curves)
    return page.render(
        report=report,
        whole=whole,
        sections=report.summary.sections,
        decision=DECISION,
        headline=report.headline,
        few=len(tasks) <= FEW,
        lost=[(stage.value, number) for stage, number in whole.losses.items() if number],
        # Ours: drawn from figures and the names of rules alone.
        chart=Markup(chart) if chart else "",
        palette=style_sheet(),
        tasks=[view(task, result, len(tasks)) for task, result in zip(tasks, report.tasks, strict=True)],
        marks=MARKS,
    ).encode()


@cache
def _environment() -> jinja2.Environment:
    found = environment("swebench_runs.figures.report")
    shown = (
        words.percent,
        words.interval,
        words.with_interval,
        words.count,
        words.duration,
        words.money,
        words.useless,
        words.unended,
        words.machine,
    )
    found.filters.update({function.__name__: function for function in shown})
    return found
