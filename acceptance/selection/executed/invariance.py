"""``python -m acceptance.selection.executed.invariance --repos DIR``: what may change no choice changes none.

One real instance's patches, shuffled, renamed, written down as other tools would, and with labels beside them, as
Hypothesis draws them: ``runoff select --execute`` runs everything anew each time, and must choose the same for the same
reasons.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from acceptance.commands import run, runoff
from acceptance.record import ROOT, Record, recording
from acceptance.selection.executed.draw import graded_pool

INSTANCE = "django__django-11133"
LIMIT = 1800.0
_BY_WHOM = ("sources", "systems")
"""What of a standing names files and systems."""


def main() -> None:
    """Choose once, then again for every variant."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--repos", type=Path, required=True)
    options.add_argument("--instance", default=INSTANCE)
    options.add_argument("-n", type=int, default=6, help="variants")
    options.add_argument("--patches", type=int, default=6, help="different patches of the instance")
    asked = options.parse_args()
    patches = _patches(asked.instance, asked.patches)
    styles, reformatted = _reformatting()
    told: list[dict[str, Any]] = []

    @settings(
        max_examples=asked.n,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(
        order=st.permutations(range(len(patches))),
        style=st.lists(styles, min_size=len(patches), max_size=len(patches)),
        names=st.lists(st.text("abcz-", min_size=1, max_size=8), min_size=len(patches), max_size=len(patches)),
        labels=st.lists(st.booleans(), min_size=len(patches), max_size=len(patches)),
    )
    def same(order: Sequence[int], style: Sequence[Any], names: Sequence[str], labels: Sequence[bool]) -> None:
        rows = [
            {
                "instance_id": asked.instance,
                "model_name_or_path": names[at],
                "model_patch": reformatted(patches[at], style[at]),
                "resolved": labels[at],
                "reward": float(labels[at]),
            }
            for at in order
        ]
        told.append(_chosen(asked.instance, rows, asked.repos))

    with recording(Record("select_invariance", n=asked.n, unit="variants", seed=0)) as record:
        first = _chosen(
            asked.instance, [{"instance_id": asked.instance, "model_patch": one} for one in patches], asked.repos
        )
        same()
        record.n = len(told)
        record.figures = {"instance": asked.instance, "patches": len(patches), "chosen": first["chosen"]}
        record.check("the same is chosen", all(one["chosen"] == first["chosen"] for one in told), len(told))
        record.check("for the same reasons", all(one == first for one in told), _differing(first, told) or "all equal")


def _patches(instance: str, count: int) -> list[str]:
    """Return different patches, as git writes them; those that are no plain diff of git are left out."""
    found: dict[str, str] = {}
    for row in graded_pool()[instance]:
        if row.patch.startswith("diff --git a/") and "\r" not in row.patch:
            found.setdefault(row.norm_src, row.patch)
    return list(found.values())[:count]


def _chosen(instance: str, rows: Sequence[Mapping[str, Any]], repos: Path) -> dict[str, Any]:
    """Return what was chosen and the standings, without who made them."""
    with tempfile.TemporaryDirectory(prefix="runoff-invariance-") as temporary:
        file, output = Path(temporary) / "candidates.jsonl", Path(temporary) / "chosen"
        file.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
        command = ["select", str(file), "--subset", "lite", "-i", instance, "--execute", "--repos", str(repos)]
        done = run(runoff(*command, "-w", "1", "-o", str(output)), timeout=LIMIT, quiet=True)
        if done.exit_code:
            raise SystemExit(done.output)
        account = json.loads((output / "selection.json").read_text())["tasks"][instance]
    keep = ("chosen", "why", "confidence", "abstained", "tests", "gate")
    standings = [{key: value for key, value in one.items() if key not in _BY_WHOM} for one in account["standings"]]
    return {key: account[key] for key in keep} | {"standings": standings}


def _differing(first: Mapping[str, Any], told: Sequence[Mapping[str, Any]]) -> str:
    return ", ".join(sorted({key for one in told for key in first if one[key] != first[key]}))


def _reformatting() -> tuple[Any, Any]:
    """Return the strategy of styles, and what writes a diff in one: those that the tests of choosing use."""
    path = ROOT / "tests" / "selection" / "reformatting.py"
    spec = importlib.util.spec_from_file_location("reformatting", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["reformatting"] = module
    spec.loader.exec_module(module)
    return module.styles, module.reformatted


if __name__ == "__main__":
    main()
