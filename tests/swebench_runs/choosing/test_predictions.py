"""Every form in which peers write patches, told apart by content; what cannot be read is said, never lost."""

import gzip
import json
from pathlib import Path

import pyarrow
import pyarrow.parquet
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from swebench_runs.choosing.predictions import read_predictions
from swebench_runs.errors import UsageError
from swebench_runs.rows.records import glance

MINI = Path(__file__).parents[2] / "data" / "mini_swe_agent" / "shop__shop-1.traj.json"


def patch(new="sum(prices)", path="shop.py"):
    return (
        f"diff --git a/{path} b/{path}\n--- a/{path}\n+++ b/{path}\n@@ -1,2 +1,2 @@\n"
        f" def total(prices):\n-    return sum(prices[1:])\n+    return {new}\n"
    )


def prediction(name="shop__shop-1", new="sum(prices)", **more):
    return {"instance_id": name, "model_name_or_path": "ours/m1", "model_patch": patch(new), **more}


def lines(*values):
    return "".join(json.dumps(value) + "\n" for value in values)


def trajectory(submission, **more):
    return {"trajectory": [{"action": "ls"}], "history": [], "info": {"submission": submission, **more}}


def written(folder, name, content):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def found(*paths):
    return [(p.instance_id, p.patch) for p in read_predictions(paths).predictions]


ONE = [("shop__shop-1", patch())]
TWO = [("shop__shop-1", patch()), ("shop__shop-1", patch("0"))]
ROW = {"instance_id": "shop__shop-1", "problem_statement": "Wrong.", "patch": "GOLD", "test_patch": "GOLD"}
OPEN_HANDS = {"instance_id": "shop__shop-1", "instance": ROW, "history": [], "test_result": {"git_patch": patch()}}
R2E = {"trajectory_steps": [], "output_patch": patch(), "reward": 1.0, "problem_statement": "Wrong."}
IMAGE = "slimshetty/swebench-verified:sweb.eval.x86_64.shop__shop-1"
BALLOT = {
    "schema": 1,
    "candidates": [{"id": "c1", "patch": patch()}],
    "machines": [{"id": "edit-0", "candidate": "c1"}, {"id": "edit-1", "candidate": None}, {"id": "test-0"}],
}
AGENTLESS = {**prediction(), "raw_model_patch": patch(), "original_file_content": ["x"], "new_file_content": ["y"]}

KEYS = (
    *("instance_id", "id", "model_patch", "patches", "diffs", "output_patch", "ds", "docker_image", "agent_args"),
    *("test_result", "git_patch", "instance", "info", "messages", "machines", "candidates", "original_file_content"),
)
INNER = st.dictionaries(
    st.sampled_from(("instance_id", "submission", "git_patch", "id", "patch", "candidate", "llm_name", "docker_image")),
    st.none() | st.text(max_size=3) | st.lists(st.none(), max_size=1),
)
JSON = st.none() | st.integers() | st.text(max_size=3) | INNER | st.lists(st.none() | st.text(max_size=3) | INNER)

