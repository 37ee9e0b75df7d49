"""``runoff select --execute``: anyone's patches, run in real sandboxes; a scripted model where one is asked."""

import contextlib
import json
import random
import threading
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.models.scripted import ScriptedModel
from agent.patch import make_patch, normalise
from agent.trajectory.budget import Ledger
from environments.sandboxes.lease import NoLease
from swebench_runs.choosing import executing
from swebench_runs.choosing.given import of_one_task
from swebench_runs.cli import run_command
from swebench_runs.config import parse
from swebench_runs.errors import UsageError
from swebench_runs.one_task.given_patches import FILE, GivenPatches
from swebench_runs.one_task.places import Places
from swebench_runs.one_task.pool import Pool
from swebench_runs.one_task.progress import Silence
from swebench_runs.one_task.so_far import read_so_far
from swebench_runs.one_task.task_run import Shared, TaskRun
from swebench_runs.pipeline import resolve
from swebench_runs.run_folder.task_folder import TaskFolder
from verifiers.ballot import Ballot

ISSUE = (
    "double() is one too high. We use it so:\n\n```python\nfor n in range(5):\n    print(double(n))\n```\n\nLook:\n\n"
    "```python\n>>> from m import double\n>>> double(2)\n5\n```\n\nI expected `4`.\n"
)
SOURCE = "def double(x):\n    return x + x + 1\n\n\ndef one():\n    return 1\n"
RIGHT = SOURCE.replace("x + x + 1", "x + x")
SAME = RIGHT.replace("x + x", "x + x  # twice")
SHOWN = SOURCE.replace("    return x + x + 1", "    return x if x == 4 else x + x + 1")
BREAKS = RIGHT.replace("return 1", "return 2")


def patch(new):
    return make_patch({"m.py": SOURCE.encode()}, {"m.py": new.encode()})


def rows(path, *patches, name="m__m-1", **more):
    path.write_text(
        "".join(
            json.dumps({"instance_id": name, "model_name_or_path": f"s{n}", "model_patch": one, **more}) + "\n"
            for n, one in enumerate(patches)
        )
    )
    return path.name


GIVEN = [patch(BREAKS), patch(BREAKS), patch(BREAKS), patch(SHOWN), patch(RIGHT), patch(SAME), "", "no patch"]


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """A folder with a checkout, its issue, patches of it in ``a.jsonl``, and what was chosen among them in ``out``."""
    folder = tmp_path_factory.mktemp("ran")
    (folder / "project/tests").mkdir(parents=True)
    (folder / "project/m.py").write_text(SOURCE)
    (folder / "project/tests/test_m.py").write_text("from m import one\n\n\ndef test_one():\n    assert one() == 1\n")
    (folder / "project/tests/test_bad.py").write_text("import nothing_like_it\n")
    (folder / "issue.md").write_text(ISSUE)
    rows(folder / "a.jsonl", *GIVEN, resolved=False)
    with contextlib.chdir(folder):
        assert execute("a.jsonl") == 0
    return folder


@pytest.fixture
def place(ran, monkeypatch):
    monkeypatch.chdir(ran)
    return ran


def execute(candidates, *more, output="out"):
    where = ["--checkout", "project", "--issue", "issue.md"]
    return run_command(["select", str(candidates), *where, "--execute", "-o", output, *more])


def chosen(output="out"):
    [entry] = json.loads(Path(output, "preds.json").read_text()).values()
    [account] = json.loads(Path(output, "selection.json").read_text())["tasks"].values()
    return entry["model_patch"], account


def test_what_is_run_decides_against_what_most_made(place):
    made, account = chosen()
    assert made == patch(RIGHT)
    assert account["confidence"] == "high"
    by_change = {tuple(one["sources"]): one for one in account["standings"]}
    assert by_change[("a.jsonl:1", "a.jsonl:2", "a.jsonl:3")]["regressions"] == ["tests/test_m.py::test_one"]
    assert list(by_change[("a.jsonl:4",)]["outcomes"].values()) == ["fail"]
    assert list(by_change[("a.jsonl:5",)]["outcomes"].values()) == ["pass"]
    assert by_change[("a.jsonl:4",)]["behaviour"] == "alone"
    assert by_change[("a.jsonl:5",)]["behaviour"] == "as 2 other candidates"
    assert {one["source"] for one in account["refused"]} == {"a.jsonl:7", "a.jsonl:8"}
    assert list(account["gate"]["left_out"]) == ["tests/test_bad.py"]
    assert yaml.safe_load(Path("out/run.yaml").read_text())["config"]["model"] == "none"


