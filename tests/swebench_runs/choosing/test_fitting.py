"""Fitting the consensus verifier: on small pools in which the right candidates are those that agree."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier

from swebench_runs.choosing.fitting import fit
from swebench_runs.choosing.fitting.boosting import Boosting, TrainingRows, boost
from swebench_runs.choosing.fitting.consensus import (
    FittedOn,
    examples_of,
    out_of_fold_log_odds,
    out_of_fold_votes,
    pairs_of,
)
from swebench_runs.choosing.labelled_pool import LabelledPatch, LabelledTask, pool_hash, read_pool
from swebench_runs.cli import run_command
from swebench_runs.errors import UsageError
from verifiers.consensus import Consensus

TASKS = 12


def diff(line: int, added: str) -> str:
    return f"--- a/pkg/m.py\n+++ b/pkg/m.py\n@@ -{line},1 +{line},1 @@\n-    return value\n+    {added}\n"


def rows(index: int) -> list[dict]:
    """Three that fix the same line much the same way, and two that do something else somewhere else."""
    task = f"owner{index % 3}__repo-{index}"
    right = [diff(10 + index, f"return value + {index} {tail}".rstrip()) for tail in ("", "+ 0", "- 0")]
    wrong = [diff(90 + index, "raise ValueError(value)"), diff(200 + index, "print(value); return None")]
    graded = [(patch, True) for patch in right] + [(patch, False) for patch in wrong]
    return [
        {"instance_id": task, "model_patch": patch, "resolved": good, "source": f"s{n}", "model": "m"}
        for n, (patch, good) in enumerate(graded)
    ]


@pytest.fixture(scope="module")
def pool(tmp_path_factory):
    path = tmp_path_factory.mktemp("pool") / "pool.jsonl"
    path.write_text("\n".join(json.dumps(row) for index in range(TASKS) for row in rows(index)) + "\n")
    return path


@pytest.fixture(scope="module")
def tasks(pool):
    return read_pool(pool, {f"owner{i % 3}__repo-{i}": f"value should grow by {i}" for i in range(TASKS)})


def chosen(model: Consensus, task: LabelledTask) -> float:
    return float(task.chances[int(np.argmax(model.log_odds(task.evidence)))])


def sure(model: Consensus, task: LabelledTask) -> float:
    return model.confidence(task.evidence, model.log_odds(task.evidence))


def test_what_agrees_is_learned_and_carries_over_to_tasks_not_seen(tasks):
    model = fit(tasks[:8], seed=3)
    assert [chosen(model, task) for task in tasks[8:]] == [1.0] * 4
    assert all(sure(model, task) > 0.7 for task in tasks[8:])
    assert model.report["instances"] == [task.instance_id for task in tasks[:8]]


def test_the_same_pool_and_seed_give_the_same_file_whatever_the_rows_order_and_names(tasks):
    again = [
        LabelledTask.of(
            task.instance_id,
            task.statement,
            [LabelledPatch(row.patch, row.resolved, f"renamed {row.system}", "other") for row in reversed(task.rows)],
        )
        for task in tasks
    ]
    first, second = fit(tasks, seed=5), fit(again, seed=5)
    assert first.model_dump_json() == second.model_dump_json()
    assert pool_hash(tasks) == pool_hash(again)


def test_no_part_of_the_fitting_learns_from_a_task_what_it_later_says_of_it(tasks):
    """Whatever a task's own grades are, what is said of it out of fold is the same."""

    def said(graded):
        found = [FittedOn.of(task, 1) for task in graded]
        rng = np.random.default_rng(1)
        votes = out_of_fold_votes(found, [pairs_of(task, rng) for task in found], 1)
        examples = [
            examples_of(task, matrix, np.random.default_rng(2)) for task, matrix in zip(found, votes, strict=True)
        ]
        return votes[0], out_of_fold_log_odds(found, votes, examples, 1)[0]

    wrong = [replace(row, resolved=not row.resolved) for row in tasks[0].rows]
    flipped = [LabelledTask.of(tasks[0].instance_id, tasks[0].statement, wrong), *tasks[1:]]
    assert set(flipped[0].chances) == set(tasks[0].chances) == {0.0, 1.0}
    (votes, log_odds), (votes_flipped, log_odds_flipped) = said(tasks), said(flipped)
    assert np.array_equal(votes, votes_flipped)
    assert np.array_equal(log_odds, log_odds_flipped)
    assert votes.any()


