from __future__ import annotations

import json
import random
from itertools import combinations
from xml.etree import ElementTree

import numpy as np
import pytest

from swebench_runs.bench.rules import Fitter, Measures, measure_selection
from swebench_runs.bench.rules.choosing import chance_of_rules, rules_for
from swebench_runs.bench.rules.confidence import answered_share, measure_confidence, reliability
from swebench_runs.bench.rules.controls.formatting import choose_by_formatting
from swebench_runs.bench.rules.controls.layout import FEATURES, layout
from swebench_runs.bench.rules.controls.left_out import measure_left_out
from swebench_runs.bench.rules.controls.systems import choose_by_system
from swebench_runs.bench.rules.curves import best_at_k
from swebench_runs.bench.rules.estimates import Estimator
from swebench_runs.bench.rules.models import models_for
from swebench_runs.bench.rules.plot import render_plot
from swebench_runs.bench.rules.subsets import subset_counts
from swebench_runs.choosing.fitting import fit
from swebench_runs.choosing.labelled_pool import LabelledPatch, LabelledTask
from swebench_runs.cli.app import run_app
from swebench_runs.errors import UsageError
from verifiers.consensus import Consensus
from verifiers.consensus.evidence import CANDIDATE_FEATURES
from verifiers.consensus.model import CONFIDENCE_FEATURES, Calibration
from verifiers.consensus.similarity import PAIR_FEATURES
from verifiers.consensus.trees import DecisionTree, Trees


def diff(word: str, *, git: bool = True, line: int = 10) -> str:
    header = "diff --git a/pkg/core.py b/pkg/core.py\nindex 1111111..2222222 100644\n" if git else ""
    return (
        f"{header}--- a/pkg/core.py\n+++ b/pkg/core.py\n@@ -{line},3 +{line},3 @@ def run():\n"
        f"     before = 1\n-    value = old(1)\n+    value = {word}(2)\n     after = 3\n"
    )


def row(word: str, resolved: bool, system: str = "", family: str = "", *, git: bool = True) -> LabelledPatch:
    return LabelledPatch(diff(word, git=git) if word else "", resolved, system, family)


def task(name: str, *rows: LabelledPatch, statement: str = "value is wrong") -> LabelledTask:
    return LabelledTask.of(name, statement, rows)


def model(*, instances: tuple[str, ...] = (), threshold: float = 0.5, liked: str = "multiplicity") -> Consensus:
    """A model made by hand: the higher one feature, the better; nothing else counts."""
    tree = DecisionTree(
        feature=(CANDIDATE_FEATURES.index(liked), 0, 0),
        threshold=(0.26, 0.0, 0.0),
        missing_left=(True, True, True),
        left=(1, 1, 2),
        right=(2, 1, 2),
        value=(0.0, -1.0, 1.0),
    )
    return Consensus(
        version="by hand",
        votes=Trees(features=PAIR_FEATURES, baseline=0.0, classifiers=1, trees=()),
        candidates=Trees(features=CANDIDATE_FEATURES, baseline=0.0, classifiers=1, trees=(tree,)),
        calibration=Calibration(weights=(1.0,) + (0.0,) * (len(CONFIDENCE_FEATURES) - 1), bias=0.0),
        threshold=threshold,
        report={"pool_hash": "abc", "instances": list(instances)},
    )