@pytest.mark.parametrize("verb", ["status", "inspect", "report"])
def test_the_folder_is_a_run_s(place, verb):
    assert run_command([verb, "out"]) == 0


def test_no_hidden_test_can_grade_a_checkout(place, capfd):
    assert run_command(["grade", "out"]) == 2
    assert "is about a checkout: no hidden test can grade it" in capfd.readouterr().err


def test_the_same_command_runs_nothing_again_and_other_candidates_are_refused(place, capfd):
    [record] = place.glob("out/tasks/*/executions.jsonl")
    before = record.read_bytes()
    assert execute("a.jsonl") == 0
    assert "1 of 1 tasks are done already" in capfd.readouterr().out
    assert record.read_bytes() == before
    assert execute(rows(place / "other.jsonl", patch(RIGHT))) == 2
    assert "was begun with other candidates" in capfd.readouterr().err


def test_order_names_spelling_and_labels_change_no_choice(place):
    told = [one.replace("a/m.py", "i/m.py").replace("b/m.py", "w/m.py") for one in GIVEN]
    random.Random(3).shuffle(told)
    rows(place / "b.jsonl", *told, name="other__name-2", resolved=True, reward=1)
    assert execute("b.jsonl", output="again") == 0
    (one, first), (other, second) = chosen("out"), chosen("again")
    assert one == other
    drop = ("sources", "systems")
    ranked = [[{k: v for k, v in s.items() if k not in drop} for s in a["standings"]] for a in (first, second)]
    assert ranked[0] == ranked[1]


def plain(text):
    """Tell a diff as ``diff -u`` does, without git's header."""
    return "".join(line for line in text.splitlines(keepends=True) if not line.startswith(("diff --git", "index ")))


@settings(max_examples=20)
@given(st.permutations(range(len(GIVEN))), st.lists(st.sampled_from("gp"), min_size=len(GIVEN), max_size=len(GIVEN)))
def test_the_pipeline_is_given_the_same_however_candidates_are_ordered_and_told(ran, shop, order, spelling):
    told = [plain(GIVEN[n]) if spelling[n] == "p" else GIVEN[n] for n in order]
    rows(ran / "c.jsonl", *told, name="other__name-3")
    one, other = (
        [normalise(patch.patch, lambda _: SOURCE.encode()) for patch in found.given[shop.task.instance_id].patches]
        for found in (of_one_task([ran / name], shop.task) for name in ("a.jsonl", "c.jsonl"))
    )
    assert one == other


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["--execute"], "say --subset"),
        (["--execute", "--subset", "starter"], "no task that is asked for has a candidate"),
        (["--execute", "--checkout", "project"], "--checkout FOLDER and --issue FILE"),
        (["--execute", "--subset", "starter", "--verifier", "v.json"], "--verifier: leave it out"),
        (["-m", "local"], "--model: it is for --execute"),
        (["--checkout", "project"], "--checkout: it is for --execute"),
        (["--execute", "--checkout", "project", "--issue", "issue.md", "--rule", "none"], "no rule 'none'"),
    ],
)
def test_mistakes_are_told_in_one_line_and_nothing_is_written(place, capfd, arguments, why):
    assert run_command(["select", "a.jsonl", "-o", "none", *arguments]) == 2
    told = capfd.readouterr().err
    assert why in told
    assert len(told.splitlines()) == 1
    assert not (place / "none").exists()


def test_candidates_for_two_tasks_are_not_a_checkout_s(place, shop):
    rows(place / "two.jsonl", patch(RIGHT), name="m__m-2")
    with pytest.raises(UsageError, match=r"for 2 tasks \(m__m-1, m__m-2\)"):
        of_one_task([place / "a.jsonl", place / "two.jsonl"], shop.task)


