"""Runs of the ``tools`` scaffold from first look to graded report, and what kills do to them."""

from __future__ import annotations

import json
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from acceptance.agents.tools.known_fixes import KnownFix, flask_row, starter_fixes
from acceptance.agents.tools.scripted_endpoint import ScriptedEndpoint
from acceptance.agents.tools.scripts import CHANCE_AT, resolving, with_chance
from acceptance.batch.kills import left_over
from acceptance.batch.kills.call_counter import Counter
from acceptance.batch.kills.kill import Torture, answers_on_record, drawn, torture, untouched
from acceptance.commands import run, runoff
from acceptance.record import Record, recording
from agent.trajectory.journal import CUT, paid, read_journal
from environments.record_file import read_lines
from swebench_runs.figures.report.model import Report
from swebench_runs.one_task import pool
from swebench_runs.run_folder.store import Run

TASKS = 6
KILLS = 10
DOCKER_KILLS = 3
SEED = 20261128
_MODEL = "openai/knows-the-fix"
_CONFIG = {
    **{"model": _MODEL, "scaffold": "tools", "turns": 40, "trajectories": 2, "tests": 0, "runoff_turns": 0},
    **{"judge": "off", "early_stop": "false", "workers": 4},
    "profile": json.dumps([{"match": [_MODEL], "tools": True, "context_tokens": 100_000, "max_output_tokens": 8000}]),
}
_KEY = {"OPENAI_API_KEY": "none"}


def settings(endpoint: ScriptedEndpoint, fixes: Sequence[KnownFix], **more: Any) -> dict[str, Any]:
    """Return the configuration of a run of these tasks."""
    return {
        **_CONFIG,
        "api_base": endpoint.address,
        "instances": json.dumps([fix.instance_id for fix in fixes]),
        **more,
    }


def options(config: Mapping[str, Any]) -> list[str]:
    """Return a configuration as the command takes it."""
    return [part for key, value in config.items() for part in ("-c", f"{key}={value}")]


def resolves(record: Record, what: str, config: Mapping[str, Any], folder: Path, count: int) -> None:
    """Run to the graded report, and check that every task is resolved."""
    done = run(runoff("run", *options(config), "-o", str(folder)), timeout=1800, env=_KEY)
    record.check(f"{what}: the run ends well", done.exit_code == 0, f"exit code {done.exit_code}: {done.last_line}")
    report = Report.model_validate_json((folder / "report.json").read_bytes())
    resolved = sum(task.resolved for task in report.tasks)
    record.check(f"{what}: every task is resolved", resolved == count == len(report.tasks), f"{resolved} of {count}")
    record.figures[what] = {"resolved": resolved, "tasks": len(report.tasks), "seconds": round(done.seconds)}
    kinds = steps_of(folder)
    record.figures[what]["steps"] = kinds
    wanted = {"model", "command", "read", "write", "diff"}
    record.check(f"{what}: every kind of step is on record", wanted <= kinds.keys(), kinds)


def steps_of(folder: Path) -> dict[str, int]:
    """Count the recorded steps of a run by kind."""
    found: dict[str, int] = {}
    for path in sorted(folder.glob("tasks/*/trajectories/edit-*.jsonl")):
        for line in read_journal(path):
            if "kind" in line:
                found[line["kind"]] = found.get(line["kind"], 0) + 1
    return found


def patches(folder: Path) -> dict[str, list[str]]:
    """Return task -> the patch of each editing trajectory."""
    stored = Run.load(folder)
    found = {}
    for name in stored.instances:
        made = stored.task(name).read(pool.FILE, pool.Pool)
        found[name] = [trajectory.patch for trajectory in made.trajectories] if made else []
    return found


@contextmanager
def subject(folder: Path, config: Mapping[str, Any]) -> Iterator[Torture]:
    """Give what is killed in a new folder, its requests counted apart from all others."""
    folder.mkdir()
    with Counter(folder / "calls.jsonl") as counter:
        yield Torture(config, folder, counter, _KEY)


