"""Anyone's predictions graded: real packages, real hidden tests; in a file, in a folder, and select's own choice."""

import json
from pathlib import Path

import pytest

from agent.patch import make_patch
from environments.synthesis.sdists import unpack
from swebench_runs import splits
from swebench_runs.choosing.own_output import to_be_graded
from swebench_runs.cli import run_command
from swebench_runs.errors import UsageError
from swebench_runs.splits.starter_draw import stored


@pytest.fixture(scope="module")
def recipe():
    recipes = [recipe for report in stored().reports.values() for recipe in report.recipes]
    return min(recipes, key=lambda recipe: (len(recipe.pass_to_pass), recipe.instance_id))


@pytest.fixture(scope="module")
def patches(tmp_path_factory, recipe):
    """A right one and a wrong one."""
    folder = tmp_path_factory.mktemp("patches")
    split = splits.load("starter")
    task = next(task for task in split.tasks() if task.instance_id == recipe.instance_id)
    unpack(recipe.package.sdist(), folder / "sdist")
    split.lay_tree(task, folder / "layer")
    file = recipe.mutation.file
    right, wrong = (folder / "sdist" / file).read_bytes(), (folder / "layer/testbed" / file).read_bytes()
    return make_patch({file: wrong}, {file: right}), make_patch({file: wrong}, {file: wrong + b"\n# nothing\n"})


def entry(name, patch, system):
    return {"instance_id": name, "model_name_or_path": system, "model_patch": patch}


def test_predictions_in_every_place_are_graded_once_and_unknown_tasks_are_named(
    tmp_path, monkeypatch, capfd, recipe, patches
):
    monkeypatch.chdir(tmp_path)
    name, (right, wrong) = recipe.instance_id, patches
    lines = [entry(name, right, "peer"), entry("nobody__knows-1", right, "peer")]
    (tmp_path / "all_preds.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    chosen = tmp_path / "chosen"
    chosen.mkdir()
    (chosen / "preds.json").write_text(json.dumps({name: entry(name, wrong, "runoff-select/consensus")}))
    grade = ["grade", "--subset", "starter", "-o", "out"]

    assert run_command([*grade, "all_preds.jsonl", "chosen"]) == 0
    told = capfd.readouterr().out
    assert "peer: 1 of 1 task resolved" in told
    assert "runoff-select/consensus: 0 of 1 task resolved" in told
    assert "no task nobody__knows-1" in told
    assert json.loads((tmp_path / "out/peer.out.json").read_text())["resolved_ids"] == [name]
    other = json.loads((tmp_path / "out/runoff-select__consensus.out.json").read_text())
    assert (other["resolved_ids"], other["unresolved_ids"]) == ([], [name])

    assert f"runoff-select/consensus, {name}: unresolved: 0 of " in told
    page = (tmp_path / f"out/grading/{name}.json").read_bytes()
    assert run_command([*grade, "chosen/preds.json"]) == 0
    assert (tmp_path / f"out/grading/{name}.json").read_bytes() == page
    assert "0 of 1 task resolved" in capfd.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["preds.json"], "--subset"),
        (["nowhere.json", "--subset", "starter"], "nowhere.json"),
        (["preds.json", "--subset", "starter"], "none of the tasks"),
    ],
)
def test_what_cannot_be_graded_is_told_in_one_line(tmp_path, monkeypatch, capfd, arguments, why):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "preds.json").write_text(json.dumps({"a__a-1": entry("a__a-1", "p", "peer")}))
    assert run_command(["grade", *arguments]) == 2
    assert why in capfd.readouterr().err


def test_why_a_task_is_not_resolved_is_told_in_a_line_that_steers_no_terminal(tmp_path, monkeypatch, capfd, recipe):
    monkeypatch.chdir(tmp_path)
    name = recipe.instance_id
    new = make_patch({}, {"extra.py": b"x = 1\n"})
    given = [
        entry(name, "", "blank\x1b[2J\nline"),
        entry(name, make_patch({"nowhere.py": b"a\n"}, {"nowhere.py": b"b\n"}), "lost"),
        entry(name, "nothing", "lost"),
        *(entry(f"nobody__knows-{number}", new, "lost") for number in range(9)),
    ]
    (tmp_path / "given.json").write_text(json.dumps(given))
    assert run_command(["grade", "--subset", "starter", "given.json"]) == 0
    told = capfd.readouterr().out
    assert f"blank\\x1b[2J line, {name}: no patch" in told
    assert f"lost, {name}: unresolved: the patch does not apply: error: nowhere.py" in told
    assert "lost: further attempts at the same tasks, graded, too: 1; the first at each counts" in told
    assert "nobody__knows-4 and 4 more: not graded" in told
    assert run_command(["grade", "--subset", "starter", "given.json", "-o", "given.json"]) == 2
    assert "given.json is no folder" in capfd.readouterr().err


def test_of_what_select_wrote_the_choice_is_graded_and_its_candidates_when_asked_for(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    entries = [
        entry("a__a-1", make_patch({}, {"a.py": text}), system) for text, system in ((b"1\n", "p"), (b"2\n", "q"))
    ]
    Path("a.jsonl").write_text("".join(json.dumps(one) + "\n" for one in entries))
    assert run_command(["select", "a.jsonl", "-o", "chosen"]) == 0
    given = [Path("chosen"), Path("other.json")]
    assert to_be_graded(given, everything=False) == [Path("chosen/preds.json"), Path("other.json")]
    assert to_be_graded(given, everything=True) == [Path("chosen/preds.json"), Path("a.jsonl"), Path("other.json")]
    Path("a.jsonl").unlink()
    with pytest.raises(UsageError, match=r"among a\.jsonl, which is not there"):
        to_be_graded(given, everything=True)
