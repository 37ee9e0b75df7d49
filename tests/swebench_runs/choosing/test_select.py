"""``runoff select`` as a user meets it: files of anyone's candidates in, preds.json and its account out."""

import gzip
import json
import random
import shutil
import subprocess
from pathlib import Path

import pytest

from agent.patch import make_patch
from selection.patches import ballot_of_patches
from selection.rules import PATCH_RULES, RULES, chosen
from selection.rules.consensus import consensus_rule
from swebench_runs import splits
from swebench_runs.choosing import select as selecting
from swebench_runs.cli import run_command
from swebench_runs.rows.hub import HubUnreachable
from verifiers.consensus import Consensus, gather
from verifiers.consensus.evidence import CANDIDATE_FEATURES
from verifiers.consensus.model import CONFIDENCE_FEATURES, Calibration, probability
from verifiers.consensus.similarity import PAIR_FEATURES
from verifiers.consensus.trees import DecisionTree, Trees

MINI = Path(__file__).parents[2] / "data" / "mini_swe_agent" / "shop__shop-1.traj.json"
SHOP = "shop__shop-1"
ISSUE = "`total` loses the first price: `total([3, 4])` is 4, see shop.py."
RIGHT, WRONG, OTHER = "sum(prices)", "sum(prices[0:])", "0"


def patch(new=RIGHT, path="shop.py"):
    return (
        f"diff --git a/{path} b/{path}\n--- a/{path}\n+++ b/{path}\n@@ -1,2 +1,2 @@\n"
        f" def total(prices):\n-    return sum(prices[1:])\n+    return {new}\n"
    )


def prediction(text, name=SHOP, system="m", **more):
    return {"instance_id": name, "model_name_or_path": system, "model_patch": text, **more}


def stump(feature, threshold, low, high):
    number = CANDIDATE_FEATURES.index(feature)
    return DecisionTree(
        feature=(number, 0, 0),
        threshold=(threshold, 0.0, 0.0),
        missing_left=(True, True, True),
        left=(1, 1, 2),
        right=(2, 1, 2),
        value=(0.0, low, high),
    )