def test_a_task_is_the_same_whatever_the_order_of_its_rows():
    patch = diff(3, "return 0")
    rows = [LabelledPatch(patch, True, "b"), LabelledPatch(patch, False, "a"), LabelledPatch("", False, "c")]
    task, again = LabelledTask.of("r__r-1", "", rows), LabelledTask.of("r__r-1", "", rows[::-1])
    assert task == again
    assert [row.system for row in task.rows] == ["a", "b", "c"]
    assert task.chances.tolist() == [0.5]


@pytest.mark.parametrize("good", [True, False])
def test_one_kind_of_candidate_alone_cannot_be_fitted(tasks, good):
    same = [
        LabelledTask.of(task.instance_id, "", [row for row in task.rows if row.resolved is good]) for task in tasks[:4]
    ]
    with pytest.raises(UsageError, match="candidates that resolve their task and some that do not"):
        fit(same, seed=0)


def test_a_pool_of_one_candidate_a_task_works(tasks):
    lone = [LabelledTask.of(t.instance_id, t.statement, [t.rows[n % len(t.rows)]]) for n, t in enumerate(tasks)]
    model = fit(lone, seed=0)
    assert all(0 < sure(model, task) < 1 for task in lone)


def test_the_trees_answer_as_scikit_learn_does():
    rng = np.random.default_rng(7)
    features = rng.random((400, 3))
    features[rng.random(features.shape) < 0.1] = np.nan
    right = (np.nan_to_num(features[:, 0]) + rng.normal(0, 0.3, 400) > 0.5).astype(np.int64)
    how = Boosting(iterations=20, rate=0.1, leaf=5, rising=("a",), classifiers=1)
    trees, gains = boost(TrainingRows(features, right, np.ones(400)), ("a", "b", "c"), how, seed=11)
    theirs = HistGradientBoostingClassifier(
        max_iter=20, learning_rate=0.1, max_depth=2, min_samples_leaf=5, l2_regularization=5.0, max_features=0.5,
        monotonic_cst=[1, 0, 0], early_stopping=False, random_state=11,
    ).fit(features, right, np.ones(400))  # fmt: skip
    assert np.allclose(trees.log_odds(features), theirs.decision_function(features), atol=1e-5)
    assert next(iter(gains)) == "a"
    assert sum(gains.values()) == pytest.approx(1, abs=0.01)


def test_the_command_fits_validates_and_writes_a_file_that_loads(pool, tmp_path, capsys):
    output = tmp_path / "fitted.json"
    assert run_command(["verifier", "fit", str(pool), "-o", str(output), "--seed", "2"]) == 0
    told = capsys.readouterr().out
    model = Consensus.load(output)
    assert model.report["cross_validation"]["gap_closed"] == pytest.approx(1.0)
    assert "100% of the gap closed" in " ".join(told.split())
    assert model.report["without_statement"] == TASKS


def test_grades_that_cannot_be_read_are_refused_in_one_line(tmp_path, capsys):
    path = tmp_path / "pool.jsonl"
    path.write_text('{"instance_id": "a__b-1", "model_patch": ""}\n')
    assert run_command(["verifier", "fit", str(path), "-o", str(tmp_path / "f.json")]) == 2
    assert "it needs instance_id, model_patch, resolved" in capsys.readouterr().err


@pytest.mark.parametrize(
    "resolved, wanted",
    [("true", True), ("1", True), ('"True"', True), ("false", False), ("0", False), ('"false"', False), ("NaN", False)],
)
def test_a_grade_is_read_however_a_library_wrote_it(tmp_path, resolved, wanted):
    row = '{"instance_id": "a__b-1", "model_patch": NaN, "resolved": %s}' % resolved  # noqa: UP031
    (tmp_path / "pool.jsonl").write_text(f"{row}\n")
    ((labelled,),) = (task.rows for task in read_pool(tmp_path / "pool.jsonl", {}))
    assert (labelled.resolved, labelled.patch) == (wanted, "")


def test_a_grade_that_is_none_is_named(tmp_path):
    (tmp_path / "pool.jsonl").write_text('{"instance_id": "a__b-1", "model_patch": "", "resolved": "maybe"}\n')
    with pytest.raises(UsageError, match=r"resolved of a__b-1 must be true or false .got 'maybe'"):
        read_pool(tmp_path / "pool.jsonl", {})
