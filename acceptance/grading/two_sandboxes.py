"""``make acceptance-two_sandboxes``: hidden tests in containers and in bubblewrap over the same images, test by test.

Compares what two runs of ``runoff validate`` left, one with ``--sandbox docker``, one with ``--sandbox bubblewrap``.
"""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path

from acceptance.record import Record, recording
from environments.specs import find_spec
from environments.workbench.test_logs import Status, reader
from swebench_runs.after_run.validation import Validation, stored
from swebench_runs.official import read_log

_SIDES = ("gold", "empty")


def main() -> None:
    """Compare all instances that both have."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("docker", type=Path, help="folder of the run in containers")
    options.add_argument("bubblewrap", type=Path, help="folder of the run in bubblewrap")
    given = options.parse_args()
    folders = (given.docker, given.bubblewrap)
    found = [{one.instance_id: one for one in stored(folder / "validation.jsonl") if one.gold} for folder in folders]
    both = sorted(found[0].keys() & found[1].keys())
    with recording(Record("two_sandboxes", n=len(both), unit="instances")) as record:
        other = [name for name in both if _verdicts(found[0][name]) != _verdicts(found[1][name])]
        record.check("the verdicts are the same", bool(both) and not other, other or f"{len(both)} instances")
        tests, differing = 0, {}
        for name in both:
            for side in _SIDES:
                one, two = (_statuses(found[0][name], folder / "logs" / name / f"{side}.log") for folder in folders)
                tests += len(one.keys() | two.keys())
                if odd := {
                    test: [one.get(test), two.get(test)]
                    for test in one.keys() | two.keys()
                    if one.get(test) != two.get(test)
                }:
                    differing[f"{name} {side}"] = odd
        record.figures = {"tests": tests, "tests_that_differ": differing}
        record.figures["repositories"] = dict(Counter(found[0][name].repo for name in both))
        share = sum(map(len, differing.values())) / tests if tests else 1.0
        record.check(
            "and so is what each test did", share < 0.001, f"{sum(map(len, differing.values()))} of {tests} differ"
        )


def _verdicts(found: Validation) -> tuple[object, ...]:
    sides = (found.gold, found.base)
    return tuple(
        (side.resolved, side.official_resolved, side.fail_to_pass, side.pass_to_pass) for side in sides if side
    )


def _statuses(found: Validation, log: Path) -> dict[str, Status]:
    parser = find_spec(found.repo, found.version).log_parser
    return dict(read_log(log.read_text(encoding="utf-8", errors="replace"), reader(parser)).statuses)


if __name__ == "__main__":
    main()
