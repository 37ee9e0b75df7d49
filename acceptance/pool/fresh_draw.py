"""``python -m acceptance.pool.fresh_draw``: 24 tasks of packages that nothing here was developed or measured on.

The packages are asked in an order drawn by seed, each at its newest release, two tasks each; one whose tests cannot be
found, do not pass or find no mutant among the first few is passed over. What is drawn stays: the same command goes on.
Drawn before anything is run on any of them.
"""

from __future__ import annotations

import random
import tempfile
from pathlib import Path

from acceptance.agents.formats.draw import NAMES, newest
from acceptance.agents.formats.tasks import FRESH as LOOKED_AT
from environments.synthesis.catalogue import find
from environments.synthesis.report import kinds, mutate_package
from environments.synthesis.sdists import SdistError
from environments.workbench.python_env import PythonEnvironmentError
from swebench_runs.checkouts.project_environment import read_environment
from swebench_runs.run_folder.files import write_whole
from swebench_runs.splits.starter_draw import StarterDraw

DRAWN = Path(__file__).with_name("fresh.json")
SEED = 2411
WANTED, OF_EACH = 24, 2
SUITE_SECONDS, MUTANTS_PER_TASK = 8, 10
"""A package whose own tests take longer, or kill hardly any mutant of these, is passed over: the draw is to end."""


def main() -> None:
    """Make tasks of one package after the other until there are ``WANTED``."""
    drawn = StarterDraw(seed=SEED, reports={})
    if DRAWN.exists():
        drawn = StarterDraw.model_validate_json(DRAWN.read_bytes())
    names = sorted(set(NAMES.split()) - {path.stem for path in LOOKED_AT.glob("*.json")})
    random.Random(SEED).shuffle(names)
    wanted = kinds(WANTED, SEED)
    for name in names:
        share = wanted[len(drawn.recipes) :][:OF_EACH]
        version = "" if name in drawn.reports or not share else newest(name)
        if not version:
            continue
        try:
            with tempfile.TemporaryDirectory(prefix="runoff-fresh-") as workspace:
                package = find(name, version, Path(workspace))
            report = mutate_package(
                package,
                share,
                SEED,
                declared=lambda tree: read_environment(tree).spec.packages,
                progress=print,
                suite_seconds=SUITE_SECONDS,
                mutants_per_task=MUTANTS_PER_TASK,
            )
        except (ValueError, SdistError, PythonEnvironmentError) as problem:
            print(f"{name} {version}: {problem}", flush=True)
            continue
        if report.recipes:
            drawn = drawn.model_copy(update={"reports": {**drawn.reports, name: report}})
            write_whole(DRAWN, drawn.model_dump_json(indent=1) + "\n")


if __name__ == "__main__":
    main()
