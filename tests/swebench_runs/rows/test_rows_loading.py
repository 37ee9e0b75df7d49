"""From the path of a file or a folder to its rows."""

import gzip
import json
import os
from pathlib import Path

import pyarrow
import pyarrow.parquet
import pytest

from swebench_runs.choosing.tasks import asked_for
from swebench_runs.config import RunConfig
from swebench_runs.errors import EnvironmentMissing, UsageError
from swebench_runs.rows import load_rows, read_row
from swebench_runs.rows.layout import is_whole, split_files
from swebench_runs.splits import load
from swebench_runs.splits.task_choice import select

FLASK = Path(__file__).resolve().parents[2] / "data" / "flask_5014.json"


def row(number, **changes):
    return {
        "repo": "shop/till",
        "instance_id": f"shop__till-{number}",
        "base_commit": "a" * 40,
        "patch": f"GOLD {number}",
        "test_patch": "HIDDEN\r\n",
        "problem_statement": "The total is wrong.\r\n",
        "hints_text": "SECRET",
        "created_at": "2023-03-04T18:36:21Z",
        "version": "1.0",
        "FAIL_TO_PASS": '["t::new"]',
        "PASS_TO_PASS": "[]",
        **changes,
    }


def write_parquet(path, *rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(list(rows)), path)
    return path


def lines(*rows):
    return "".join(json.dumps(value) + "\n" for value in rows).encode()


def ids(loaded):
    return [found.instance_id for found in loaded.rows]


def refusal(*arguments):
    with pytest.raises((UsageError, EnvironmentMissing)) as caught:
        load_rows(*arguments)
    assert "\n" not in str(caught.value)
    return str(caught.value)


