"""How one task is resolved, from top to bottom: each arrow of the design is one call in ``resolve``.

    task -> context -> trajectories -> candidates -> ballot -> shortlist -> run-off -> decision

Where the patches were given (``runoff select --execute``) no trajectory edits, and the rest is the same.

Every stage writes a file when it is whole and reads it back when it is there; every model call and test run is on
record. So a run that was killed anywhere goes on from there when the same command is given again.
"""

from __future__ import annotations

import os

from environments.workbench.workbench import Workbench
from selection.decision import Decision, decide
from selection.rules import RULES, finalists
from swebench_runs.one_task import stages
from swebench_runs.one_task.given_patches import changed_files, given_attempts
from swebench_runs.one_task.judging import judge
from swebench_runs.one_task.losses import explained
from swebench_runs.one_task.suite.base_suite import run_base_suite
from swebench_runs.one_task.suite.rest_of_suite import run_rest
from swebench_runs.one_task.task_run import TaskRun
from swebench_runs.one_task.waiving import with_waivers
from swebench_runs.one_task.work import Work


def resolve(run: TaskRun) -> Decision:
    """Resolve one task in copies of its base.

    Raises Interrupted once the run is stopped, and SandboxError or ModelError when the machine or the endpoint
    failed: the task is then undecided and goes on in the next run.
    """
    folder, config = run.folder, run.shared.config
    if (known := folder.read("decision.json", Decision)) is not None:
        return known
    run.ledger.backdate(folder.working_seconds())
    with Workbench(
        run.base,
        run.task,
        record=folder.executions_path,
        lease=run.shared.lease,
        workers=min(config.workers, len(os.sched_getaffinity(0))),
        test_timeout=config.script_timeout,
        suite_timeout=config.suite_seconds,
        sandboxes=run.shared.sandboxes,
    ) as bench:
        work = Work(run, bench)

        given = given_attempts(work)
        examples = stages.convert_issue(work)
        context = stages.build_context(work, examples)
        suite = run_base_suite(work, context.files if given is None else changed_files(given))
        testers = stages.write_tests(work, examples)
        editors = stages.edit(work, suite, examples, testers) if given is None else given
        pool = stages.gather(work, examples, editors, testers)
        ballot = stages.vote(work, suite, pool)
        ballot = judge(work, ballot)
        ballot = run_rest(work, suite, ballot)
        ballot = with_waivers(work, ballot)
        verdict = stages.run_off(work, finalists(ballot), ballot)

        decision = explained(decide(ballot, RULES[config.rule](ballot), verdict, rule=config.rule), editors)
    folder.write("decision.json", decision)
    return decision
