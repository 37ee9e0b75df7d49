from __future__ import annotations

import json
from itertools import product

import numpy as np
import pytest

from agent.models.contract import Usage
from agent.trajectory.trajectory import Ending, Trajectory
from environments.workbench.outcome import Outcome
from selection.decision import Decision, decide
from selection.rules import RULES
from swebench_runs.figures.metrics import GradedTask, TrajectorySummary, summarise
from swebench_runs.figures.metrics.bootstrap import Resampler
from swebench_runs.figures.metrics.curves import DECISION
from swebench_runs.figures.metrics.funnel import funnel
from swebench_runs.figures.metrics.verifiers import quality_of_judge, quality_of_tests
from verifiers.ballot import BASE, P_YES, Ballot, Candidate, Entry

LETTERS = {"P": Outcome.PASS, "F": Outcome.FAIL, "E": Outcome.ERROR, "M": Outcome.MISSING}


def graded(
    name: str,
    grades: str,
    grid: dict[str, str] | None = None,
    *,
    efs: tuple[float | None, ...] = (),
    kind: str = "example",
    cluster: str = "",
    **more,
) -> GradedTask:
    """``grades``: a letter per trajectory: r(ight), w(rong), ? (ungraded), - (no patch); ``grid``: base, candidates."""
    ids = [None if grade == "-" else f"{name}-{i}" for i, grade in enumerate(grades)]
    made = [i for i in ids if i is not None]
    grid = grid or {}
    editing = [Entry(id=f"edit-{i}", candidate=c, scores={P_YES: efs[i]} if efs else {}) for i, c in enumerate(ids)]
    ballot = Ballot(
        entries=(*editing, *(Entry(id=f"test-{i}", test=test) for i, test in enumerate(grid))),
        candidates=tuple(Candidate(id=c, patch=f"diff {c}") for c in made),
        tests=tuple(grid),
        issue_tests=tuple(t for t in grid if t.startswith("example")),
        outcomes={t: {tree: LETTERS[o] for tree, o in zip([BASE, *made], row, strict=True)} for t, row in grid.items()},
        regression_tests=("r",),
        regressions=dict.fromkeys(made, ()),
    )
    facts = {
        "ballot": ballot,
        "resolved": {c: g == "r" for c, g in zip(ids, grades, strict=True) if g in "rw"},
        "decision": decide(ballot, RULES["runoff"](ballot)),
        "trajectories": tuple(
            TrajectorySummary(
                id=f"edit-{i}",
                kind="edit",
                ending=Ending.SUBMITTED if c else Ending.FORMAT_ERRORS,
                patched=c is not None,
                candidate=c,
                usage=Usage(prompt_tokens=10, completion_tokens=5),
            )
            for i, c in enumerate(ids)
        ),
        **more,
    }
    return GradedTask(
        instance_id=name,
        kind=kind,
        cluster=cluster or name,
        asked=len(grades),
        **facts,
    )


def pool() -> list[GradedTask]:
    """Three tasks: votes right where first is wrong, never right, and one without a decision."""
    return [
        graded("a", "wr", {"t": "FFP"}),
        graded("b", "w-", {"t": "FP"}, kind="prose"),
        graded("c", "--", kind="prose", decision=None),
    ]


def test_pass_oracle_best_and_gap_on_a_pool_worked_out_by_hand():
    section = summarise(pool()).sections["all"]
    curves = section.curves
    assert curves.ks == (1, 2)
    assert curves.pass_at_1.value == pytest.approx(0.5 / 3)
    assert [o.value for o in curves.oracle] == pytest.approx([0.5 / 3, 1 / 3])
    assert curves.rules["votes"][1].best.value == pytest.approx(1 / 3)
    assert curves.rules["votes"][1].gap.value == pytest.approx(1.0)
    assert curves.rules["first"][1].gap.value == pytest.approx(-1.0)
    assert curves.rules["random"][1].gap.value == pytest.approx(0.0)
    assert curves.rules["votes"][0].gap.value is None
    assert [point.k for point in curves.rules[DECISION]] == [2]
    assert section.resolved.value == pytest.approx(1 / 3)
    assert section.resolved_of_evaluated.value == 0.5