FORMS = {
    "list of predictions": ("a.json", json.dumps([prediction()]), ONE),
    "predictions by id": ("preds.json", json.dumps({"shop__shop-1": prediction()}, indent=2), ONE),
    "id as key alone": ("preds.json", json.dumps({"shop__shop-1": {"model_patch": patch()}}), ONE),
    "all_preds.jsonl": ("all_preds.jsonl", lines(prediction(), prediction(new="0")), TWO),
    "one line": ("all_preds.jsonl", lines(prediction()), ONE),
    "null patch": ("p.json", json.dumps([prediction() | {"model_patch": None}]), [("shop__shop-1", "")]),
    "empty patch": ("p.jsonl", lines(prediction() | {"model_patch": ""}), [("shop__shop-1", "")]),
    "misnamed": ("all_preds.txt", json.dumps([prediction()], indent=1), ONE),
    "byte order mark": ("p.jsonl", b"\xef\xbb\xbf" + lines(prediction()).encode(), ONE),
    "compressed": ("p.jsonl.gz", gzip.compress(lines(prediction()).encode()), ONE),
    "compressed in two parts": (
        "p.jsonl.gz",
        gzip.compress(lines(prediction()).encode()) + gzip.compress(lines(prediction(new="0")).encode()),
        TWO,
    ),
    "SWE-agent": ("shop__shop-1.traj", json.dumps(trajectory(patch()), indent=2), ONE),
    "SWE-agent, in one line": ("shop__shop-1.traj", json.dumps(trajectory(patch())), ONE),
    "SWE-agent, compressed": ("shop__shop-1.traj.gz", gzip.compress(json.dumps(trajectory(patch())).encode()), ONE),
    "SWE-agent, no submission": ("shop__shop-1.traj", json.dumps(trajectory(None), indent=2), [("shop__shop-1", "")]),
    "trae-agent": (
        "t.jsonl",
        lines(
            {"instance_id": "shop__shop-1", "issue": "Wrong.", "patches": [patch(), patch("0")], "success_id": [1, 0]}
        ),
        TWO,
    ),
    "augment": (
        "g.jsonl",
        lines({"id": "shop__shop-1", "instruction": "Wrong.", "diffs": [patch(), patch("0")], "eval_outcomes": []}),
        TWO,
    ),
    "Agentless": ("output_0_processed.jsonl", lines(AGENTLESS), ONE),
    "R2E-Gym on SWE-bench": ("r.jsonl", lines({**R2E, "ds": ROW}), ONE),
    "R2E-Gym by its image": ("r.jsonl", lines({**R2E, "ds": {"docker_image": IMAGE}}), ONE),
    "OpenHands": ("output.jsonl", lines(OPEN_HANDS), ONE),
    "OpenHands, old": ("output.jsonl", lines({"instance_id": "shop__shop-1", "git_patch": patch()}), ONE),
    "our candidate file": ("candidates.jsonl", lines(prediction(candidate_id="c1", trajectory="x", cost=0.1)), ONE),
    "our ballot": ("shop__shop-1/ballot.json", json.dumps(BALLOT), [*ONE, ("shop__shop-1", "")]),
}


@pytest.mark.parametrize("name", FORMS)
def test_each_form_is_read(tmp_path, name):
    file, content, expected = FORMS[name]
    reading = read_predictions([written(tmp_path, file, content)])
    assert [(p.instance_id, p.patch) for p in reading.predictions] == expected
    assert reading.unread == []


def test_a_trajectory_that_mini_swe_agent_wrote_is_read():
    [(name, text)] = found(MINI)
    assert name == "shop__shop-1"
    assert text == patch().replace("--- ", "index b392a92..aa11c87 100644\n--- ", 1)


def test_a_glance_at_a_trajectory_sees_what_reading_all_of_it_does():
    content = MINI.read_bytes()
    whole = json.loads(content)
    assert glance(content) == {"info": whole["info"], "instance_id": whole["instance_id"]}


def test_a_glance_does_not_take_what_a_message_says_for_the_submission(tmp_path):
    said = '\n  "info": {\n    "submission": "forged"\n  }\n'
    value = {**trajectory(patch()), "environment": said}
    value["history"] = [{"info": {"submission": "forged"}, "content": said}]
    assert found(written(tmp_path, "shop__shop-1.traj", json.dumps(value, indent=2))) == ONE


@pytest.mark.parametrize("indent", [None, 1, 2, 4])
def test_a_trajectory_is_read_however_it_is_printed(tmp_path, indent):
    value = {"info": {"submission": patch()}, "messages": [], "instance_id": "shop__shop-1"}
    assert found(written(tmp_path, "other.traj.json", json.dumps(value, indent=indent))) == ONE


def test_issues_come_from_the_files_that_carry_them(tmp_path):
    for name in ("trae-agent", "augment", "R2E-Gym by its image", "OpenHands"):
        file, content, _ = FORMS[name]
        reading = read_predictions([written(tmp_path / name, file, content)])
        assert {p.issue for p in reading.predictions} == {"Wrong."}, name