class TestFiles:
    def test_every_form_gives_the_same_rows(self, tmp_path):
        told = [row(1), row(2, version=None), row(3)]
        (tmp_path / "a.jsonl").write_bytes(lines(*told))
        (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(lines(*told)))
        (tmp_path / "a.json").write_text(json.dumps(told, indent=2))
        write_parquet(tmp_path / "a.parquet", *told)
        forms = [load_rows(str(tmp_path / f"a.{kind}")) for kind in ("jsonl", "jsonl.gz", "json", "parquet")]
        assert all(form.rows == tuple(read_row(value, "here") for value in told) for form in forms)
        assert [found.version for found in forms[0].rows] == ["1.0", None, "1.0"]
        assert forms[0].rows[0].problem_statement == "The total is wrong.\r\n"
        assert len({form.source.sha256 for form in forms}) == 1
        assert {(form.name, form.source.kind) for form in forms} == {("a", "file")}
        assert forms[0].source.pinned == forms[0].source.name == str(tmp_path / "a.jsonl")
        for other in (told[:2], told[::-1], [*told[:2], row(3, test_patch="other")]):
            (tmp_path / "a.jsonl").write_bytes(lines(*other))
            assert load_rows(str(tmp_path / "a.jsonl")).source.sha256 != forms[0].source.sha256

    def test_lists_of_parquet(self, tmp_path):
        path = write_parquet(tmp_path / "a.parquet", row(1, FAIL_TO_PASS=["t::a", "t::b"], PASS_TO_PASS=None))
        (found,) = load_rows(str(path)).rows
        assert (found.fail_to_pass, found.pass_to_pass) == (("t::a", "t::b"), ())

    def test_a_published_row(self):
        (found,) = load_rows(str(FLASK)).rows
        assert found.instance_id == "pallets__flask-5014"

    @pytest.mark.parametrize(
        "second, name, said",
        [
            ({"repo": 7}, "shop__till-2", "rows.jsonl:2: repo: "),
            ({"instance_id": "../"}, "../", "rows.jsonl:2: instance_id: "),
            ({"instance_id": None}, "rows.jsonl:2", "rows.jsonl:2: instance_id is missing"),
            ({"FAIL_TO_PASS": "t::a, t::b"}, "shop__till-2", "rows.jsonl:2: FAIL_TO_PASS: must be a list"),
        ],
    )
    def test_a_bad_row_is_named_by_file_line_and_key_and_harms_no_other(self, tmp_path, second, name, said):
        (tmp_path / "rows.jsonl").write_bytes(lines(row(1), row(2, **second), row(3)))
        found = load_rows(str(tmp_path / "rows.jsonl"))
        assert ids(found) == ["shop__till-1", "shop__till-3"]
        ((key, why),) = found.unreadable.items()
        assert key.endswith(name)
        assert said in why
        assert found.source.note == "1 rows cannot be read"
        (tmp_path / "rows.jsonl").write_bytes(lines(row(2, **second)))
        assert refusal(str(tmp_path / "rows.jsonl")) == why.replace("rows.jsonl:2", "rows.jsonl")

    def test_a_bad_row_of_parquet_is_named_by_its_number(self, tmp_path):
        path = write_parquet(tmp_path / "rows.parquet", *(row(n) for n in range(70)), row(70, base_commit="main"))
        found = load_rows(str(path))
        assert found.unreadable["shop__till-70"].startswith(f"{path}, row 71: base_commit: ")
        assert len(found.rows) == 70

    def test_a_bad_row_stops_nobody_who_does_not_ask_for_it(self, tmp_path, caplog):
        (tmp_path / "rows.jsonl").write_bytes(lines(row(1), row(2, version=[1]), row(3, base_commit=None, image="x")))
        split = load(str(tmp_path / "rows.jsonl"))

        def asked(**config):
            return [task.instance_id for task in select(split.tasks(), RunConfig(**config), split.unreadable)]

        assert asked(instances=("shop__till-1",)) == asked(filter=".*-1") == ["shop__till-1"]
        assert not caplog.text
        assert asked() == ["shop__till-1"]
        assert "a row is left out" in caplog.text
        assert "rows.jsonl:2: version: " in caplog.text
        assert "shop__till-3: the row has no base_commit" in caplog.text
        with pytest.raises(UsageError, match=r"^shop__till-2 cannot be read: .*rows.jsonl:2: version: "):
            asked(instances=("shop__till-1", "shop__till-2"))

    def test_forms_that_people_have_rows_in(self, tmp_path):
        told = [row(1), row(2, version="1.10")]
        plain = tuple(read_row(value, "here") for value in told)
        keyless = {f"shop__till-{n}": {k: v for k, v in row(n).items() if k != "instance_id"} for n in (1, 2)}
        keyless["shop__till-2"]["version"] = "1.10"
        columns = {key: {str(n): value[key] for n, value in enumerate(told)} for key in told[0]}
        text = lines(*told).decode()
        forms = {
            "list": json.dumps(told, indent=1).encode(),
            "by id": json.dumps(keyless).encode(),
            "columns": json.dumps(columns).encode(),
            "bom": b"\xef\xbb\xbf" + text.encode(),
            "utf-16": text.encode("utf-16"),
            "crlf": text.replace("\n", "\r\n").encode(),
            "blank lines": b"\n\n" + text.replace("\n", "\n\n \n").encode(),
            "no last line end": text.rstrip("\n").encode(),
        }
        for name, content in forms.items():
            path = tmp_path / "rows.json"
            path.write_bytes(content)
            assert load_rows(str(path)).rows == plain, name

    @pytest.mark.parametrize("ending", ["csv", "xlsx", "yaml"])
    def test_a_table_of_another_kind_is_told_what_is_read(self, tmp_path, ending):
        (tmp_path / f"rows.{ending}").write_text("instance_id,repo\n")
        said = f"is {ending}: rows are read from JSON, JSONL (.gz too) and parquet"
        assert refusal(str(tmp_path / f"rows.{ending}")) == f"{tmp_path}/rows.{ending}: {said}"

    def test_the_same_row_twice_counts_once_and_another_of_its_id_is_an_error(self, tmp_path):
        path = tmp_path / "rows.jsonl"
        path.write_bytes(lines(row(2), row(1), row(2, hints_text="other")))
        assert ids(load_rows(str(path))) == ["shop__till-2", "shop__till-1"]
        path.write_bytes(lines(row(2), row(1), row(2, patch="other")))
        found = load_rows(str(path))
        assert ids(found) == ["shop__till-1"]
        said = f"{path}:3: instance_id shop__till-2 is that of another row, {path}:1"
        assert found.unreadable == {"shop__till-2": said}

    @pytest.mark.parametrize(
        "content, said",
        [
            (b"", "is empty"),
            (b"[]", "holds no rows"),
            (b"[1]", "is no SWE-bench row"),
            (b"{", "is not JSON"),
            (b'[{"a": 1}]', "repo is missing"),
            (gzip.compress(lines(row(1)))[:-20], "was cut off"),
        ],
    )
    def test_a_file_that_holds_no_rows(self, tmp_path, content, said):
        (tmp_path / "rows.jsonl").write_bytes(content)
        assert said in refusal(str(tmp_path / "rows.jsonl"))

    @pytest.mark.parametrize(
        "content, said",
        [
            (b"PAR1 and no more", "cannot be read as parquet"),
            (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "run git lfs pull"),
        ],
    )
    def test_a_parquet_file_that_is_none(self, tmp_path, content, said):
        (tmp_path / "test.parquet").write_bytes(content)
        assert said in refusal(str(tmp_path / "test.parquet"))
        assert said in refusal(str(tmp_path))

    def test_a_file_has_no_splits(self, tmp_path):
        (tmp_path / "dev.jsonl").write_bytes(lines(row(1)))
        assert load_rows(str(tmp_path / "dev.jsonl"), "dev").rows == load_rows(str(tmp_path / "dev.jsonl")).rows
        assert "leave --split out" in refusal(str(tmp_path / "dev.jsonl"), "train")

    def test_a_path_that_leads_nowhere(self, tmp_path):
        for name in ("rows.jsonl", "data/rows.parquet", "./lite", str(tmp_path / "x"), "rows.json.gz"):
            assert refusal(name) == f"--subset {name}: there is no such file or folder"
        os.mkfifo(tmp_path / "pipe")
        assert "neither a file nor a folder" in refusal(str(tmp_path / "pipe"))

    def test_blank_statements_are_counted_aloud(self, tmp_path, caplog):
        (tmp_path / "rows.jsonl").write_bytes(lines(row(1), row(2, problem_statement=" \n")))
        assert len(load_rows(str(tmp_path / "rows.jsonl")).rows) == 2
        assert "1 of 2 rows have no problem statement, e.g. shop__till-2" in caplog.text