def test_rules_are_compared_on_the_same_tasks():
    differences = summarise(pool()).sections["all"].curves.differences
    one = next(d for d in differences if (d.first, d.second) == ("votes", "first"))
    assert one.difference.value == pytest.approx(1 / 3)
    assert (one.better, one.worse, one.equal) == (1, 0, 2)
    assert len(differences) == len(RULES) * (len(RULES) + 1) / 2


def test_a_gap_is_undefined_in_the_resamples_where_oracle_and_mean_meet():
    gap = summarise(pool()).sections["all"].curves.rules["votes"][1].gap
    # Task a is the only one with a gap; it is missing from (2/3)^3 of the resamples.
    assert gap.undefined == pytest.approx(8 / 27, abs=0.02)
    assert (gap.low, gap.high) == (1.0, 1.0)


def test_every_figure_is_split_by_the_kind_of_statement_and_can_be_written():
    summary = summarise(pool(), seed=4)
    assert {name: part.tasks for name, part in summary.sections.items()} == {"all": 3, "example": 1, "prose": 2}
    assert type(summary).model_validate_json(summary.model_dump_json()) == summary
    assert json.loads(summary.model_dump_json())["sections"]["prose"]["funnel"]["tasks"] == 2


def test_a_run_without_tasks_has_no_figures_but_a_summary():
    section = summarise([]).sections["all"]
    assert (section.tasks, section.resolved.value, section.curves.ks) == (0, None, ())


def test_single_calls_stand_beside_the_trajectories():
    calls = tuple(
        TrajectorySummary(id=f"single-{i}", kind="single", ending=Ending.SUBMITTED, candidate=c)
        for i, c in enumerate(["a-1", None, "a-0", "a-1"])
    )
    task = graded("a", "wr", trajectories=calls)
    single = summarise([task, graded("b", "rr")]).sections["all"].single
    assert single is not None
    assert (single.calls, single.pass_at_1.value, single.oracle.value) == (4, 0.25, 0.5)
    assert summarise(pool()).sections["all"].single is None


class TestQualityOfTests:
    def test_distinguish_toxic_and_pairwise_on_a_matrix_worked_out_by_hand(self):
        # candidates: right, right, wrong, wrong
        grid = {"good": "FPPFF", "toxic": "FFFPF", "blind": "FPPPP", "half": "EPFFF", "upside": "PFPPF"}
        tasks = [graded("a", "rrww", grid), graded("b", "ww", {"t": "FPF"})]
        quality = quality_of_tests(tasks, Resampler.of(["a", "b"], seed=0), reproducing=False)
        assert (quality.tests, quality.reproduce.value) == (6, pytest.approx(4 / 6))
        assert (quality.distinguish.value, quality.distinguish.n) == (pytest.approx(3 / 5), 5)
        assert quality.toxic.value == pytest.approx(1 / 5)
        assert quality.pairwise.value == pytest.approx((4 + 0 + 0 + 2 + 1) / 20)
        reproducing = quality_of_tests(tasks, Resampler.of(["a", "b"], seed=0), reproducing=True)
        assert reproducing.tests == 4
        assert reproducing.distinguish.value == pytest.approx(2 / 3)


def test_the_gate_s_false_and_true_rejections_leave_out_what_was_not_run_or_graded():
    task = graded("a", "rrwww?")
    broken = {"a-0": ("r",), "a-1": (), "a-2": ("r",), "a-3": (), "a-5": ("r",)}  # on a-4 it was not run
    task = task.model_copy(update={"ballot": task.ballot.model_copy(update={"regressions": broken})})
    gate = summarise([task, graded("b", "r")]).sections["all"].gate
    assert (gate.false_reject.value, gate.false_reject.n) == (pytest.approx(1 / 3), 3)
    assert (gate.true_reject.value, gate.true_reject.n) == (1 / 2, 2)


