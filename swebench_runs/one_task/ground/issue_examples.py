"""Whether the issue's own examples fail at all on the base: where they do as they should, no model should be asked."""

from __future__ import annotations

from collections.abc import Mapping

from environments.text import one_line
from environments.workbench.outcome import Outcome
from swebench_runs.one_task.ground.preflight import NothingFails
from swebench_runs.one_task.work import Work
from swebench_runs.run_folder.task_folder import has_record
from verifiers.examples import Conversion

_DO = "say what should happen and does not, or name a test with --failing-test; --force goes on all the same"


def look_at_examples(work: Work, conversion: Conversion, outcomes: Mapping[str, Outcome]) -> None:
    """Tell where no example fails. NothingFails where all are what the issue says they should be, unless forced.

    Only of ``runoff fix``, and only where nothing was asked yet. An example of which just the wrong outcome is told
    may pass for many reasons (of 15 scripts that were read, 4 showed nothing), and one that no test was made of may be
    the one that fails: then it is told, and the work goes on. ``outcomes``: test id -> what it did on the base.
    """
    examples = conversion.examples
    if work.config.subset != "fix" or not outcomes or has_record(work.folder.path):
        return
    if Outcome.FAIL in outcomes.values():
        return
    calls = "; ".join(one_line(example.claim.call, 60) for example in examples[:3])
    sound = not conversion.notes and all(
        not example.weak and outcomes.get(example.test.id) is Outcome.PASS for example in examples
    )
    if not sound:
        work.progress.note(work.task.instance_id, f"no example of the issue fails on this checkout: {calls}")
        return
    why = f"the issue's example does already on this checkout what the issue asks for ({calls})"
    if not work.config.force:
        raise NothingFails(f"{why}, and no model was asked: {_DO}")
    work.progress.note(work.task.instance_id, f"goes on, as --force says, though {why}")
