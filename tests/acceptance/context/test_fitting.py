"""Weights come out of what the changed symbols have and the others lack; evidence never counts against a symbol."""

import json

import numpy as np

from acceptance.context import fitting
from agent.context.relevance.weights import TOGETHER
from agent.patch import make_patch
from environments.trees.worktree import one_commit

NAMES = ("k.class", "n.call", "title.body")


def example(changed, *values):
    return fitting.Example(NAMES, np.array(values, dtype=float), [changed])


def test_what_the_changed_symbols_have_counts_and_what_the_others_have_does_not_count_against_them():
    found = [example(0, [0, 1, 0], [1, 0, 1], [1, 0, 1]), example(1, [1, 0, 1], [0, 1, 0], [1, 0, 1])]
    weights = fitting.fitted(found)
    assert weights["n.call"] > 1
    assert weights["k.class"] < -1
    assert "title.body" not in weights


def test_rows_that_are_reported_are_not_fitted_on(tmp_path, monkeypatch):
    (tmp_path / "repo").mkdir()
    right, wrong = (f"def total():\n    return {n}\n\n\ndef other():\n    return 1\n".encode() for n in (0, 1))
    (tmp_path / "repo/shop.py").write_bytes(wrong)
    (tmp_path / "repos").mkdir()
    row = {
        "repo": "own/shop",
        "base_commit": one_commit(tmp_path / "repo", tmp_path / "repos/own__shop"),
        "problem_statement": "total() is 1",
        "patch": make_patch({"shop.py": wrong}, {"shop.py": right}),
    }
    own, reported = ({**row, "instance_id": f"own__shop-{number}"} for number in (1, 2))
    data = {"verified": [own, reported], "lite": [reported]}
    for name, rows in data.items():
        (tmp_path / f"{name}.jsonl").write_text("".join(json.dumps(one) + "\n" for one in rows))
    load, load_rows = fitting.load, fitting.load_rows
    monkeypatch.setattr(fitting, "load", lambda name, split: load(str(tmp_path / f"{name}.jsonl"), split))
    monkeypatch.setattr(fitting, "load_rows", lambda name: load_rows(str(tmp_path / f"{name}.jsonl")))
    (found,) = fitting.examples(tmp_path / "repos", TOGETHER, TOGETHER)
    assert (len(found.values), found.changed) == (2, [0])
    assert set(TOGETHER) <= set(found.names)