class TestQualityOfJudge:
    def test_auc_is_the_share_of_ordered_pairs(self):
        tasks = [graded("a", "rw-", efs=(0.9, 0.2, 0.5)), graded("b", "rww", efs=(0.3, 0.3, None))]
        quality = quality_of_judge(tasks, Resampler.of(["a", "b"], seed=0))
        assert (quality.scored, quality.missing) == (4, 1)
        # pairs: (.9 > .2), (.9 > .3), (.3 > .2), (.3 = .3)
        assert (quality.auc.value, quality.auc.n) == (3.5 / 4, 4)
        assert (quality.auc_within.value, quality.auc_within.n) == (1.5 / 2, 2)

    def test_the_interval_is_that_of_recomputing_on_every_resample(self):
        rng = np.random.default_rng(0)
        tasks = [
            graded(f"t{i}", "rrww", efs=tuple(float(e) for e in rng.integers(0, 5, 4) / 4), cluster=f"p{i % 4}")
            for i in range(8)
        ]
        resampler = Resampler.of([t.cluster for t in tasks], seed=5, resamples=200)
        values = []
        for weights in resampler.weights:
            drawn = [t for t in tasks for _ in range(int(weights[int(t.cluster[1:])]))]
            right = [m.scores[P_YES] for t in drawn for m in t.editing if t.right(m.candidate)]
            wrong = [m.scores[P_YES] for t in drawn for m in t.editing if not t.right(m.candidate)]
            values.append(np.mean([(r > w) + (r == w) / 2 for r, w in product(right, wrong)]))
        auc = quality_of_judge(tasks, resampler).auc
        assert (auc.low, auc.high) == pytest.approx(tuple(np.quantile(values, [0.025, 0.975])))

    def test_what_has_no_grade_is_neither_right_nor_wrong(self):
        ungraded = graded("b", "???", {"t": "FPFF"}, efs=(0.1, 0.9, 0.9))
        tasks = [graded("a", "rw", {"t": "FPF"}, efs=(0.9, 0.2)), ungraded]
        resampler = Resampler.of(["a", "b"], seed=0)
        judge = quality_of_judge(tasks, resampler)
        assert (judge.scored, judge.missing, judge.auc.value) == (2, 0, 1.0)
        assert quality_of_tests(tasks, resampler, reproducing=False).distinguish.n == 1

    def test_without_scores_there_is_no_auc(self):
        assert quality_of_judge([graded("a", "rw")], Resampler.of(["a"], seed=0)).auc.value is None


def test_the_funnel_counts_stage_by_stage():
    counts = funnel([graded("a", "wr-", {"example": "FFP", "t": "PFF"}), graded("b", "w", {"t": "EP"})])
    assert (counts.tests, counts.tests_reproducing, counts.tasks_with_example_test) == (3, 1, 1)
    assert counts.endings == {"submitted": 3, "format_errors": 1}
    assert counts.ends == counts.endings
    assert (counts.trajectories, counts.patched, counts.applied, counts.gated, counts.resolved) == (4, 3, 3, 3, 1)
    assert (counts.stood_by, counts.stood_by_resolved, counts.tasks_resolved) == (1, 1, 1)


def test_who_submitted_nothing_is_counted_apart_from_who_submitted_a_patch():
    assert ends("wr", Ending.SUBMITTED, Ending.SUBMITTED) == {"submitted": 2}
    assert ends("w-", Ending.SUBMITTED, Ending.SUBMITTED) == {"submitted": 1, "submitted nothing": 1}
    assert ends("--", Ending.SUBMITTED, Ending.TURN_LIMIT) == {"turn_limit": 1, "submitted nothing": 1}


