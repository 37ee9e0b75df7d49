"""The tables of docs/results.md, made of docs/measurements/pool.json and pool_before.json and never typed by hand."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from acceptance.record import MEASUREMENTS, ROOT
from swebench_runs.figures.metrics.bootstrap import Estimate
from swebench_runs.figures.report.words import NOTHING, percent, with_interval
from swebench_runs.run_folder.files import write_whole

PAGE = ROOT / "docs" / "results.md"
BEGIN = "<!-- pool table: made by `make acceptance-pool`, never typed -->"
END = "<!-- end of pool table -->"
BEFORE = MEASUREMENTS / "pool_before.json"
"""The same tasks and limits before a weak model sampled short changes in what the example executes."""
_COMPARED = {
    "resolved by the decision": "resolved",
    "right where Runoff stands by its patch": "precision",
    "one trajectory (pass@1)": "curves/pass_at_1",
    "best of 4, if one knew (oracle@4)": "curves/oracle/-1",
}
"""Row of the comparison -> path of its figure."""


def update(page: Path, measured: Mapping[str, Any]) -> tuple[bool, str]:
    """Put the table of a measurement between the page's markers; returns whether it stands there, and what was done."""
    text = page.read_text()
    if text.count(BEGIN) != 1 or text.count(END) != 1:
        return False, f"{page.name} needs the lines {BEGIN} and {END} once each"
    before, _, rest = text.partition(BEGIN)
    after = rest.partition(END)[2]
    write_whole(page, f"{before}{BEGIN}\n{tables(measured)}\n{END}{after}")
    return True, f"{page.name} is up to date"


def shown(page: Path) -> str:
    """Return what stands between the page's markers."""
    found = re.search(f"{re.escape(BEGIN)}\n(.*?)\n?{re.escape(END)}", page.read_text(), re.DOTALL)
    return found[1] if found else ""


def tables(measured: Mapping[str, Any], before: Path = BEFORE) -> str:
    """Render a measurement of the pool, and beside it the earlier one of the same tasks under the same conditions."""
    return "\n\n".join([table(measured), beside(json.loads(before.read_bytes()), measured)])


def beside(before: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """Render two measurements of the same tasks as columns of one table, each titled by the day when it was made."""
    columns = [before["sections"]["all"], now["sections"]["all"]]
    lines = [_row(["", *(made["started"][:10] for made in (before, now))]), _row(["---"] * 3)]
    for title, path in _COMPARED.items():
        lines.append(_row([title, *(_estimate(section, path) for section in columns)]))
    lines.append(_row(["editing trajectories with a patch that applies", *(_applied(section) for section in columns)]))
    lines.append(_row(["tasks in which a right patch was found", *(_found(section) for section in columns)]))
    lines.append(_row(["tokens written by editing, a task", *(_written(section) for section in columns)]))
    lines.append(_row(["seconds a task", *(f"{section['seconds_per_task']['value']:.0f}" for section in columns)]))
    return "\n".join(lines)


def _applied(section: Mapping[str, Any]) -> str:
    return f"{section['funnel']['applied']} of {section['funnel']['trajectories']}"


def _found(section: Mapping[str, Any]) -> str:
    return f"{section['funnel']['tasks_with_resolving_patch']} of {section['tasks']}"


def _written(section: Mapping[str, Any]) -> str:
    rows = [row.get("spent", row) for row in section["spending"]]  # records of before have a row's keys at its top
    edits = [row for row in rows if row.get("stage", row.get("kind")) in ("edit", "edits")]
    return f"{sum(row['usage']['completion_tokens'] for row in edits) / section['tasks']:,.0f}"


def table(measured: Mapping[str, Any]) -> str:
    """Render a measurement of the pool as Markdown."""
    sections = measured["sections"]
    whole, parts = sections["all"], [name for name in sections if name != "all"]
    full = whole["curves"]["ks"][-1]
    head = ["", f"resolved, all {whole['tasks']}", "minus one single call", "gap closed"]
    lines = [_row([*head, *(f"{part}, {sections[part]['tasks']}" for part in parts)])]
    lines.append(_row(["---"] * (len(head) + len(parts))))

    def add(title: str, path: str, against: str = "", gap: str = "") -> None:
        compared = against if whole["single"] is not None else ""
        cells = [_estimate(whole, path), _estimate(whole, compared), _estimate(whole, gap)]
        lines.append(_row([title, *cells, *(percent(_value(sections[part], path)) for part in parts)]))

    if whole["single"] is not None:
        add("one single call", "single/pass_at_1")
        add(f"best of {whole['single']['calls']} single calls, if one knew", "single/oracle")
    add("one trajectory (pass@1)", "curves/pass_at_1", "against_single_calls/pass@1")
    for rule in whole["curves"]["rules"]:
        title = f"**decision of the run-off**, {full} trajectories" if rule == "decision" else f"`{rule}` of {full}"
        add(title, f"curves/rules/{rule}/-1/best", f"against_single_calls/{rule}", f"curves/rules/{rule}/-1/gap")
    add(f"best of {full} trajectories, if one knew (oracle@{full})", "curves/oracle/-1")
    return "\n".join([*lines, "", _closing(measured)])


def _closing(measured: Mapping[str, Any]) -> str:
    section = measured["sections"]["all"]
    lost = ", ".join(f"{number} {stage}" for stage, number in section["losses"].items() if number)
    return (
        f"{measured['done']} of {measured['asked']} tasks of {section['clusters']} packages done with "
        f"`{measured['config']['model']}`; in brackets {percent(measured['level'])} intervals "
        f"(bootstrap over packages, {measured['resamples']:,} resamples, seed {measured['seed']}). Tasks: {lost}."
    )


def _estimate(section: Mapping[str, Any], path: str) -> str:
    found = _find(section, path) if path else None
    return with_interval(Estimate.model_validate(found)) if found else NOTHING


def _value(section: Mapping[str, Any], path: str) -> float | None:
    found = _find(section, path)
    return found["value"] if found else None


def _find(section: Any, path: str) -> Any:
    """Follow keys and indices; None where a section has no such figure."""
    for key in path.split("/"):
        if section is None:
            return None
        section = section[int(key)] if isinstance(section, list) else section.get(key)
    return section


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def main() -> None:
    """Write the table again from the stored measurement."""
    print(update(PAGE, json.loads((MEASUREMENTS / "pool.json").read_bytes()))[1])


if __name__ == "__main__":
    main()