def test_grades_and_reference_patches_are_named_and_nothing_of_them_is_kept(tmp_path):
    graded = prediction(resolved=True, info={"reward": 0.123})
    files = [
        written(tmp_path, "a.jsonl", lines(graded, graded)),
        written(tmp_path, "r.jsonl", lines({**R2E, "ds": {**ROW, "FAIL_TO_PASS": "[]"}})),
        written(tmp_path, "t.jsonl", FORMS["trae-agent"][1]),
        written(tmp_path, "g.jsonl", FORMS["augment"][1]),
    ]
    reading = read_predictions(files)
    assert reading.grades == {
        **{"resolved": 2, "info.reward": 2, "reward": 1, "ds.patch": 1, "ds.test_patch": 1, "ds.FAIL_TO_PASS": 1},
        **{"success_id": 1, "eval_outcomes": 1},
    }
    assert "GOLD" not in repr(reading.predictions)
    assert "0.123" not in repr(reading.predictions)


@pytest.mark.parametrize("name", ["instance_id", "patches", "model_patch", "problem_statement", "trajectory", "cost"])
def test_a_field_that_is_no_grade_is_not_called_one(tmp_path, name):
    reading = read_predictions([written(tmp_path, "a.jsonl", lines({**prediction(), name: prediction().get(name)}))])
    assert reading.grades == {} or name == "model_patch"


def test_the_reference_patches_of_a_data_set_are_no_candidates(tmp_path):
    with pytest.raises(UsageError, match="row of a data set"):
        read_predictions([written(tmp_path, "rows.jsonl", lines(ROW))])


def test_one_file_that_gives_a_task_twice_gives_two_attempts(tmp_path):
    assert found(written(tmp_path, "a.jsonl", lines(prediction(), prediction()))) == ONE * 2


def test_a_run_of_an_agent_counts_each_attempt_once(tmp_path):
    for run in ("r1", "r2"):
        written(tmp_path, f"{run}/preds.json", json.dumps({"shop__shop-1": prediction()}))
        written(tmp_path, f"{run}/shop__shop-1/shop__shop-1.pred", json.dumps(prediction()))
        written(tmp_path, f"{run}/shop__shop-1/shop__shop-1.traj", json.dumps(trajectory(patch())))
        written(tmp_path, f"{run}/run.log", "noise")
    reading = read_predictions([tmp_path])
    assert [p.file.suffix for p in reading.predictions] == [".traj", ".traj"]
    assert len(reading.repeats) == 4


def test_a_prediction_beside_another_attempt_counts(tmp_path):
    written(tmp_path, "preds.json", json.dumps([prediction(new="0")]))
    written(tmp_path, "shop__shop-1/shop__shop-1.traj", json.dumps(trajectory(patch())))
    assert sorted(found(tmp_path)) == sorted(TWO)


def test_agentless_samples_and_what_it_chose_of_them(tmp_path):
    for number in range(2):
        written(tmp_path, f"repair/output_{number}_processed.jsonl", lines(AGENTLESS))
        written(tmp_path, f"repair/output_{number}_normalized.jsonl", lines({**AGENTLESS, "normalized_patch": "x"}))
    written(tmp_path, "all_preds.jsonl", lines(prediction()))
    assert found(tmp_path) == ONE * 2


def test_the_same_file_given_twice_is_read_once(tmp_path):
    path = written(tmp_path, "a.jsonl", lines(prediction()))
    assert found(path, tmp_path, path) == ONE


def test_a_runoff_run_gives_its_ballots_and_nothing_of_its_grading(tmp_path):
    written(tmp_path, "run/run.yaml", "schema: 1\n")
    written(tmp_path, "run/preds.json", json.dumps({"shop__shop-1": prediction()}))
    written(tmp_path, "run/grading/shop__shop-1.json", json.dumps(prediction(new="0")))
    written(tmp_path, "run/tasks/shop__shop-1/ballot.json", json.dumps(BALLOT))
    written(tmp_path, "run/tasks/shop__shop-1/candidates.json", json.dumps(BALLOT))
    assert found(tmp_path / "run") == [*ONE, ("shop__shop-1", "")]


