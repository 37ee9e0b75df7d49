from __future__ import annotations

from collections import Counter

import pytest

from agent.models.contract import Usage
from agent.trajectory.trajectory import Ending
from environments.workbench.outcome import Outcome
from selection.decision import decide
from selection.rules import RULES
from selection.weighing import RunoffVerdict
from swebench_runs.figures.metrics import GradedTask, TaskState, TrajectorySummary
from swebench_runs.figures.metrics.spending import Spent
from swebench_runs.figures.report.story import headline, tell
from verifiers.ballot import BASE, Ballot, Candidate, Entry

PATCH = "--- a/x.py\n+++ b/x.py\n@@ -1 +1 @@\n-old\n+new\n"


def story_task(grades: str, *, endings=(), verdict=None, ballot=None, **more) -> GradedTask:
    """``grades``: a letter per editing trajectory: r(ight), w(rong), ? (not graded), - (no patch)."""
    ids = [None if grade == "-" else f"c{i}" for i, grade in enumerate(grades)]
    made = Ballot(
        entries=tuple(Entry(id=f"edit-{i}", candidate=c) for i, c in enumerate(ids)),
        candidates=tuple(Candidate(id=c, patch=PATCH) for c in ids if c),
        tests=("t", "u"),
        outcomes={"t": {BASE: Outcome.FAIL} | {c: Outcome.PASS for c in ids if c}, "u": {BASE: Outcome.PASS}},
        regression_tests=("r", "s"),
        regressions={c: ("r",) if i else () for i, c in enumerate(ids) if c},
    ).model_copy(update=ballot or {})
    ended = [*endings, *[Ending.SUBMITTED] * (len(ids) - len(endings))]
    facts = {
        "kind": "issue",
        "decision": decide(made, RULES["first"](made), verdict, rule="first"),
        "spent": (Spent(stage="edits", calls=7, usage=Usage(prompt_tokens=2000), cost=0.1),),
        **more,
    }
    return GradedTask(
        instance_id="t",
        cluster="t",
        asked=len(ids),
        ballot=made,
        resolved={c: g == "r" for c, g in zip(ids, grades, strict=True) if g in "rw"},
        trajectories=tuple(
            TrajectorySummary(id=f"edit-{i}", kind="edit", ending=ending, candidate=c, patched=c is not None)
            for i, (c, ending) in enumerate(zip(ids, ended, strict=True))
        ),
        seconds=61,
        **facts,
    )


def test_a_patch_is_told_with_its_reason_what_was_tried_and_what_it_took():
    verdict = RunoffVerdict(winner="c0", reason="2 of 2 tests", told_apart=True)
    story = tell(story_task("rw-", endings=[Ending.SUBMITTED, Ending.TURN_LIMIT, Ending.TIME_LIMIT], verdict=verdict))
    assert story.answer.startswith("a patch of 2 lines in x.py, confidence high: Named by the run-off")
    assert story.tried == (
        "2 tests, 1 of which shows the issue; 3 editing trajectories (1 ended by turn_limit, 1 ended by time_limit): "
        "2 patches that apply, 2 different; existing tests clean on 1, broken by 1 of 2 candidates; "
        "run-off: 2 of 2 tests"
    )
    assert (story.lost, story.cost) == ("", "7 calls, 2,000 tokens, $0.10, 1 min 1 s")
    assert [heading for heading, _ in story.lines] == ["Answer", "Tried", "Took"]


@pytest.mark.parametrize(
    ("task", "answer", "lost"),
    [
        (story_task("--"), "no patch: No trajectory", "none ended with a patch that applies"),
        (
            story_task("--", endings=[Ending.COST_LIMIT] * 2),
            "no patch",
            "2 of 2 editing trajectories ended by cost_limit",
        ),
        (story_task("--", endings=[Ending.MODEL_ERROR] * 2), "no patch", "failed: 2 of 2 editing trajectories"),
        (story_task("w", verdicts={"c0": "0 of 1 pass"}), "a patch", "every patch is wrong: 0 of 1 pass"),
        (story_task("wr"), "a patch", "1 of 2 editing trajectories came to a right patch, another was chosen"),
        (story_task("w?"), "a patch", "whether another was right is not graded (`runoff grade --all RUN`)"),
        (story_task("w", context_hit=False), "a patch", "does not hold the place of the bug"),
        (story_task("?"), "a patch", "not graded yet: `runoff grade RUN` does it"),
        (story_task("?", verdicts={"c0": "the disk is full"}), "a patch", "not graded: the disk is full"),
        (story_task("?", kind="checkout"), "a patch", ""),
        (story_task("r", decision=None, failure="no space left"), "no decision: no space left", ""),
        (story_task("r", decision=None), "no decision: the work was stopped before it; the same command resumes", ""),
    ],
)
def test_where_it_was_lost_is_told_and_nothing_where_nobody_knows(task, answer, lost):
    story = tell(task)
    assert story.answer.startswith(answer)
    assert lost in story.lost or lost in story.grade
    assert bool(story.lost) == (bool(lost) and not lost.startswith("not graded"))
    assert bool(story.grade) == lost.startswith("not graded")


def test_the_best_so_far_is_told_where_there_is_no_decision():
    task = story_task("?", decision=None, failure="no space left", so_far=PATCH)
    assert tell(task).answer == (
        "no decision: no space left. The best so far, a patch of 2 lines in x.py, is handed in: "
        "no vote stands behind it"
    )
    right = task.model_copy(update={"so_far_grade": "resolved"})
    assert tell(right).answer.endswith("no vote stands behind it, yet grading finds it right")
    assert right.state is TaskState.UNDECIDED
    assert right.right_so_far
    graded = task.model_copy(update={"so_far_grade": "unresolved"})
    assert tell(graded).answer.endswith("no vote stands behind it; graded unresolved")


def test_what_was_not_run_is_told_as_that():
    tried = tell(story_task("ww", ballot={"regressions": {"c0": ()}})).tried
    assert "existing tests clean on 1, not run on 1 of 2 candidates" in tried
    assert (
        "existing tests not run on 2 of 2 candidates" in tell(story_task("ww", ballot={"regression_tests": ()})).tried
    )


def test_an_unknown_price_and_useless_answers_are_told():
    spent = (Spent(stage="edits", calls=2, cost=None, answers={"cut": 1, "empty": 2}),)
    assert tell(story_task("w", spent=spent)).cost == (
        "2 calls, 0 tokens, price unknown, 1 min 1 s; of them no use as they came: 1 cut by their length, 2 empty "
        "(-c answer_tokens=N gives more room)"
    )
    assert tell(story_task("w", spent=())).cost == "no model call, 1 min 1 s"


def test_a_diff_that_nobody_can_read_is_no_end_of_the_report():
    task = story_task("w")
    garbled = task.decision.model_copy(update={"patch": "diff --git a/x b/x\n@@ nonsense"})
    assert tell(task.model_copy(update={"decision": garbled})).answer.startswith("a patch")


def test_a_runs_headline_counts_every_state():
    assert headline(Counter({TaskState.RESOLVED: 1})) == "1 of 1 task resolved"
    states = Counter({TaskState.UNDECIDED: 2, TaskState.UNRESOLVED: 3})
    assert headline(states) == "0 of 5 tasks resolved, 3 unresolved, 2 undecided"
    assert headline(states, 1).endswith("2 undecided (1 of them with a best patch so far that grading finds right)")
