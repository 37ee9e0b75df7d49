"""``make acceptance-mutants``: candidates with true labels, chosen among by what runs, without a model.

Of every starter task, and of fresh ones of other packages: right variants, plausible ones, wrong ones, some that break
what worked (`variants.py`). ``runoff select --execute`` chooses, ``runoff grade --all`` labels by the hidden tests, and
every rule is replayed over what was run. Goes on where it was cut off: both commands do.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from acceptance.commands import run, runoff
from acceptance.record import ROOT, Record, recording
from acceptance.selection.mutants.variants import candidates
from environments.synthesis.recipe import Recipe
from environments.synthesis.report import SynthReport
from environments.synthesis.sdists import unpack
from selection.rules import RULES
from swebench_runs.after_run.graded_tasks import graded_tasks
from swebench_runs.figures.metrics import GradedTask
from swebench_runs.figures.metrics.bootstrap import Resampler
from swebench_runs.figures.metrics.curves import DECISION
from swebench_runs.figures.metrics.estimators import Chances, pass_at_1
from swebench_runs.figures.metrics.gate import quality_of_gate
from swebench_runs.figures.metrics.verifiers import quality_of_tests
from swebench_runs.one_task.given_patches import FILE, GivenPatches
from swebench_runs.run_folder.store import Run
from swebench_runs.splits.starter_draw import stored

FRESH = ROOT / "acceptance" / "agents" / "formats" / "fresh"
"""Tasks that ``runoff synth mutate`` made of packages that the starter tasks are not of."""
SEED = 0
TARGET = 0.9
"""Share of the tasks with a reproducing test in which the choice is to be right."""
LIMIT = 12 * 3600.0
SHOWN = (
    *("random", "medoid", "consensus", "codemonkeys", "votes", "regression-then-votes"),
    *("weighted-votes", "dawid-skene", "gates-then-consensus", "eb", "runoff"),
)


def main() -> None:
    """Make the candidates, choose, grade, measure."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--output", type=Path, default=ROOT / "runs" / "mutants")
    options.add_argument("--parts", nargs="*", default=["starter", *sorted(path.stem for path in FRESH.glob("*.json"))])
    given = options.parse_args()
    with recording(Record("mutants", n=0, unit="tasks", seed=SEED)) as record:
        runs = [_chosen(name, given.output, record) for name in given.parts]
        tasks, meant = [], Counter[tuple[str, str]]()
        for name, folder in runs:
            stored_run = Run.load(folder)
            part = graded_tasks(stored_run)
            tasks += part
            meant += _meant(given.output / f"{name}.jsonl", stored_run, part)
        measure(record, tasks)
        record.figures["meant"] = {
            kind: {label: count for (one, label), count in sorted(meant.items()) if one == kind}
            for kind in sorted({kind for kind, _ in meant})
        }


def _chosen(name: str, output: Path, record: Record) -> tuple[str, Path]:
    """Choose among one part's candidates and grade them all; returns the run's folder."""
    subset = "starter" if name == "starter" else str(FRESH / f"{name}.json")
    file, folder = output / f"{name}.jsonl", output / name
    if not file.is_file():
        file.parent.mkdir(parents=True, exist_ok=True)
        rows = list(_rows(_recipes(name)))
        file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    for step in (
        ("select", str(file), "--subset", subset, "--execute", "-w", "1", "-o", str(folder)),
        ("grade", "--all", str(folder)),
    ):
        done = run(runoff(*step), timeout=LIMIT, quiet=True)
        record.check(f"{name}: runoff {step[0]} ends well", done.exit_code == 0, done.last_line)
        print(f"{name}: {step[0]}: {done.last_line}", flush=True)
    return name, folder


def _recipes(name: str) -> Sequence[Recipe]:
    if name == "starter":
        return [recipe for report in stored().reports.values() for recipe in report.recipes]
    return SynthReport.model_validate_json((FRESH / f"{name}.json").read_bytes()).recipes