def test_linked_folders_are_read_and_circles_end(tmp_path):
    written(tmp_path, "elsewhere/a.jsonl", lines(prediction()))
    (tmp_path / "given").mkdir()
    (tmp_path / "given" / "link").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "elsewhere" / "circle").symlink_to(tmp_path / "given")
    (tmp_path / "given" / "gone.json").symlink_to(tmp_path / "absent")
    reading = read_predictions([tmp_path / "given"])
    assert len(reading.predictions) == 1
    assert [(Path(unread.source).name, unread.reason) for unread in reading.unread] == [
        ("gone.json", "cannot be read: No such file or directory")
    ]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=st.dictionaries(st.sampled_from(KEYS), JSON, max_size=5))
def test_whatever_stands_in_a_known_field_it_is_read_or_named(tmp_path, value):
    reading = read_predictions([written(tmp_path, "a.jsonl", lines(prediction(), value))])
    assert len(reading.predictions) + len(reading.unread) > 1
    assert all(isinstance(p.patch + p.instance_id + p.issue + p.system, str) for p in reading.predictions)


@pytest.mark.parametrize("nothing", ["null", "NaN", '"nan"', '"None"', '""'])
def test_an_absent_patch_is_an_attempt_without_one(tmp_path, nothing):
    path = written(tmp_path, "p.jsonl", '{"instance_id": "shop__shop-1", "model_patch": %s}\n' % nothing)  # noqa: UP031
    assert found(path) == [("shop__shop-1", "")]


WITHOUT_ID = {key: value for key, value in prediction().items() if key != "instance_id"}


@pytest.mark.parametrize(
    "value",
    [
        {"shop__shop-1": [WITHOUT_ID, {**WITHOUT_ID, "model_patch": patch("0")}]},
        {"shop__shop-1": [patch(), patch("0")]},
        {"predictions": [prediction(), prediction(new="0")], "model": "m"},
        [[prediction(), prediction(new="0")]],
        {**prediction(), "model_patch": [patch(), patch("0")]},
        [{"instance_id": "shop__shop-1", "patch": patch(new), "prefix": "m"} for new in ("sum(prices)", "0")],
    ],
)
def test_forms_that_people_gather_predictions_in(tmp_path, value):
    assert found(written(tmp_path, "p.json", json.dumps(value))) == TWO
    assert found(written(tmp_path, "bom.json", b"\xef\xbb\xbf" + json.dumps(value).encode())) == TWO
    assert found(written(tmp_path, "u.json", json.dumps(value, indent=1).encode("utf-16"))) == TWO
    assert found(written(tmp_path, "p.json.gz", gzip.compress(json.dumps(value).encode()))) == TWO


def test_patches_by_instance_id(tmp_path):
    assert found(written(tmp_path, "p.json", json.dumps({"shop__shop-1": patch()}))) == ONE
    told = {"org": "shop", "repo": "shop", "number": 1, "fix_patch": patch()}
    assert found(written(tmp_path, "multi.jsonl", lines(told))) == ONE
    with pytest.raises(UsageError):
        found(written(tmp_path, "row.jsonl", lines({**told, "test_patch": "HIDDEN", "base": {}})))


def test_predictions_of_parquet(tmp_path):
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist([prediction(), prediction(new="0")]), tmp_path / "p.parquet")
    assert found(tmp_path / "p.parquet") == TWO


def test_a_number_is_an_id_and_half_a_character_no_part_of_a_patch(tmp_path):
    (tmp_path / "p.jsonl").write_text(json.dumps({"instance_id": 7, "model_patch": patch("'\ud800'")}) + "\n")
    assert found(tmp_path / "p.jsonl") == [("7", patch("'\ufffd'"))]


@pytest.mark.parametrize("opening", ["[", '{"a":'])
def test_a_nest_without_end_is_named(tmp_path, opening):
    path = written(tmp_path, "p.jsonl", lines(prediction()) + opening * 100_000 + "\n")
    reading = read_predictions([path])
    assert [(p.instance_id, p.patch) for p in reading.predictions] == ONE
    assert len(reading.unread) == 1