def killed(whole: Record, what: str, subject: Torture, kills: int) -> None:
    """Kill a run at random moments, and check its patches beside those of one that nobody touched."""
    record = Record(what, n=kills, unit="kills")
    torture(record, subject, lambda seconds: drawn(kills, SEED, seconds))
    runs = sorted(subject.folder.glob("killed-*"))
    wanted = patches(subject.folder / "reference")
    same = [name for folder in runs for name, made in patches(folder).items() if made == wanted[name]]
    record.check("killed runs made the same patches", len(same) == len(wanted) * len(runs), f"of {len(same)} tasks")
    cuts = [
        line for folder in runs for path in folder.rglob("edit-*.jsonl") for line in read_lines(path) if CUT in line
    ]
    record.check("no record was cut", not cuts, [line["why"] for line in cuts] or "none")
    whole.figures[f"{what}, killed"] = record.figures
    for check in record.checks:
        whole.check(f"{what}, killed: {check.what}", check.holds, check.found)


def cut(record: Record, subject: Torture) -> None:
    """Kill a run after a command whose output is never the same, and check that its record is cut there."""
    folder, wanted = subject.folder / "cut", CHANCE_AT + 3

    def moment(process: subprocess.Popen[bytes], counter: Counter) -> bool:
        while answers_on_record(folder) < wanted and process.poll() is None:
            time.sleep(0.02)
        return process.poll() is None

    first = subject.start(folder, moment)
    record.check("chance: the run is killed under way", first.killed, f"after {first.recorded} answers")
    last = subject.start(folder, untouched)
    record.check("chance: the next sitting ends well", last.exit_code == 0, f"exit code {last.exit_code}")
    (journal,) = folder.rglob("edit-0.jsonl")
    cuts = [line for line in read_lines(journal) if CUT in line]
    record.check("chance: the record is cut once", len(cuts) == 1, [line["why"] for line in cuts])
    if cuts:
        at = next(line["step"] for line in read_lines(journal) if "uuid" in json.dumps(line.get("request")))
        record.check("chance: at the command that came out otherwise", cuts[0][CUT] == at, f"{cuts[0][CUT]}, not {at}")
        asked_again = len(cuts[0]["unused"])
        record.check(
            "chance: the answers after it are not used", asked_again == first.recorded - CHANCE_AT, asked_again
        )
        counted = sum(len(paid(line)) for line in read_journal(journal))
        record.check("chance: and still count", counted == last.recorded + first.recorded + asked_again, counted)
    said = "came out otherwise than on record" in (subject.folder / "output.txt").read_text()
    record.check("chance: the log says so", said, "said" if said else "not said")
    fixed = any(patches(folder).values()) and all(all(made) for made in patches(folder).values())
    record.check("chance: the trajectory comes to its patch all the same", fixed, fixed)


def main() -> None:
    """Starter tasks in bubblewrap, a row in Docker, kills, and a command that comes out otherwise."""
    with (
        recording(Record("tools", n=TASKS + 1, unit="tasks", seed=SEED)) as record,
        tempfile.TemporaryDirectory(prefix="rk") as name,
        left_over.adopting_orphans(),
    ):
        folder, fixes = Path(name), starter_fixes(TASKS)
        row = flask_row(folder)
        docker = {"subset": row.rows, "repos": row.repos, "sandbox": "docker"}
        record.notes.append("The model is scripted and knows the fixes: it drives the path, it shows no skill.")
        with ScriptedEndpoint([*fixes, row.fix], resolving) as endpoint:
            starter, real = settings(endpoint, fixes), settings(endpoint, [row.fix], **docker)
            resolves(record, "starter", starter, folder / "starter", TASKS)
            resolves(record, "docker", real, folder / "docker", 1)
            with subject(folder / "k", starter) as killable:
                killed(record, "starter", killable, KILLS)
            with subject(folder / "d", real) as killable:
                killed(record, "docker", killable, DOCKER_KILLS)
            record.check("nothing is asked beside the script", not endpoint.strange, endpoint.strange[:3] or "nothing")
        with ScriptedEndpoint(fixes, with_chance) as endpoint:
            one = settings(endpoint, fixes[:1], trajectories=1)
            with subject(folder / "c", one) as killable:
                cut(record, killable)


if __name__ == "__main__":
    main()