def ends(outcomes, *endings):
    task = graded("a", outcomes)
    made = [one.model_copy(update={"ending": end}) for one, end in zip(task.of_kind("edit"), endings, strict=True)]
    return funnel([task.model_copy(update={"trajectories": tuple(made)})]).ends


def test_what_was_not_measured_is_counted_apart_and_never_as_broken():
    task = graded("a", "rw?")
    ballot = task.ballot.model_copy(update={"regressions": {"a-0": ("r",), "a-1": ()}})
    counts = funnel([task.model_copy(update={"ballot": ballot})])
    assert (counts.applied, counts.gated, counts.ungated) == (3, 1, 1)
    assert (counts.resolved, counts.ungraded, counts.untested) == (1, 1, 3)
    nothing_to_run = task.ballot.model_copy(update={"regression_tests": ()})
    counts = funnel([task.model_copy(update={"ballot": nothing_to_run})])
    assert (counts.gated, counts.ungated) == (0, 3)


def test_undecided_and_ungraded_tasks_are_told_apart_from_unresolved_ones():
    counts = funnel([graded("a", "w"), graded("b", "?"), graded("c", "r", decision=None), graded("d", "-")])
    assert (counts.tasks, counts.evaluated, counts.not_graded, counts.undecided) == (4, 2, 1, 1)
    section = summarise([graded("a", "r"), graded("b", "?")]).sections["all"]
    assert (section.resolved.value, section.resolved_of_evaluated.value) == (0.5, 1.0)


def test_figures_that_need_every_grade_are_none_where_one_is_missing():
    chosen_only = graded("a", "r??", efs=(0.9, 0.1, 0.1))
    section = summarise([chosen_only, graded("b", "rw")]).sections["all"]
    assert (section.curves, section.single, section.judges, section.ungraded) == (None, None, None, 2)
    failed = chosen_only.model_copy(update={"verdicts": {"a-1": "disk full", "a-2": "disk full"}})
    section = summarise([failed]).sections["all"]
    assert section.ungraded == 0
    assert section.curves.pass_at_1.value == pytest.approx(1 / 3)  # tried and not known: counts as failed
    assert not failed.compared


def test_tests_that_were_not_run_on_a_tree_say_nothing_of_it():
    tasks = [graded("a", "rw", {"ran": "FPF", "half": "FPM", "never": "MPF"})]
    quality = quality_of_tests(tasks, Resampler.of(["a"], seed=0), reproducing=False)
    assert (quality.tests, quality.unmeasured) == (3, 1)
    assert (quality.reproduce.value, quality.reproduce.n) == (1.0, 2)
    assert (quality.distinguish.value, quality.distinguish.n, quality.pairwise.n) == (1.0, 2, 2)


def test_a_trajectory_is_summed_up_without_losing_what_it_cost():
    trajectory = Trajectory(
        id="edit-3", kind="edit", ending=Ending.TURN_LIMIT, patch="diff", cost=None, usage=Usage(prompt_tokens=7)
    )
    summary = TrajectorySummary.of(trajectory, None)
    assert (summary.id, summary.ending, summary.patched, summary.candidate) == ("edit-3", "turn_limit", True, None)
    assert (summary.cost, summary.usage.prompt_tokens) == (None, 7)


def test_an_abstained_decision_is_counted_by_its_best_candidate():
    abstained = Decision(candidate="a-0", patch="diff", rule="runoff", abstained=True, reason="unsure")
    section = summarise([graded("a", "r", decision=abstained), graded("b", "r", {"t": "FP"})]).sections["all"]
    assert section.resolved.value == 1.0
    assert (section.precision.value, section.precision.n) == (1.0, 1)


def test_decisions_that_nobody_graded_are_not_counted_as_graded():
    counts = funnel([graded("a", "rr", {"t": "FPF"}), graded("b", "??", {"t": "FPF"})])
    assert (counts.stood_by, counts.stood_by_graded, counts.stood_by_resolved) == (2, 1, 1)
