"""``runoff grade``: run the hidden tests on a run's patches."""

from __future__ import annotations

from swebench_runs.cli import options


def grade(run: options.RunFolder) -> int:
    """Grade every candidate of a run, then report; what is graded already is not graded again."""
    from swebench_runs import splits
    from swebench_runs.cli.report import grade_and_report
    from swebench_runs.cli.terminal import terminal
    from swebench_runs.run_folder.store import Run

    stored = Run.load(run)
    split = splits.split_of(stored)
    split.check_host()
    return grade_and_report(stored, terminal(), split)