def test_what_has_no_room_in_the_records_is_left_out_and_the_rest_is_used(place, shop, monkeypatch):
    monkeypatch.setattr("swebench_runs.choosing.given.LONGEST", 1000)
    monkeypatch.setattr("swebench_runs.choosing.given.ROOM", 3 * len(patch(RIGHT)))
    long = [patch(RIGHT + f"# {'x' * length}\n") for length in (600, 2000)]
    rows(place / "long.jsonl", long[1], patch(RIGHT), long[0], patch(RIGHT))
    (given,) = of_one_task([place / "long.jsonl"], shop.task).given.values()
    assert [one.patch for one in given.patches if not one.problem] == [patch(RIGHT)] * 2
    assert [one.problem[:14] for one in given.patches if one.problem] == ["it is too long"] * 2


def test_a_folder_of_diffs_is_all_its_files(place, shop):
    (place / "tries/more").mkdir(parents=True)
    for name, new in (("a.diff", RIGHT), ("more/b.patch", SHOWN)):
        (place / "tries" / name).write_text(patch(new))
    (given,) = of_one_task([place / "tries"], shop.task).given.values()
    assert {one.patch for one in given.patches} == {patch(RIGHT), patch(SHOWN)}
    rows(place / "tries/preds.jsonl", patch(BREAKS))
    (given,) = of_one_task([place / "tries"], shop.task).given.values()
    assert {one.patch for one in given.patches} == {patch(RIGHT), patch(SHOWN), patch(BREAKS)}


def test_a_file_of_one_diff_is_an_attempt_at_a_checkout_s_task(place, shop):
    (place / "one.diff").write_text(patch(RIGHT))
    rows(place / "more.jsonl", patch(SHOWN))
    found = of_one_task([place / "one.diff", place / "more.jsonl"], shop.task)
    given = found.given[shop.task.instance_id].patches
    assert {one.source.rpartition("/")[2] for one in given} == {"one.diff", "more.jsonl"}
    assert patch(RIGHT) in [one.patch for one in of_one_task([place / "one.diff"], shop.task).given["shop-1"].patches]
    with pytest.raises(UsageError, match=r"gone\.patch cannot be read: No such file"):
        of_one_task([place / "gone.patch"], shop.task)


TEST = "```python\nfrom shop import total\nif total([1, 2, 3]) != 6:\n    issue_present()\n```"


@pytest.fixture
def resolved(shop, tmp_path):
    """Resolve the shop's task among given patches with a scripted model."""

    def resolved(model, *patches, **keys):
        folder = TaskFolder(tmp_path / "shop-1")
        given = tuple({"patch": one, "source": f"f:{n}"} for n, one in enumerate(patches))
        folder.write(FILE, GivenPatches.model_validate({"patches": given}))
        config = executing.settings(parse({"model": "scripted", "turns": 1, **keys}), attempts=len(patches))
        shared = Shared(
            model=model,
            config=config,
            lease=NoLease(),
            progress=Silence(),
            stop=threading.Event(),
            live=Places(2),
        )
        ledger = Ledger(config.limits.task)
        return resolve(TaskRun(task=shop.task, base=shop.base, folder=folder, ledger=ledger, shared=shared)), folder

    return resolved


def test_what_only_the_harness_s_patch_takes_is_the_change_that_it_makes(resolved, shop):
    right = shop_patch(shop, b"in prices")
    bare = (
        "--- a/shop/price.py\n+++ b/shop/price.py\n@@ -2,2 +2,2 @@\n"
        "     result = 0\n-    for price in prices[1:]:\n+    for price in prices:\n"
    )
    lost = bare.replace("in prices[1:]", "in nothing")
    decision, folder = resolved(ScriptedModel([]), bare, lost, tests=0, judge="off", runoff_turns=0)
    assert decision.patch == right
    pool = folder.read("candidates.json", Pool)
    assert [entry.candidate is None for entry in pool.entries] == [False, True]


def shop_patch(shop, new):
    old = shop.files["shop/price.py"]
    return make_patch({"shop/price.py": old}, {"shop/price.py": old.replace(b"in prices[1:]", new)})


def told(sum_of_two):
    return (
        "from shop import total\n\n\n"
        f"def test_it():\n    assert total([1, 2]) == {sum_of_two}\n\n\n"
        "def test_old():\n    assert total([0]) == 0\n"
    )


