"""``make acceptance-mutants``: candidates with true labels, chosen among by what runs, without a model.

Of every starter task, and of fresh ones of other packages: right variants, plausible ones, wrong ones, some that break
what worked (`variants.py`). ``runoff select --execute`` chooses, ``runoff grade --all`` labels by the hidden tests, and
every rule is replayed over what was run. Goes on where it was cut off: both commands do.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from acceptance.commands import run, runoff
from acceptance.record import MEASUREMENTS, ROOT, Record, recording
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
from swebench_runs.run_folder.files import write_whole
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
    """Make the candidates, choose, grade, part by part; the figures are written after each."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--output", type=Path, default=ROOT / "runs" / "mutants")
    options.add_argument("--minutes", type=float, default=12 * 60.0, help="no part is begun after so many")
    given = options.parse_args()
    began, every = time.monotonic(), _parts()
    names = random.Random(SEED).sample(sorted(every), len(every))
    tasks: list[GradedTask] = []
    meant: Counter[tuple[str, str]] = Counter()
    with recording(Record("mutants", n=0, unit="tasks", seed=SEED)) as record:
        for number, name in enumerate(names, 1):
            if time.monotonic() - began > 60 * given.minutes:
                record.notes.append(f"{number - 1} of {len(names)} parts, in drawn order: the time was up")
                break
            run_of_it = _chosen(name, every[name], given.output, record)
            part = graded_tasks(run_of_it)
            tasks += part
            meant += _meant(given.output / f"{name}.jsonl", run_of_it, part)
            record.figures["meant"] = _by_kind(meant)
            figures(record, tasks)
            write_whole(MEASUREMENTS / "mutants.json", json.dumps(record.values(), indent=1) + "\n")
        judge(record)


def _parts() -> dict[str, tuple[str, Sequence[Recipe]]]:
    """Return part -> (its subset, its tasks): the starter tasks of one package, or fresh ones of one."""
    found: dict[str, tuple[str, Sequence[Recipe]]] = {}
    for name, report in stored().reports.items():
        found[f"starter-{name.partition('==')[0]}"] = ("starter", report.recipes)
    for path in sorted(FRESH.glob("*.json")):
        found[path.stem] = (str(path), SynthReport.model_validate_json(path.read_bytes()).recipes)
    return found


def _chosen(name: str, part: tuple[str, Sequence[Recipe]], output: Path, record: Record) -> Run:
    """Choose among one part's candidates and grade them all; returns the run.

    Nobody forges here, so the second look at patches that break nothing is left out.
    """
    subset, recipes = part
    file, folder = output / f"{name}.jsonl", output / name
    if not file.is_file():
        write_whole(file, "".join(json.dumps(row) + "\n" for row in _rows(recipes)))
    own = ("--subset", subset, "--execute", "-c", "second_look=false", "-o", str(folder))
    for step in (("select", str(file), *own), ("grade", "--all", str(folder))):
        done = run(runoff(*step), timeout=LIMIT, quiet=True)
        if done.exit_code:
            record.check(f"{name}: runoff {step[0]} ends well", False, done.last_line)
        print(f"{name}: {step[0]}: {done.last_line} ({done.seconds:.0f} s)", flush=True)
    return Run.load(folder)


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


def _by_kind(meant: Counter[tuple[str, str]]) -> dict[str, dict[str, int]]:
    kinds = sorted({kind for kind, _ in meant})
    return {kind: {label: count for (one, label), count in sorted(meant.items()) if one == kind} for kind in kinds}


def figures(record: Record, tasks: Sequence[GradedTask]) -> None:
    """Compute the figures of what is done."""
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
    record.figures["chosen_right"] = [sum(task.decided_right for task in shown), len(shown)]


def judge(record: Record) -> None:
    """Check what the issue asks of them."""
    labels = sum(record.figures["candidates"][label] for label in ("right", "wrong"))
    record.check("several hundred candidates are labelled", labels >= 300, labels)
    right, shown = record.figures["chosen_right"]
    record.check(
        f"the choice is right in {TARGET:.0%} of the tasks where a test reproduces the issue",
        bool(shown) and right / shown >= TARGET,
        f"{right} of {shown}",
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
