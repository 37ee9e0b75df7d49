"""``runoff select --execute --dry-run``: what would be done, and nothing that is."""

import json
from pathlib import Path

import pytest

from swebench_runs import splits
from swebench_runs.choosing.dry_run import planned
from swebench_runs.cli import run_command
from swebench_runs.config import load

DIFF = "--- a/m.py\n+++ b/m.py\n@@ -1 +1 @@\n-a = 1\n+a = {}\n"


@pytest.fixture
def preds(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = [task.instance_id for task in splits.load("starter").tasks()[:2]]
    rows = [{"instance_id": name, "model_patch": DIFF.format(number)} for name in names for number in (2, 3, 3)]
    rows += [
        {"instance_id": names[0], "model_patch": ""},
        {"instance_id": "else__where-1", "model_patch": DIFF.format(2)},
    ]
    Path("a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return tmp_path


def test_what_would_be_run_is_counted_and_nothing_is_started_or_written(preds, capsys):
    before = sorted(preds.rglob("*"))
    assert run_command(["select", "a.jsonl", "--subset", "starter", "--execute", "--dry-run", "-o", "out"]) == 0
    told = capsys.readouterr().out
    assert "2 tasks to choose for, 7 attempts, 4 different patches" in told
    assert "1 attempt would be no candidate" in told
    assert "left out, not asked for: 1 predictions for 1 task" in told
    assert "2 trees laid here, no image" in told
    assert "Existing tests: 8 runs (twice on each base, once on each patch) of 120 s at most, 16 min 0 s" in told
    assert "No model is asked: it costs nothing" in told
    assert sorted(preds.rglob("*")) == before


def test_with_a_model_what_it_can_cost_is_said_too(preds, capsys):
    asked = ["-m", "openai/gpt-4.1", "--tests", "1"]
    assert run_command(["select", "a.jsonl", "--subset", "starter", "--execute", "--dry-run", *asked]) == 0
    told = capsys.readouterr().out
    assert "At most: $" in told
    assert "test, openai/gpt-4.1: 1 trajectory" in told
    assert "edit, openai" not in told


def test_images_that_are_there_are_told_from_those_to_be_made(preds, tmp_path):
    row = {
        **{"repo": "pallets/flask", "base_commit": "a" * 40, "problem_statement": "It is wrong.", "version": "2.3"},
        **{"patch": DIFF.format(2), "test_patch": DIFF.format(2), "FAIL_TO_PASS": ["t.py::t"], "PASS_TO_PASS": []},
    }
    names = ["pallets__flask-1", "pallets__flask-2"]
    Path("rows.jsonl").write_text("".join(json.dumps({**row, "instance_id": name}) + "\n" for name in names))
    Path("b.jsonl").write_text(
        "".join(json.dumps({"instance_id": n, "model_patch": DIFF.format(2)}) + "\n" for n in names)
    )
    plan = planned([Path("b.jsonl")], load(["subset=rows.jsonl", "pull=true"]), lambda: {"pallets__flask-2", "other"})
    assert "Environments: 1 image on the engine already, 1 to be pulled" in plan.lines


@pytest.mark.parametrize(
    ("more", "why"),
    [
        (["--subset", "starter", "--dry-run"], "--dry-run: it is for --execute"),
        (["--execute", "--dry-run"], "--dry-run is for the tasks of a --subset"),
    ],
)
def test_where_nothing_would_be_run_it_is_refused(preds, capsys, more, why):
    assert run_command(["select", "a.jsonl", *more]) == 2
    assert why in capsys.readouterr().err