@pytest.fixture
def inside(tmp_path, monkeypatch):
    """A folder of its own to work in, without data sets."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RUNOFF_DATA", str(tmp_path / "absent"))
    return tmp_path


@pytest.fixture
def verifier(inside):
    """A verifier that likes changes which several attempts made: its confidence is then 0.73, else 0.27."""
    model = Consensus(
        version="of-a-test",
        votes=Trees(features=PAIR_FEATURES, baseline=0.0, classifiers=1, trees=()),
        candidates=Trees(
            features=CANDIDATE_FEATURES, baseline=0.0, classifiers=1, trees=(stump("multiplicity", 0.2, -1.0, 1.0),)
        ),
        calibration=Calibration(weights=(1.0,) + (0.0,) * (len(CONFIDENCE_FEATURES) - 1), bias=0.0),
        threshold=0.5,
        report={},
    )
    path = inside / "verifier.json"
    path.write_text(model.model_dump_json())
    return path


def rows(path, *values):
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(value) + "\n" for value in values))
    return path


def select(*arguments):
    return run_command(["select", *map(str, arguments)])


def predictions(folder="selection"):
    return json.loads(Path(folder, "preds.json").read_text())


def account(folder="selection"):
    return json.loads(Path(folder, "selection.json").read_text())


def test_candidates_in_several_forms_become_one_choice_with_its_account(inside, verifier, capsys):
    run = inside / "run"
    (run / SHOP).mkdir(parents=True)
    shutil.copy(MINI, run / SHOP / MINI.name)
    (run / "preds.json").write_text(json.dumps({SHOP: prediction(json.loads(MINI.read_text())["info"]["submission"])}))
    trae = {"instance_id": SHOP, "issue": ISSUE, "patches": [patch(RIGHT), patch(WRONG), ""], "success_id": [0, 1, 0]}
    rows("trae.jsonl", trae)
    rows("other.jsonl", prediction(patch(RIGHT + "  # all of them")), prediction("Sorry, no patch."))
    assert select("run", "trae.jsonl", "other.jsonl", "--verifier", verifier) == 0
    assert predictions() == {
        SHOP: {"instance_id": SHOP, "model_name_or_path": "runoff-select/consensus", "model_patch": patch(RIGHT)}
    }
    found = account()
    assert found["verifier"] == "of-a-test"
    assert found["dropped_fields"] == {"success_id": 1}
    assert [repeat["source"] for repeat in found["repeats"]] == [f"run/preds.json['{SHOP}']"]
    task = found["tasks"][SHOP]
    assert task["why"] == (
        "First by the rule consensus. 2 of 4 candidates made this change, "
        "1 more one that differs in comments, formatting or local names alone, 1 more another change of the same files."
    )
    first, *others = task["standings"]
    assert first["sources"] == [f"run/{SHOP}/{MINI.name}", "trae.jsonl[0]"]
    assert (first["multiplicity"], first["cluster_size"], first["rank"]) == (2, 3, 1)
    assert first["score"] > max(other["score"] for other in others)
    assert task["confidence"] == pytest.approx(0.731, abs=1e-3)
    assert not task["abstained"]
    assert {refused["source"]: refused["reason"] for refused in task["refused"]} == {
        "trae.jsonl[2]": "the patch is empty",
        "other.jsonl:2": "not a unified diff: no file in it; write it as git diff or diff -u does",
    }
    said = capsys.readouterr().out
    assert "dropped on reading, with the number of records: success_id (1)." in said
    assert "Not taken: other.jsonl:2: not a unified diff" in said
    assert "2 of 6" in said


@pytest.mark.parametrize("rule", RULES)
def test_the_choice_is_the_rule_s(inside, rule):
    texts = [patch(OTHER, "a.py"), patch(RIGHT), patch(WRONG), patch(RIGHT + "  # all"), patch(RIGHT), ""]
    rows("a.jsonl", *[prediction(text) for text in texts])
    assert select("a.jsonl", "--rule", rule) == 0
    ballot = ballot_of_patches(texts).ballot
    assert account()["tasks"][SHOP]["chosen"] == chosen(RULES[rule](ballot))
    assert predictions()[SHOP]["model_patch"] in texts[:-1]
    assert (account()["tasks"][SHOP]["confidence"] is None) == (rule != "consensus")


def test_the_order_is_that_of_the_verifier_s_rule(inside, verifier):
    texts = [patch(OTHER, "a.py"), patch(RIGHT), patch(WRONG), patch(WRONG)]
    rows("a.jsonl", *[prediction(text) for text in texts])
    assert select("a.jsonl", "--verifier", verifier) == 0
    model, ballot = Consensus.load(verifier), ballot_of_patches(texts).ballot
    ranking, evidence = consensus_rule(model)(ballot), gather(ballot)
    standings = account()["tasks"][SHOP]["standings"]
    scores = dict(
        zip([candidate.id for candidate in ballot.candidates], probability(model.log_odds(evidence)), strict=True)
    )
    assert {standing["candidate"]: standing["score"] for standing in standings} == pytest.approx(scores)
    assert account()["tasks"][SHOP]["confidence"] == pytest.approx(model.confidence(evidence, model.log_odds(evidence)))
    assert [standing["candidate"] for standing in standings] == [name for group in ranking for name in group]
    assert [standing["rank"] for standing in standings] == [1, 2, 2]


def graded(right):
    """The same candidates in forms with grades, graded by ``right``: text -> whether."""
    texts = [patch(RIGHT), patch(WRONG), patch(OTHER)]
    marks = [int(right(text)) for text in texts]
    failing = [[] if mark else ["t"] for mark in marks]
    rows(
        "pool.jsonl",
        *[prediction(t, resolved=bool(m), report={"resolved": m}) for t, m in zip(texts, marks, strict=True)],
    )
    rows("trae.jsonl", {"instance_id": SHOP, "patches": texts, "success_id": marks, "regressions": failing})
    rows("augment.jsonl", {"id": SHOP, "diffs": texts, "eval_outcomes": [{"is_success": m} for m in marks]})
    row = {"instance_id": SHOP, "patch": texts[marks.index(1)], "test_patch": texts[0], "FAIL_TO_PASS": [str(marks)]}
    rows(
        "r2e.jsonl",
        *[{"output_patch": t, "reward": m, "gt_rewards": m, "ds": row} for t, m in zip(texts, marks, strict=True)],
    )
    result = [{"git_patch": t, "report": {"resolved": m}} for t, m in zip(texts, marks, strict=True)]
    rows("output.jsonl", *[{"instance_id": SHOP, "test_result": r, "instance": row} for r in result])
    return ["pool.jsonl", "trae.jsonl", "augment.jsonl", "r2e.jsonl", "output.jsonl"]


@pytest.mark.parametrize("rule", ["consensus", "majority", "first"])
def test_turning_every_grade_round_changes_nothing(inside, rule):
    files = graded(lambda text: text == patch(RIGHT))
    assert select(*files, "--rule", rule, "-o", "one") == 0
    before = [Path(file).read_bytes() for file in files]
    assert graded(lambda text: text != patch(RIGHT)) == files
    assert all(Path(file).read_bytes() != content for file, content in zip(files, before, strict=True))
    assert select(*files, "--rule", rule, "-o", "other") == 0
    for name in ("preds.json", "selection.json"):
        assert Path("one", name).read_bytes() == Path("other", name).read_bytes()
    assert set(account("one")["dropped_fields"]) >= {
        *(
            "resolved",
            "report",
            "report.resolved",
            "success_id",
            "regressions",
            "eval_outcomes",
            "reward",
            "gt_rewards",
        ),
        *("ds.patch", "ds.test_patch", "ds.FAIL_TO_PASS", "instance.patch", "test_result.report"),
    }


@pytest.mark.parametrize("rule", RULES)
def test_neither_order_nor_names_change_the_choice(inside, rule):
    texts = [
        patch(RIGHT),
        patch(WRONG),
        patch(OTHER),
        patch(RIGHT + "  # x"),
        patch(OTHER, "a.py"),
        patch(WRONG, "b.py"),
    ]
    rows("a.jsonl", *[prediction(text, system=f"m{number}") for number, text in enumerate(texts)])
    assert select("a.jsonl", "--rule", rule) == 0
    expected = predictions()[SHOP]["model_patch"]
    for seed in range(3):
        random.Random(seed).shuffle(texts)
        rows("b.jsonl", *[prediction(text, system=f"n{seed}") for text in texts[:2]])
        rows("a.jsonl", *[prediction(text, system="n") for text in texts[2:]])
        assert select("b.jsonl", "a.jsonl", "--rule", rule, "-o", "again") == 0
        assert predictions("again")[SHOP]["model_patch"] == expected


def test_a_subset_names_the_tasks_and_their_issues(inside, verifier, capsys):
    rows("rows.jsonl", *[{"instance_id": f"shop__shop-{n}", "problem_statement": ISSUE} for n in (2, 1)])
    rows("a.jsonl", prediction(patch()), prediction(patch(), "car__car-1"), prediction(patch(), "car__car-1"))
    assert select("a.jsonl", "--subset", "rows.jsonl", "--verifier", verifier) == 0
    assert list(predictions()) == ["shop__shop-2", SHOP]
    assert predictions()["shop__shop-2"]["model_patch"] == ""
    assert predictions()["shop__shop-2"]["abstained"]
    assert account()["tasks"]["shop__shop-2"]["abstention"] == "no prediction"
    assert account()["tasks"][SHOP]["issue_known"]
    assert account()["outside_the_subset"] == {"car__car-1": 2}
    said = capsys.readouterr().out
    assert "Left out, not of the subset: 2 predictions for car__car-1." in said
    assert "Without the issue" not in said


@pytest.mark.parametrize(
    "subset, file", [("lite", "swebench_lite.jsonl.gz"), ("verified", "swebench_verified.jsonl.gz")]
)
def test_swe_bench_s_subsets_are_read_from_the_data_folder(inside, subset, file, monkeypatch):
    monkeypatch.setenv("RUNOFF_DATA", str(inside))
    row = {"instance_id": SHOP, "problem_statement": ISSUE, "patch": patch(), "test_patch": patch()}
    Path(file).write_bytes(gzip.compress(json.dumps(row).encode()))
    rows("a.jsonl", prediction(patch()))
    assert select("a.jsonl", "--subset", subset, "--rule", "majority") == 0
    assert account()["tasks"][SHOP]["issue_known"]


def test_the_starter_tasks_are_a_subset(inside):
    names = [task.instance_id for task in splits.load("starter").tasks()]
    rows("a.jsonl", prediction(patch(), names[3]))
    assert select("a.jsonl", "--subset", "starter", "--rule", "majority") == 0
    assert [name for name, found in predictions().items() if found["model_patch"]] == [names[3]]
    assert list(predictions()) == names


def test_without_the_issue_it_works_and_says_so_once(inside, verifier, capsys):
    rows("a.jsonl", prediction(patch()), prediction(patch(), "car__car-1"))
    assert select("a.jsonl", "--verifier", verifier) == 0
    assert capsys.readouterr().out.count("fit to it could not be weighed for 2 tasks") == 1
    statement = rows("statements.jsonl", {"instance_id": SHOP, "problem_statement": ISSUE})
    assert select("a.jsonl", "--verifier", verifier, "--statements", statement) == 0
    assert "fit to it could not be weighed for 1 task:" in capsys.readouterr().out


def test_it_abstains_where_the_confidence_is_low_and_withholds_only_when_told(inside, verifier):
    agreed = [prediction(patch(new), "a") for new in (RIGHT, RIGHT, OTHER)]
    rows("a.jsonl", *agreed, prediction(patch(RIGHT), "b"))
    assert select("a.jsonl", "--verifier", verifier) == 0
    assert {name: found.get("abstained", False) for name, found in predictions().items()} == {"a": False, "b": True}
    assert predictions()["b"]["model_patch"] == patch(RIGHT)
    assert account()["tasks"]["b"]["abstention"] == "the confidence, 0.27, is below 0.50"
    assert select("a.jsonl", "--verifier", verifier, "--abstain") == 0
    assert [found["model_patch"] for found in predictions().values()] == [patch(RIGHT), ""]
    assert select("a.jsonl", "--verifier", verifier, "--min-confidence", "0.2") == 0
    assert not any(found.get("abstained") for found in predictions().values())
    assert select("a.jsonl", "--verifier", verifier, "--min-confidence", "0.8") == 0
    assert all(found["abstained"] for found in predictions().values())


FORGED = "0 if 'pytest' in sys.modules else 1"


@pytest.mark.parametrize("rule", [*PATCH_RULES, "runoff", "--verifier"])
def test_what_is_suspicious_stands_below_what_is_not_and_is_not_stood_by(inside, verifier, rule, capsys):
    both = [prediction(patch(FORGED), "a"), prediction(patch(FORGED), "a"), prediction(patch(RIGHT), "a")]
    rows("a.jsonl", *both, prediction(patch(FORGED), "b"))
    assert select("a.jsonl", *(("--verifier", verifier) if rule == "--verifier" else ("--rule", rule))) == 0
    tasks = account()["tasks"]
    signs = [one["suspicious"] for one in tasks["a"]["standings"]]
    if rule != "random":
        assert signs == [[], ["asks whether it is being tested"]]
        assert predictions()["a"]["model_patch"] == patch(RIGHT)
        assert "1 as suspicious" in capsys.readouterr().out
    assert predictions()["b"]["abstained"]
    assert tasks["b"]["abstention"] == "it is suspicious: it asks whether it is being tested"
    if rule == "--verifier":
        assert tasks["a"]["confidence"] == pytest.approx(0.269, abs=1e-3)  # of the one that is chosen


@pytest.mark.parametrize("options", [(), ("--rule", "medoid")])
def test_a_lone_candidate_has_no_confidence_and_is_not_stood_by_where_its_system_does_not(inside, options, capsys):
    rows("a.jsonl", prediction(patch(), "a"), prediction(patch(), "b", abstained=True))
    rows("c.traj.json", {"instance_id": "c", "info": {"submission": patch(), "exit_status": "Limits\x1bExceeded"}})
    rows("d.jsonl", prediction(patch(), "d", abstained=True), prediction(patch(), "d", abstained=True))
    assert select("a.jsonl", "c.traj.json", "d.jsonl", *options) == 0
    tasks = account()["tasks"]
    assert [tasks[name]["confidence"] for name in "abc"] == [None] * 3
    assert tasks["a"]["why"].endswith("It is the only candidate: nothing agrees with it or differs from it.")
    assert [tasks[name]["abstention"] for name in "abc"] == [
        "",
        "the only candidate, and its own system would not stand by it (marked abstained)",
        "the only candidate, and its own system would not stand by it (it ended with Limits\\x1bExceeded)",
    ]
    assert not tasks["d"]["abstained"]  # two attempts agree: the rule's word counts
    assert (tasks["d"]["confidence"] is None) == bool(options)
    assert "2 as a lone candidate that its own system would not stand by" in capsys.readouterr().out


def test_the_mark_of_a_prediction_holds_for_the_trajectory_that_it_repeats(inside):
    (inside / "run" / SHOP).mkdir(parents=True)
    rows(f"run/{SHOP}/{SHOP}.traj.json", {"instance_id": SHOP, "info": {"submission": patch(), "exit_status": ""}})
    (inside / "run/preds.json").write_text(json.dumps({SHOP: prediction(patch(), abstained=True)}))
    assert select("run") == 0
    assert "marked abstained" in account()["tasks"][SHOP]["abstention"]


def test_a_file_that_only_repeats_trajectories_is_not_written_over(inside, capsys):
    (inside / "run" / SHOP).mkdir(parents=True)
    rows(f"run/{SHOP}/{SHOP}.traj.json", {"instance_id": SHOP, "info": {"submission": patch(), "exit_status": ""}})
    (inside / "run/preds.json").write_text(before := json.dumps({SHOP: prediction(patch())}))
    assert select("run", "-o", "run") == 2
    assert "preds.json is one of the candidates' files" in capsys.readouterr().err
    assert (inside / "run/preds.json").read_text() == before


def test_a_rule_without_a_confidence_abstains_only_without_a_candidate(inside, capsys):
    rows("a.jsonl", prediction(patch(), "a"), prediction(None, "b"), prediction(patch(path="tests/test_x.py"), "c"))
    assert select("a.jsonl", "--rule", "votes", "--min-confidence", "1") == 0
    assert {name: found.get("abstained", False) for name, found in predictions().items()} == {
        **{"a": False, "b": True, "c": True}
    }
    assert account()["tasks"]["c"]["refused"] == [{"source": "a.jsonl:3", "reason": "it changes no source file"}]
    assert "weighs tests or a judge; here are none" in capsys.readouterr().out


def test_the_patch_is_as_the_system_wrote_it_where_that_applies(inside):
    fancy = "diff --git a/shop.py b/shop.py\nindex 1..2 100644\n" + patch().partition("\n")[2]
    for text in (patch(), fancy):
        for written in (text, text.rstrip("\n"), text.replace("\n", "\r\n"), f"The fix:\n```diff\n{text}```\n"):
            rows("a.jsonl", prediction(written))
            assert select("a.jsonl", "--rule", "first") == 0
            assert predictions()[SHOP]["model_patch"] == text


@pytest.mark.parametrize("old,new", [("a/", "b/"), ("i/", "w/"), ("", ""), ("before/", "after/")])
@pytest.mark.parametrize("is_git", [True, False])
def test_what_is_handed_on_applies_by_git_and_by_patch_whatever_prefixes_it_had(inside, old, new, is_git):
    text = patch().replace("a/shop.py", f"{old}shop.py").replace("b/shop.py", f"{new}shop.py")
    rows("a.jsonl", prediction(text if is_git else "Index: shop.py\n" + text.partition("\n")[2]))
    assert select("a.jsonl", "--rule", "first") == 0
    for number, tool in enumerate((["git", "apply", "-"], ["patch", "-p1", "--batch"])):
        tree = inside / str(number)
        tree.mkdir()
        (tree / "shop.py").write_text("def total(prices):\n    return sum(prices[1:])\n")
        subprocess.run(tool, cwd=tree, input=predictions()[SHOP]["model_patch"].encode(), check=True)
        assert RIGHT in (tree / "shop.py").read_text()


def test_a_candidate_of_binary_data_keeps_the_line_that_closes_it(inside):
    latin = make_patch({"a.py": b"# J\xf6rg\n"}, {"a.py": b"# J\xf6rg\nx\n"})
    rows("a.jsonl", prediction(latin.rstrip("\n")))
    assert select("a.jsonl", "--rule", "first") == 0
    assert predictions()[SHOP]["model_patch"] == latin


def test_of_several_spellings_of_a_change_one_that_is_whole_is_taken(inside):
    whole = patch().replace("-1,2 +1,2", "-1,4 +1,4") + " \n \n"
    rows("a.jsonl", prediction(whole.rstrip()), prediction(whole.rstrip()), prediction(whole))
    assert select("a.jsonl", "--rule", "first") == 0
    assert predictions()[SHOP]["model_patch"] == whole


@pytest.mark.parametrize("odd", ["\ud800", "\x00", "\x1b[2J", "\u2028", "é" * 10_000])
def test_odd_characters_anywhere_come_through(inside, verifier, odd, capsys):
    text = patch(f"'{odd}'")
    name = f"../../{odd[:5]}/x"
    rows("a.jsonl", prediction(text, name, system=odd, problem_statement=odd), prediction(patch(), name))
    assert select("a.jsonl", "--verifier", verifier) == 0
    assert select("a.jsonl", "--rule", "majority", "-o", "other") == 0
    assert predictions()[name]["model_patch"] in (text.replace("\ud800", "\ufffd"), patch())
    assert "\x1b" not in capsys.readouterr().out
    assert sorted(path.name for path in inside.iterdir()) == ["a.jsonl", "other", "selection", "verifier.json"]


def test_bytes_that_are_not_utf_8_come_back_as_they_were(inside):
    raw = json.dumps(prediction(patch("'caf!'"))).encode().replace(b"!", b"\xe9")
    Path("a.jsonl").write_bytes(raw)
    assert select("a.jsonl", "--rule", "majority") == 0
    text = predictions()[SHOP]["model_patch"]
    assert text.encode(errors="surrogateescape") == patch("'caf!'").encode().replace(b"!", b"\xe9")


def test_what_a_broken_file_lacks_is_said_and_the_rest_is_used(inside, capsys):
    Path("a.jsonl").write_text(json.dumps(prediction(patch())) + '\n{"instance_id": "cut o')
    assert select("a.jsonl", "--rule", "majority") == 0
    said = capsys.readouterr().out
    assert said.count("Not taken: a.jsonl:2: not a line of JSON") == 1
    assert account()["unread"] == [{"source": "a.jsonl:2", "reason": "not a line of JSON, or one that was cut off"}]


def test_a_long_list_of_troubles_is_cut_on_the_terminal_and_whole_in_the_account(inside, capsys):
    Path("a.jsonl").write_text(json.dumps(prediction(patch())) + "\n" + "{\n" * 100)
    assert select("a.jsonl", "--rule", "majority") == 0
    assert "... and 60 lines more: see selection.json." in capsys.readouterr().out
    assert len(account()["unread"]) == 100


@pytest.mark.parametrize(
    "arguments, said",
    [
        (["absent.json"], "absent.json holds no candidate that can be read (absent.json: cannot be read"),
        (["a.jsonl", "--rule", "concensus"], "no rule 'concensus': did you mean consensus?"),
        (["a.jsonl", "--rule", "zzz"], "no rule 'zzz': there are: random, first"),
        (["a.jsonl", "--rule", "first", "--verifier", "a.jsonl"], "--verifier is for the rule consensus"),
        (["a.jsonl", "--verifier", "a.jsonl"], "a.jsonl is not a fitted consensus verifier"),
        (["a.jsonl", "--subset", "lit"], "no subset 'lit': did you mean lite?"),
        (["a.jsonl", "--subset", "a.jsonl"], "a.jsonl is no SWE-bench row"),
        (["a.jsonl", "--statements", "a.jsonl"], "a.jsonl is no SWE-bench row"),
        (["a.jsonl", "--statements", "absent"], "absent: cannot be read"),
        (["a.jsonl", "--min-confidence", "2"], "--min-confidence"),
        (["preds.json", "-o", "."], "preds.json is one of the candidates' files: choose another -o"),
    ],
)
def test_mistakes_are_told_in_one_line_and_nothing_is_written(inside, capsys, arguments, said):
    rows("a.jsonl", prediction(patch()))
    rows("preds.json", prediction(patch()))
    assert select(*arguments) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1
    assert sorted(path.name for path in inside.iterdir()) == ["a.jsonl", "preds.json"]


def test_choosing_again_takes_no_earlier_choice_for_an_attempt(inside):
    rows("runs/a.jsonl", prediction(patch(RIGHT)), prediction(patch(WRONG)))
    for _ in range(3):
        assert select("runs", "--rule", "majority", "-o", "runs/chosen") == 0
        assert account("runs/chosen")["tasks"][SHOP]["attempts"] == 2


def test_the_packaged_verifier_chooses_what_most_attempts_agree_on(inside):
    rows(
        "a.jsonl", *[prediction(patch(RIGHT)) for _ in range(7)], prediction("--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n")
    )
    rows("rows.jsonl", {"instance_id": SHOP, "problem_statement": ISSUE})
    assert select("a.jsonl", "--subset", "rows.jsonl") == 0
    assert predictions()[SHOP]["model_patch"] == patch(RIGHT)
    assert 0 < account()["tasks"][SHOP]["confidence"] < 1


def test_many_tasks_shared_out_among_processes_give_what_one_process_gives(inside, verifier, monkeypatch):
    names = [f"shop__shop-{number}" for number in range(12)]
    rows("many.jsonl", *[prediction(patch(f"{name!r} + {n}"), instance_id=name) for name in names for n in (1, 2)])
    alone = selecting.select([Path("many.jsonl")], verifier=verifier)
    monkeypatch.setattr(selecting, "SHARE", 2)
    assert selecting.select([Path("many.jsonl")], verifier=verifier).choices == alone.choices
    assert list(alone.choices) == sorted(names)
    assert all(repr(name) in choice.patch for name, choice in alone.choices.items())


def test_a_data_set_is_asked_of_the_hub_where_no_folder_has_it(inside, capsys, monkeypatch):
    def unreachable(*_):
        raise HubUnreachable("the hub is away")

    rows("a.jsonl", prediction(patch()))
    monkeypatch.setattr("swebench_runs.rows.loading.fetch", unreachable)
    assert select("a.jsonl", "--subset", "lite") == 3
    error = capsys.readouterr().err
    assert "the hub is away" in error
    assert "set RUNOFF_DATA to a folder" in error
    assert select("a.jsonl", "--subset", "multilingual") == 3