class TestFolders:
    def test_splits_of_a_folder_as_the_hub_has_it(self, tmp_path):
        write_parquet(tmp_path / "data" / "test-00000-of-00002-0a1b.parquet", row(2))
        write_parquet(tmp_path / "data" / "test-00001-of-00002-0a1b.parquet", row(1))
        write_parquet(tmp_path / "data" / "dev-00000-of-00001.parquet", row(3))
        (tmp_path / "README.md").write_text("x")
        assert ids(load_rows(str(tmp_path))) == ["shop__till-2", "shop__till-1"]
        assert ids(load_rows(str(tmp_path), "dev")) == ["shop__till-3"]
        assert load_rows(str(tmp_path)).source.kind == "folder"
        assert "has no split 'train': use --split dev or test" in refusal(str(tmp_path), "train")
        (tmp_path / "data" / "test-00000-of-00002-0a1b.parquet").unlink()
        assert "lacks parts of the split test" in refusal(str(tmp_path))

    def test_a_file_of_a_split_at_the_top(self, tmp_path):
        (tmp_path / "test.jsonl").write_bytes(lines(row(1)))
        assert ids(load_rows(str(tmp_path))) == ["shop__till-1"]
        write_parquet(tmp_path / "test.parquet", row(2))
        assert ids(load_rows(str(tmp_path))) == ["shop__till-2"], "parquet before JSONL"

    def test_a_folder_without_splits(self, tmp_path):
        (tmp_path / "README.md").write_text("x")
        assert "no file that is named after a split" in refusal(str(tmp_path))

    def test_a_short_name_is_never_a_folder_of_the_working_directory(self, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("HF_HUB_OFFLINE", "1")
        monkeypatch.setenv("RUNOFF_DATA", str(tmp_path / "none"))
        monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hf"))
        write_parquet(tmp_path / "multilingual" / "test.parquet", row(1))
        assert "SWE-bench/SWE-bench_Multilingual cannot be had" in refusal("multilingual")
        assert ids(load_rows("./multilingual")) == ["shop__till-1"]
        write_parquet(tmp_path / "SWE-bench" / "SWE-bench_Lite" / "test.parquet", row(2))
        assert ids(load_rows("SWE-bench/SWE-bench_Lite")) == ["shop__till-2"]


class TestLayout:
    def test_names(self):
        names = ["data/a.b-00001-of-00002.parquet", "data/a.b-00000-of-00002.parquet", "x.jsonl.gz", "x.jsonl"]
        other = ["README.md", "dataset_infos.json", "sub/x.parquet", "x-1-of-2.parquet", "a-b.parquet", "x.parquet.tmp"]
        assert split_files(names + other) == {"a.b": (names[1], names[0]), "x": ("x.jsonl.gz",)}

    @pytest.mark.parametrize(
        "files, whole",
        [
            (["test.parquet"], True),
            (["test-00000-of-00001.parquet"], True),
            (["test-00000-of-00002.parquet"], False),
            (["test-00000-of-00001-0a.parquet", "test-00000-of-00001-0b.parquet"], False),
            (["test-00000-of-00002.parquet", "test-00001-of-00003.parquet"], False),
            (["test.parquet", "test-00000-of-00001.parquet"], False),
            ([], False),
        ],
    )
    def test_a_split_is_whole_if_every_part_is_there_once(self, files, whole):
        assert is_whole(files) is whole


GOOD = {
    "repo": "a/b",
    "instance_id": "a__b-1",
    "base_commit": "0" * 40,
    "problem_statement": "x",
    "FAIL_TO_PASS": ["t"],
}


@pytest.mark.parametrize(
    "wrap",
    [
        lambda r: {"test": r},
        lambda r: {"features": [{"name": "repo"}], "rows": [{"row_idx": 0, "row": one} for one in r]},
    ],
)
def test_rows_under_one_key_are_rows(tmp_path, wrap):
    (tmp_path / "rows.json").write_text(json.dumps(wrap([GOOD, GOOD | {"instance_id": "a__b-2"}])))
    assert [row.instance_id for row in load_rows(str(tmp_path / "rows.json")).rows] == ["a__b-1", "a__b-2"]


def test_of_a_file_that_was_cut_off_the_rest_is_named(tmp_path):
    lines = "".join(
        json.dumps(GOOD | {"instance_id": f"a__b-{number}", "x": [*range(999)]}) + "\n" for number in (1, 2)
    )
    (tmp_path / "rows.jsonl.gz").write_bytes(gzip.compress(lines.encode(), 0)[:-900])
    found = load_rows(str(tmp_path / "rows.jsonl.gz"))
    assert [row.instance_id for row in found.rows] == ["a__b-1"]
    assert any("was cut off" in why for why in found.unreadable.values())


def test_predictions_are_told_from_rows(tmp_path):
    (tmp_path / "preds.json").write_text(json.dumps({"a__b-1": {"model_patch": "x", "model_name_or_path": "y"}}))
    with pytest.raises(UsageError, match="it is a prediction, and no row"):
        load_rows(str(tmp_path / "preds.json"))


def test_select_reads_the_good_rows_beside_bad_ones_and_folders(tmp_path, caplog):
    (tmp_path / "test.jsonl").write_text(json.dumps(GOOD) + "\n[]\n{cut")
    assert asked_for(str(tmp_path / "test.jsonl"), ()).instances == ("a__b-1",)
    assert "2 rows of" in caplog.text
    (tmp_path / "test.jsonl").write_text(json.dumps(GOOD))
    assert asked_for(str(tmp_path), ()).issues == {"a__b-1": "x"}