def test_broken_lines_are_named_and_the_others_are_read(tmp_path):
    good = lines(prediction())
    content = good + '{"instance_id": "x", "model_pa\n' + "\n" + good + lines([1], {"instance_id": "y"}) + good[:-40]
    path = written(tmp_path, "a.jsonl", content)
    reading = read_predictions([path])
    assert len(reading.predictions) == 2
    assert sorted(unread.source for unread in reading.unread) == [f"{path}:{n}" for n in (2, 5, 6, 7)]


def test_a_first_line_that_is_broken_does_not_hide_the_others(tmp_path):
    assert found(written(tmp_path, "a.jsonl", "{cut off\n" + lines(prediction()))) == ONE


def test_a_compressed_file_that_was_cut_off_gives_what_is_there(tmp_path):
    content = gzip.compress(lines(*[prediction(new=str(number)) for number in range(3000)]).encode())
    reading = read_predictions([written(tmp_path, "a.jsonl.gz", content[: len(content) // 2])])
    assert len(reading.predictions) > 100
    assert "cut off" in reading.unread[0].reason


@pytest.mark.parametrize(
    "value, reason",
    [
        ({"model_patch": patch()}, None),
        (prediction() | {"instance_id": [7]}, "which task"),
        (prediction() | {"instance_id": None}, "which task"),
        (prediction() | {"model_patch": [["x"]]}, "no text"),
        ({"patch": patch(), "test_patch": patch(), "gold": [patch()]}, "reference patch"),
        ({"instance_id": "x", "patches": []}, "empty list"),
        ({"instance_id": "x", "patches": [{}]}, "no text"),
        ({"instance_id": "x", "machines": [1], "candidates": [2]}, "no patch"),
        ({"instance_id": "x"}, "no patch"),
    ],
)
def test_a_record_that_lacks_something_is_named(tmp_path, value, reason):
    path = written(tmp_path, "a.jsonl", lines(prediction(), value))
    reading = read_predictions([path])
    assert [unread.source.partition(":")[0] for unread in reading.unread] == [str(path)] * (reason is not None)
    assert all(reason in unread.reason for unread in reading.unread)


@pytest.mark.parametrize(
    "content",
    [b"", b"\n\n", b"\x00\x01", b"[" * 100_000, b"plain text", b"\xff\xfe\x00{", b"\x1f\x8b\x08junk", b"[1, 2]"],
)
def test_a_file_without_candidates_is_an_error_that_names_the_forms(tmp_path, content):
    with pytest.raises(UsageError, match="known forms: Agentless samples, SWE-bench predictions"):
        read_predictions([written(tmp_path, "a.json", content)])


def test_a_file_that_is_not_there_and_an_empty_folder_are_errors(tmp_path):
    for path in (tmp_path / "absent.json", tmp_path):
        with pytest.raises(UsageError, match=r"holds no candidate"):
            read_predictions([path])


def test_bytes_that_are_not_utf_8_are_kept(tmp_path):
    raw = lines(prediction(new="'caf@'")).encode().replace(b"@", b"\xe9")
    [(_, text)] = found(written(tmp_path, "a.jsonl", raw))
    assert "'caf\udce9'" in text


def test_an_earlier_choice_of_ours_in_a_folder_is_no_attempt(tmp_path):
    written(tmp_path, "a.jsonl", lines(prediction()))
    ours = prediction(new="0") | {"model_name_or_path": "runoff-select/consensus"}
    path = written(tmp_path, "selection/preds.json", json.dumps([ours]))
    assert found(tmp_path) == ONE
    assert found(path) == TWO[1:]


def test_a_link_to_itself_is_named(tmp_path):
    (tmp_path / "loop.json").symlink_to("loop.json")
    with pytest.raises(UsageError, match=r"holds no candidate that can be read \(.*loop.json: "):
        read_predictions([tmp_path / "loop.json"])
