"""``python -m acceptance.selection.executed.replay``: every rule over the stored outcomes, in seconds; nothing is run.

    ... --pool OTHER.jsonl --outcomes other_outcomes.jsonl --draw other.json --name executed_other     # another pool's

Writes ``docs/measurements/executed.json``. Intervals are 95%, by instance and by repository; few repositories, one of
which holds most instances, make the latter coarse. Consensus is by models that saw no task of the repository.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from acceptance.record import Record, recording
from acceptance.selection.executed.draw import DRAW, DRAWN, SEED, drawn_instances
from acceptance.selection.executed.executed_tasks import executed_tasks
from acceptance.selection.executed.executing import OUTCOMES
from acceptance.selection.executed.learned import learned_rules
from acceptance.selection.executed.out_of_fold import scores_of
from acceptance.selection.executed.rules import OutOfFold, rules
from environments.record_file import read_lines
from selection.rules import Rule
from selection.rules.evidence import reproducing
from selection.weighing import gate
from swebench_runs.bench.rules.choosing import chance_of_rules
from swebench_runs.bench.rules.estimates import Estimator
from swebench_runs.bench.rules.figures import RuleDifference, Scored
from swebench_runs.bench.rules.grades import chances
from swebench_runs.choosing.labelled_pool import LabelledTask
from swebench_runs.figures.metrics.bootstrap import Array

LEAST, TARGET = 80, 0.5
AGAINST = ("medoid", "consensus")


def main() -> None:
    """Measure and judge."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--pool", type=Path, help="graded patches; by default those of the data folder")
    options.add_argument("--outcomes", type=Path, default=OUTCOMES)
    options.add_argument("--draw", type=Path, default=DRAW)
    options.add_argument("--name", default="executed", help="of the record")
    asked = options.parse_args()
    tasks, lines = executed_tasks(asked.outcomes, asked.pool)
    with recording(Record(asked.name, n=len(tasks), unit="instances", seed=SEED)) as record:
        chance = chances_by_rule(tasks)
        estimator = Estimator.of(tasks, seed=0)
        record.figures = {
            "drawn": DRAWN,
            "failed": {one["instance_id"]: one["problem"] for one in read_lines(asked.outcomes) if one["problem"]},
            "not_reached": [name for name in drawn_instances(asked.draw) if name not in lines],
            "repositories": dict(Counter(task.repository for task in tasks)),
            "rows": sum(len(task.rows) for task in tasks),
            "candidates": sum(len(task.ballot.candidates) for task in tasks),
            "random": round(float(estimator.mean.mean()), 4),
            "oracle": round(float(estimator.oracle.mean()), 4),
            "gate": gate_figures(tasks, lines),
            "tests": test_figures(tasks),
            "rules": {name: _scored(estimator.scored(values)) for name, values in chance.items()},
            "differences": [
                _told(estimator.difference(name, other, values, chance[other]))
                for other in AGAINST
                for name, values in chance.items()
                if name != other
            ],
            "by_repository": {name: _of(tasks, chance, name) for name in sorted({t.repository for t in tasks})},
            "cost": cost_figures([lines[task.instance_id] for task in tasks]),
        }
        record.check("enough instances", len(tasks) >= LEAST, f"{len(tasks)}, {LEAST} wanted")
        record.notes.append(f"the target is {TARGET:.0%} of the gap; whatever is reached stands in rules")


def chances_by_rule(tasks: Sequence[LabelledTask]) -> dict[str, Array]:
    """Return rule -> per task the chance that its choice is right."""
    scores = scores_of(tasks)
    consensus = OutOfFold(scores, {id(task.ballot): task.instance_id for task in tasks})
    known: dict[str, Rule] = rules(consensus)
    rows = [chance_of_rules(task, known) for task in tasks]
    found = {name: np.array([row[name] for row in rows]) for name in known}
    return found | learned_rules(tasks, consensus)