def _rows(recipes: Sequence[Recipe]) -> Iterator[dict[str, Any]]:
    """Yield predictions; what each is meant to be stands beside the patch, in a field that nobody reads."""
    for recipe in recipes:
        with tempfile.TemporaryDirectory(prefix="runoff-original-") as folder:
            unpack(recipe.package.sdist(None), Path(folder) / "sdist")
            original = (Path(folder) / "sdist" / recipe.mutation.file).read_bytes()
        for number, (meant, patch) in enumerate(candidates(recipe, original, SEED)):
            yield {
                "instance_id": recipe.instance_id,
                "model_name_or_path": f"variant-{number}",
                "model_patch": patch,
                "meant": meant,
            }


def _meant(file: Path, run: Run, tasks: Sequence[GradedTask]) -> Counter[tuple[str, str]]:
    """Count (what a candidate was meant to be, its label)."""
    rows = [json.loads(line) for line in file.read_text().splitlines()]
    kinds = {(row["instance_id"], row["model_patch"]): row["meant"] for row in rows}
    counted: Counter[tuple[str, str]] = Counter()
    for task in tasks:
        given = run.task(task.instance_id).read(FILE, GivenPatches)
        made = {entry.id: entry.candidate for entry in task.ballot.entries}
        for number, one in enumerate(given.patches if given else ()):
            label = task.resolved.get(made.get(f"edit-{number}") or "")
            kind = kinds.get((task.instance_id, one.patch), "not told apart")
            counted[kind, {True: "right", False: "wrong", None: "no candidate or no grade"}[label]] += 1
    return counted


def measure(record: Record, tasks: Sequence[GradedTask]) -> None:
    """Compute the figures, and judge them."""
    done = [task for task in tasks if task.decision is not None]
    mixed = [task for task in done if len({*task.resolved.values()}) > 1]
    shown = [task for task in mixed if any(map(task.ballot.reproduces, task.ballot.tests))]
    record.n = len(done)
    labels = Counter(grade for task in done for grade in task.resolved.values())
    record.figures |= {
        "tasks": {"asked": len(tasks), "done": len(done), "mixed": len(mixed), "with_reproducing_test": len(shown)},
        "candidates": {
            "right": labels[True],
            "wrong": labels[False],
            "a_task": round(labels.total() / max(1, len(done)), 1),
        },
        "two_right": sum(sum(task.resolved.values()) > 1 for task in done),
        "with_reproducing_test": _of(shown),
        "without": _of([task for task in mixed if task not in shown]),
    }
    record.check("several hundred candidates are labelled", labels.total() >= 300, labels.total())
    right = sum(task.decided_right for task in shown)
    share = right / len(shown) if shown else 0.0
    record.check(
        f"the choice is right in {TARGET:.0%} of the tasks where a test reproduces the issue",
        share >= TARGET,
        f"{right} of {len(shown)}",
    )


def _of(tasks: Sequence[GradedTask]) -> dict[str, Any]:
    """Return how each rule does on tasks, with intervals over packages, and how good gate and tests were."""
    if not tasks:
        return {"n": 0}
    rules = {name: rule for name, rule in RULES.items() if name in SHOWN}
    known = Chances.over(len(tasks), rules, seed=SEED)
    rows = [known.of(task, task.attempts) for task in tasks]
    values = {name: np.array([row[name] for row in rows]) for name in rules}
    values[DECISION] = np.array([float(task.decided_right) for task in tasks])
    mean = np.array([pass_at_1(task) for task in tasks])
    best = np.array([float(task.successes > 0) for task in tasks])
    resampler = Resampler.of([task.cluster for task in tasks], seed=SEED)
    ours = values[DECISION]
    return {
        "n": len(tasks),
        "clusters": len({task.cluster for task in tasks}),
        "random": resampler.mean(mean).model_dump(mode="json"),
        "oracle": resampler.mean(best).model_dump(mode="json"),
        "rules": {
            name: {
                "right": resampler.mean(chance).model_dump(mode="json"),
                "gap_closed": resampler.ratio(chance - mean, best - mean).model_dump(mode="json"),
                "decision_minus_it": resampler.mean(ours - chance).model_dump(mode="json"),
            }
            for name, chance in values.items()
        },
        "gate": quality_of_gate(tasks, resampler).model_dump(mode="json"),
        "tests": quality_of_tests(tasks, resampler, reproducing=True).model_dump(mode="json"),
    }


if __name__ == "__main__":
    main()