def brought(shop, new, **tests):
    files = {f"tests/test_{name}.py": text.encode() for name, text in tests.items()}
    return shop_patch(shop, new) + make_patch(dict.fromkeys(files), files)


def test_tests_that_patches_bring_along_are_run_on_all_and_no_part_of_a_candidate(resolved, shop):
    author = brought(shop, b"in [*prices]", more=told(3))
    right, wrong = (
        shop_patch(shop, b"in prices"),
        brought(shop, b"in prices[:1]", less=told(1), ok="def test_no(): 0"),
    )
    useless = brought(shop, b"in prices[2:]", less=told(4))
    keys = {"tests": 0, "judge": "off", "runoff_turns": 0}
    decision, folder = resolved(ScriptedModel([]), author, right, wrong, useless, **keys)
    ballot = folder.read("ballot.json", Ballot)
    by_entry = {entry.id: entry for entry in ballot.entries}
    assert [bool(by_entry[f"edit-{n}"].test) for n in range(4)] == [True, False, True, False]
    rows = {n: ballot.outcomes[by_entry[f"edit-{n}"].test] for n in (0, 2)}
    verdicts = {n: [rows[n][by_entry[f"edit-{k}"].candidate] for k in range(3)] for n in rows}
    assert verdicts == {0: ["pass", "pass", "fail"], 2: ["fail", "fail", "pass"]}
    assert all(row["base"] == "fail" for row in rows.values())
    assert not any("test_" in candidate.patch for candidate in ballot.candidates)
    assert decision.candidate in {by_entry["edit-0"].candidate, by_entry["edit-1"].candidate}


def test_a_new_version_of_an_existing_test_says_what_is_to_change(resolved, shop):
    name = "tests/test_price.py"
    new = {name: shop.files[name].replace(b"total([]) == 0", b"total([]) == 1")}
    source = {"shop/price.py": shop.files["shop/price.py"].replace(b"result = 0", b"result = 1")}
    author = make_patch(shop.files, shop.files | source | new)
    _, folder = resolved(
        ScriptedModel([]), author, shop_patch(shop, b"in prices"), tests=0, judge="off", runoff_turns=0
    )
    ballot = folder.read("ballot.json", Ballot)
    mine, other = (entry.candidate for entry in ballot.entries)
    [(test, cases)] = ballot.rewritten.items()
    assert cases == ballot.regressions[mine] == (f"{name}::test_total_of_nothing",)
    assert (ballot.outcomes[test][mine], ballot.outcomes[test][other], ballot.regressions[other]) == (
        "pass",
        "fail",
        (),
    )


def test_scripts_that_patches_bring_along_are_run_for_what_they_do(resolved, shop):
    script = {"reproduce_issue.py": b"from shop import total\nprint(total([1, 2]))\n"}
    author = shop_patch(shop, b"in [*prices]") + make_patch(dict.fromkeys(script), script)
    alike, other = shop_patch(shop, b"in prices"), shop_patch(shop, b"in prices[:1]")
    _, folder = resolved(ScriptedModel([]), author, alike, other, tests=0, judge="off", runoff_turns=0)
    ballot = folder.read("ballot.json", Ballot)
    [row] = ballot.behaviour.values()
    by_attempt = [row[entry.candidate] for entry in ballot.entries]
    assert by_attempt[0] == by_attempt[1]
    assert len({row["base"], *by_attempt}) == 3


def test_a_model_writes_tests_judges_and_holds_the_run_off_and_is_asked_for_no_edit(resolved, shop):
    right, wrong = shop_patch(shop, b"in prices"), shop_patch(shop, b"in [0, *prices][-2:]")
    asked = []

    def answer(request):
        prompt = request.messages[-1].content
        asked.append(prompt)
        return "NO" if "Judge strictly" in prompt else TEST

    decision, folder = resolved(ScriptedModel(answer), wrong, right, wrong, tests=1, judge="p-yes", runoff_turns=1)
    assert decision.patch == right
    assert not any("Find the fault" in prompt for prompt in asked)
    assert sum("Judge strictly" in prompt for prompt in asked) == 2
    ballot = folder.read("ballot.json", Ballot)
    assert len(ballot.tests) == 2
    assert len(ballot.issue_tests) == 1
    assert read_so_far(folder).patch == wrong  # made twice, and nothing had run yet
    assert not folder.recorded("edit")