def gate_figures(tasks: Sequence[LabelledTask], lines: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return how many right and wrong candidates the gate rejects, each different candidate once."""
    counted: Counter[tuple[str, str]] = Counter()
    for task in tasks:
        for one, share in chances(task).items():
            counted["right" if share > 0.5 else "wrong", gate(task.ballot, one)] += 1
    told: dict[str, Any] = {}
    for kind, rate in (("right", "false_rejections"), ("wrong", "true_rejections")):
        said = counted[kind, "clean"] + counted[kind, "broken"]
        part = counted[kind, "broken"] / said if said else None
        told[rate] = {"of": said, "rejected": counted[kind, "broken"], "share": part, "ci": _wilson(counted, kind)}
        told[f"{kind}_unmeasured"] = counted[kind, "unmeasured"]
    told["instances_without_a_gate"] = sum(not line["gate"]["tests"] for line in lines.values())
    told["tests_median"] = median(line["gate"]["tests"] for line in lines.values())
    told["rejected_although_right"] = {
        task.instance_id: sorted(
            len(task.ballot.regressions.get(one, ())) for one, share in chances(task).items() if share > 0.5
        )
        for task in tasks
        if any(gate(task.ballot, one) == "broken" and share > 0.5 for one, share in chances(task).items())
    }
    return told


def _wilson(counted: Mapping[tuple[str, str], int], kind: str) -> tuple[float, float] | None:
    """Return Wilson's 95% interval of the share that is rejected; candidates of one task are no independent draws."""
    n = counted[kind, "clean"] + counted[kind, "broken"]
    if not n:
        return None
    z, share = 1.96, counted[kind, "broken"] / n
    centre, width = share + z * z / (2 * n), z * np.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return round(float((centre - width) / (1 + z * z / n)), 4), round(float((centre + width) / (1 + z * z / n)), 4)


def test_figures(tasks: Sequence[LabelledTask]) -> dict[str, Any]:
    """Return how well the tests tell right from wrong (DESIGN, section 6), and how often there is anything to go by."""
    told: dict[str, Any] = {
        "tasks_with_examples": sum(bool(set(reproducing(t.ballot)) & set(t.ballot.issue_tests)) for t in tasks),
        "tasks_with_brought_tests": sum(bool(set(reproducing(t.ballot)) - set(t.ballot.issue_tests)) for t in tasks),
        "tasks_with_behaviour": sum(bool(task.ballot.behaviour) for task in tasks),
        "tasks_with_calls": sum(bool(task.ballot.calls) for task in tasks),
    }
    for kind in ("issue", "brought"):
        distinguish, toxic, pairs, ordered, number = 0, 0, 0, 0.0, 0
        for task in tasks:
            grades = chances(task)
            right = [one for one, share in grades.items() if share > 0.5]
            wrong = [one for one in grades if one not in right]
            for test in reproducing(task.ballot):
                if (test in task.ballot.issue_tests) != (kind == "issue"):
                    continue
                row = {one: float(task.ballot.outcomes[test].get(one) == "pass") for one in grades}
                authors = {entry.candidate for entry in task.ballot.entries if entry.test == test}
                best = [max((row[one] for one in side if one not in authors), default=0.0) for side in (right, wrong)]
                number += 1
                distinguish += best[0] != best[1]
                toxic += best[1] > best[0]
                for good in right:
                    for bad in wrong:
                        if good not in authors and bad not in authors:
                            pairs += 1
                            ordered += 0.5 + (row[good] - row[bad]) / 2
        told[kind] = {
            "tests": number,
            "distinguish": distinguish / number if number else None,
            "toxic": toxic / number if number else None,
            "pairs": pairs,
            "ordered_rightly": ordered / pairs if pairs else None,
        }
    return told


def cost_figures(lines: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return what the runs took; seconds are of a machine that others shared."""
    return {
        "seconds_median": median(line["seconds"] for line in lines),
        "seconds_in_all": round(sum(line["seconds"] for line in lines)),
        "processor_seconds_in_all": round(sum(line["processor_seconds"] for line in lines)),
        "load_median": median(line["load"] for line in lines),
        "commits": dict(Counter(line["commit"] for line in lines)),
    }


def _of(tasks: Sequence[LabelledTask], chance: Mapping[str, Array], repository: str) -> dict[str, Any]:
    of = np.array([task.repository == repository for task in tasks])
    part = [task for task in tasks if task.repository == repository]
    estimator = Estimator.of(part, seed=0)
    gaps = {name: estimator.scored(values[of]).gap_closed for name, values in chance.items()}
    return {
        "n": len(part),
        "random": round(float(estimator.mean.mean()), 4),
        "oracle": round(float(estimator.oracle.mean()), 4),
        "gap_closed": {name: None if gap is None else round(gap, 4) for name, gap in gaps.items()},
    }


def _scored(scored: Scored) -> dict[str, Any]:
    return {
        "right": round(scored.best, 4),
        "gap_closed": _round(scored.gap_closed),
        "ci": _pair(scored.gap_closed_ci_tasks),
        "ci_by_repository": _pair(scored.gap_closed_ci),
    }


def _told(one: RuleDifference) -> dict[str, Any]:
    return {
        "first": one.first,
        "second": one.second,
        "difference": round(one.difference, 4),
        "ci": _pair(one.ci_tasks),
        "ci_by_repository": _pair(one.ci),
        "better": one.better,
        "worse": one.worse,
        "equal": one.equal,
    }


def _round(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def _pair(interval: tuple[float, float] | None) -> tuple[float, float] | None:
    return None if interval is None else (round(interval[0], 4), round(interval[1], 4))


if __name__ == "__main__":
    main()