class Fits:
    """A ``Fit`` that keeps what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[list[LabelledTask]] = []

    def __call__(self, tasks, *, seed: int) -> Consensus:
        if not tasks:
            raise UsageError("nothing to fit on")
        self.asked.append(list(tasks))
        return model()


def fitter(how=None, folder=None) -> Fitter:
    return Fitter(how or Fits(), 0, folder, lambda line: None)


def pool() -> list[LabelledTask]:
    return [
        task("a__a-1", row("x", True), row("x", True), row("y", False), row("", False)),
        task("a__a-2", row("p", True), row("q", False)),
        task("b__b-1", row("u", False), row("u", False), row("v", True)),
        task("b__b-2", row("m", True), row("n", True)),
        task("c__c-1", row("k", False), row("l", False)),
    ]


def test_gap_closed_is_a_ratio_of_means_and_ties_count_in_expectation():
    report = measure_selection(pool(), model(), fitter(), Measures(subsets=0, controls=False))
    mean = (2 / 4 + 1 / 2 + 1 / 3 + 1 + 0) / 5
    best = (1 + 1 / 2 + 0 + 1 + 0) / 5
    assert report.random.value == pytest.approx(mean)
    assert report.oracle.value == pytest.approx(4 / 5)
    assert report.rules["majority"].best == pytest.approx(best)
    assert report.rules["majority"].gap_closed == pytest.approx((best - mean) / (4 / 5 - mean))
    assert report.rules["random"].gap_closed == pytest.approx(0)
    assert report.rules["consensus"].best == pytest.approx(best)
    low, high = report.rules["majority"].gap_closed_ci
    assert low < report.rules["majority"].gap_closed < high
    assert report.rules["majority"].gap_closed_ci != report.rules["majority"].gap_closed_ci_tasks
    assert (report.n, report.rows, report.clusters, report.mixed) == (5, 13, 3, 3)
    assert {name for name, rule in report.rules.items() if not rule.needs_tests} == {
        *("random", "first", "majority", "medoid", "consensus")
    }
    apart = next(d for d in report.differences if (d.first, d.second) == ("consensus", "random"))
    assert (apart.better, apart.worse, apart.equal) == (1, 1, 3)
    assert apart.difference == pytest.approx(best - mean)


def test_grades_of_equal_patches_that_disagree_are_averaged():
    doubtful = [task("a__a-1", row("x", True), row("x", False), row("x", True), row("y", False))]
    report = measure_selection(doubtful, model(), fitter(), Measures(0, controls=False))
    assert report.rules["majority"].best == pytest.approx(2 / 3)
    assert report.oracle.value == 1


@pytest.mark.parametrize(
    "tasks",
    [
        [task("a__a-1", row("x", True))],
        [task("a__a-1", row("", False), row("", False))],
        [task("a__a-1", row("x", True), row("y", True), statement="")],
        [task("a__a-1", row("x", False)), task("b__b-1", row("y", False))],
    ],
)
def test_without_a_mixed_task_the_gap_is_undefined_and_the_rest_is_there(tasks):
    report = measure_selection(tasks, model(), fitter(), Measures(10, controls=True))
    assert all(rule.gap_closed is None and rule.gap_closed_ci is None for rule in report.rules.values())
    assert report.mixed == 0
    assert report.confidence is not None
    assert report.without_statement == sum(not task.statement for task in tasks)
    ElementTree.fromstring(render_plot(report))
    assert json.loads(report.model_dump_json())["rules"]["majority"]["gap_closed"] is None


def test_a_pool_without_rows_is_a_usage_error():
    with pytest.raises(UsageError, match="no graded patches"):
        measure_selection([], model(), fitter(), Measures())


@pytest.mark.parametrize("k", [1, 2, 3, 4, 5, 6])
def test_best_at_k_over_all_subsets_is_what_trying_each_of_them_gives(k):
    words = [("x", True), ("x", True), ("y", False), ("z", False), ("z", False), ("", False)]
    whole = task("a__a-1", *(row(word, resolved) for word, resolved in words))
    models = models_for([whole], model(), fitter())
    found = best_at_k(whole, model(), k, limit=1000, seed=0)
    tried = []
    for rows in combinations(range(len(words)), k):
        part = whole.only(rows)
        tried.append(chance_of_rules(part, rules_for(part, models)))
    for name in ("random", "first", "majority", "medoid", "consensus"):
        assert found[name] == pytest.approx(np.mean([chances[name] for chances in tried])), name


def test_drawn_subsets_are_of_the_size_and_the_same_again():
    whole = task("a__a-1", *(row(f"w{i % 4}", i % 4 == 0) for i in range(16)))
    counts, shares = subset_counts(whole, 5, 200, seed=3)
    again, _ = subset_counts(whole, 5, 200, seed=3)
    other, _ = subset_counts(whole, 5, 200, seed=4)
    assert (counts.sum(axis=1) == 5).all()
    assert counts.max() <= 4
    assert shares.sum() == pytest.approx(1)
    assert shares @ counts == pytest.approx([1.25] * 4, abs=0.25)
    assert np.array_equal(counts, again)
    assert not np.array_equal(counts, other)


def test_curves_say_how_many_tasks_each_k_is_over():
    report = measure_selection(pool(), model(), fitter(), Measures(50, controls=False))
    assert [(point.k, point.tasks) for point in report.curves] == [(1, 5), (2, 5), (3, 2)]
    assert report.curves[2].random == pytest.approx((2 / 4 + 1 / 3) / 2)
    assert report.curves[2].oracle == pytest.approx(1.0)
    assert report.curves[0].rules["consensus"].best == pytest.approx(report.random.value)


def test_calibration_error_by_hand():
    confidence = np.array([0.2, 0.2, 0.6, 0.9])
    right = np.array([1.0, 0.0, 0.0, 1.0])
    estimator = Estimator.of(pool()[:4], seed=0)
    measured = measure_confidence(confidence, right, np.full(4, 0.6), estimator)
    assert measured.ece == pytest.approx((0.3 + 0.3 + 0.6 + 0.1) / 4)
    assert measured.brier == pytest.approx((0.64 + 0.04 + 0.36 + 0.01) / 4)
    assert (measured.half.threshold, measured.half.coverage, measured.half.precision) == (0.6, 0.5, 0.5)
    assert measured.half.above_overall.value == pytest.approx(0)
    assert (measured.committed.threshold, measured.committed.coverage) == (0.6, 0.5)
    assert measured.curve[4].precision == pytest.approx(1.0)
    assert measured.curve[-1].precision == pytest.approx(0.5)
    assert measured.curve[14].precision == pytest.approx((1 + 0 + 0.5) / 3)


def test_tasks_of_equal_confidence_are_interchangeable():
    confidence = np.array([0.5] * 6)
    for right in ([1, 1, 1, 0, 0, 0], [0, 1, 0, 1, 0, 1]):
        bins = reliability(confidence, np.array(right, dtype=float), bins=3)
        assert [b.precision for b in bins] == pytest.approx([0.5] * 3)
    assert answered_share(confidence, 0.5) == pytest.approx([0.5] * 6)
    assert answered_share(np.array([0.9, 0.1, 0.1]), 2 / 3) == pytest.approx([1, 0.5, 0.5])


def graded(name: str, number: int) -> list[LabelledTask]:
    """Tasks in which the rows of one system are right, and only they write a git header."""
    found = []
    for i in range(number):
        words = [f"{name}{i}w{j}" for j in range(3)]
        rows = [
            row(words[0], True, "good", "big"),
            row(words[1], False, "bad", "small", git=False),
            row(words[2], False, "bad", "small", git=False),
        ]
        found.append(task(f"{name}-{i}", *rows))
    return found


def test_the_controls_see_names_and_formatting():
    tasks = [*graded("a__a", 12), *graded("b__b", 12)]
    assert choose_by_formatting(tasks, seed=0) == pytest.approx([1.0] * 24)
    assert choose_by_system(tasks) == pytest.approx([1.0] * 24)
    report = measure_selection(tasks, model(), fitter(), Measures(0))
    assert report.controls.formatting.gap_closed == pytest.approx(1)
    assert report.controls.consensus_minus_formatting.worse == 24
    assert [(group.family, group.tasks, group.rows) for group in report.controls.groups] == [("small", 24, 48)]
    assert report.controls.groups[0].rules["consensus"].gap_closed is None


def test_the_formatting_control_is_blind_to_the_change():
    assert layout(diff("x")) == layout(diff("something_longer", line=400))
    assert len(layout(diff("x"))) == len(FEATURES)
    here, there = (dict(zip(FEATURES, layout(diff("x", git=git)), strict=True)) for git in (True, False))
    assert {name for name in FEATURES if here[name] != there[name]} == {"git_headers", "index_hash", "index_mode"}
    windows = dict(zip(FEATURES, layout("\n" + diff("x").replace("\n", "\r\n") + "\r\n"), strict=True))
    assert (windows["blank_first_lines"], windows["carriage_returns"]) == (1, 1)
    assert (windows["leading_context"], windows["headings"]) == (1, 1)


@pytest.mark.parametrize("junk", ["", "no diff", "@@ -1 +1 @@", "\x00\udc80", "--- a\n" * 50, "@@ -1,1 +1,1 @@\n\n\n"])
def test_the_formatting_control_reads_anything(junk):
    assert len(layout(junk)) == len(FEATURES)
    assert np.isfinite(layout(junk)).all()


def test_without_names_the_controls_say_what_is_missing():
    report = measure_selection(pool(), model(), fitter(), Measures(0))
    assert report.controls.knows_the_system is None
    assert report.controls.groups == report.controls.left_out == ()
    assert len([note for note in report.controls.notes if "no row names" in note]) == 2


def test_leave_one_out_fits_without_the_family_and_never_on_the_scored_half():
    tasks = [*graded("a__a", 3), *graded("b__b", 2), *graded("c__c", 1)]
    fits = Fits()
    found, notes = measure_left_out(tasks, fitter(fits), seed=0)
    assert not notes
    assert [(out.family, out.tasks) for out in found] == [("big", 6), ("small", 6)]
    assert [{t.repository for t in asked} == {"a__a"} for asked in fits.asked] in (
        [True, False] * 3,
        [False, True] * 3,
    )
    families = [{r.family for t in asked for r in t.rows} for asked in fits.asked]
    assert families == [{"big", "small"}] * 2 + [{"small"}] * 2 + [{"big"}] * 2


def test_leave_one_out_scores_each_half_by_the_other():
    def of_fold(tasks, *, seed):
        return model(liked="multiplicity" if tasks[0].repository == "a__a" else "blocks")

    rows = [row("x", True, "s", "f"), row("x", True, "t", "g"), row("y", False, "t", "g")]
    tasks = [task(name, *rows) for name in ("a__a-1", "a__a-2", "a__a-3", "b__b-1")]
    found, _ = measure_left_out(tasks, fitter(of_fold), seed=0)
    assert [out.without.best for out in found] == pytest.approx([(3 * 0.5 + 1) / 4] * 2)


def test_a_system_is_known_by_other_repositories_alone():
    here = [row("x", True, "s"), row("y", False, "t")]
    there = [row("x", False, "s"), row("y", True, "t")]
    tasks = [task("a__a-1", *here), task("a__a-2", *here), task("b__b-1", *there), task("b__b-2", *there)]
    assert choose_by_system(tasks) == pytest.approx([0.0] * 4)


def test_precision_and_overall_rate_are_resampled_together():
    tasks = [task(f"{'ab'[i % 2]}__r-{i}", row("x", True)) for i in range(40)]
    right = np.array([float(i < 15) for i in range(40)])
    share = Estimator.of(tasks, seed=0).above_overall(np.array([1.0] * 20 + [0.0] * 20), right)
    assert share.value == pytest.approx(15 / 20 - 15 / 40)
    assert share.ci_tasks[0] < share.value < share.ci_tasks[1]
    assert share.ci_tasks[1] - share.ci_tasks[0] < 0.4


def test_below_majority_on_a_group_is_flagged_with_the_confidence():
    contrary = model(liked="blocks")  # no candidate is liked more than another
    rows = [row("x", True, "s", "f"), row("x", True, "s", "f"), row("y", False, "s", "f")]
    tasks = [task(f"a__a-{i}", *rows) for i in range(10)]
    group = measure_selection(tasks, contrary, fitter(), Measures(0)).controls.groups[0]
    assert group.below_majority
    assert group.consensus_minus_majority.difference == pytest.approx(-0.5)
    assert group.precision == pytest.approx(0.5)
    assert 0 < group.mean_confidence < 1


def test_a_repository_is_scored_by_a_model_of_the_others():
    fits = Fits()
    models = models_for(pool(), model(instances=("b__b-2",)), fitter(fits))
    assert models.verifier.how == "cross-validated by repository"
    assert models.verifier.seen == 1
    assert [sorted({t.repository for t in asked}) for asked in fits.asked] == [
        ["b__b", "c__c"],
        ["a__a", "c__c"],
        ["a__a", "b__b"],
    ]


def test_a_pool_that_the_model_has_not_seen_takes_it_as_committed():
    fits = Fits()
    committed = model(instances=("z__z-1",))
    models = models_for(pool(), committed, fitter(fits))
    assert models.verifier.how == "as committed"
    assert models.of(pool()[0]) is committed
    assert not fits.asked


def test_one_repository_that_the_model_has_seen_is_not_measured_on_what_it_learned():
    tasks = pool()[:2]
    report = measure_selection(tasks, model(instances=("a__a-1",)), fitter(), Measures(10))
    assert report.verifier.how == "not measured"
    assert "consensus" not in report.rules
    assert report.confidence is None
    assert report.rules["majority"].best == pytest.approx(0.75)
    assert "consensus" not in report.curves[0].rules


def test_an_interrupted_bench_goes_on_from_what_was_fitted(tmp_path):
    class Interrupted(Fits):
        def __call__(self, tasks, *, seed):
            if len(self.asked) == 2:
                raise KeyboardInterrupt
            return super().__call__(tasks, seed=seed)

    committed = model(instances=("b__b-2",))
    with pytest.raises(KeyboardInterrupt):
        models_for(pool(), committed, fitter(Interrupted(), tmp_path))
    fits = Fits()
    models_for(pool(), committed, fitter(fits, tmp_path))
    assert len(fits.asked) == 1
    other = [task(t.instance_id, *t.rows, statement="another") for t in pool()]
    models_for(other, committed, fitter(fits, tmp_path))
    assert len(fits.asked) == 4


def test_order_names_and_formatting_change_no_figure():
    drawn = random.Random(5)
    plain = [
        task(f"{repo}-{i}", *(row(f"w{drawn.randrange(4)}", drawn.random() < 0.4, f"s{j}", "f") for j in range(9)))
        for repo in ("a__a", "b__b")
        for i in range(4)
    ]
    disguised = []
    for known in plain:
        rows = [
            LabelledPatch(
                "\n" + r.patch.replace("index 1111111..2222222 100644\n", "").replace(" def run():", "") + "\n",
                r.resolved,
                f"x{drawn.random()}",
                "g",
            )
            for r in known.rows
        ]
        drawn.shuffle(rows)
        disguised.append(task(known.instance_id, *rows))
    one, other = (
        measure_selection(tasks, model(), fitter(), Measures(30, controls=False)) for tasks in (plain, disguised)
    )
    assert one.model_copy(update={"cpu_seconds": 0.0}) == other.model_copy(update={"cpu_seconds": 0.0})


def two_families() -> list[LabelledTask]:
    """Tasks in which each of two families has a right and a wrong row."""
    rows = [
        ("one", True, "p", "big"),
        ("two", False, "q", "big"),
        ("six", True, "r", "small"),
        ("ten", False, "", "small"),
    ]
    return [task(f"{repo}-{i}", *(row(*fields) for fields in rows)) for repo in ("a__a", "b__b") for i in range(12)]


def test_a_family_without_which_nothing_can_be_fitted_is_said():
    found, notes = measure_left_out(graded("a__a", 3) + graded("b__b", 3), fitter(fit), seed=0)
    assert found == ()
    assert [note.split(":")[0] for note in notes] == ["leave one system out, big", "leave one system out, small"]


def test_the_verb_writes_figures_and_plot(tmp_path, capsys):
    lines = []
    for known in two_families():
        for r in known.rows:
            fields = {"instance_id": known.instance_id, "model_patch": r.patch, "resolved": r.resolved}
            lines.append(json.dumps({**fields, "source": r.system, "model": r.family}))
    (tmp_path / "pool.jsonl").write_text("\n".join(lines))
    (tmp_path / "model.json").write_text(model().model_dump_json())
    (tmp_path / "statements.jsonl").write_text('{"instance_id": "a__a-1", "problem_statement": "it fails"}\n')
    options = ("--verifier", tmp_path / "model.json", "--statements", tmp_path / "statements.jsonl", "--subsets", 20)
    command = ("bench", "selection", tmp_path / "pool.jsonl", "--json", tmp_path / "out" / "f.json", *options)
    assert run_app([str(part) for part in command]) == 0
    figures = json.loads((tmp_path / "out" / "f.json").read_text())
    assert {"best", "gap_closed", "gap_closed_ci"} <= figures["rules"]["consensus"].keys()
    assert figures["verifier"]["version"] == "by hand"
    assert figures["without_statement"] == 23
    assert {out["family"] for out in figures["controls"]["left_out"]} == {"big", "small"}
    drawn = ElementTree.parse(tmp_path / "out" / "f.svg").getroot()
    texts = {text.text for text in drawn.iter("{http://www.w3.org/2000/svg}text")}
    assert {"Choosing among all rows, 24 tasks", "Precision against coverage", "formatting only", "oracle"} <= texts
    shown = capsys.readouterr().out
    assert "Leave one system out" in shown
    assert "Single systems" in shown
    assert "23 tasks have no problem statement" in shown


def test_a_file_that_is_no_model_is_one_line(tmp_path):
    (tmp_path / "pool.jsonl").write_text('{"instance_id": "a", "model_patch": "", "resolved": false}')
    (tmp_path / "model.json").write_text("{}")
    with pytest.raises(UsageError, match="not a fitted consensus verifier"):
        run_app(["bench", "selection", str(tmp_path / "pool.jsonl"), "--verifier", str(tmp_path / "model.json")])
