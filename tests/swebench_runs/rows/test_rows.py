"""One row: what is read of it, what is refused, and what of it agents may see."""

import json
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from environments.task import EnvironmentSpec, Task
from swebench_runs.errors import UsageError
from swebench_runs.official import EvalType
from swebench_runs.rows import Row, grading_lists, read_row, task
from swebench_runs.rows.row import COLUMNS

FLASK = json.loads((Path(__file__).resolve().parents[2] / "data" / "flask_5014.json").read_text())[0]
ROW = {
    "repo": "shop/till",
    "instance_id": "shop__till-1",
    "base_commit": "a" * 40,
    "problem_statement": "`total` loses the first price.",
    "patch": "GOLD",
    "test_patch": "HIDDEN",
    "FAIL_TO_PASS": ["t::new"],
    "PASS_TO_PASS": ["t::old"],
}


def read(**changes):
    return read_row({**ROW, **changes}, "rows.jsonl:7")


def refusal(**changes):
    with pytest.raises(UsageError) as caught:
        read(**changes)
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith("rows.jsonl:7: ")
    return str(caught.value).removeprefix("rows.jsonl:7: ")


class TestReading:
    def test_a_published_row(self):
        row = read_row(FLASK, "flask")
        assert (row.repo, row.instance_id, row.version) == ("pallets/flask", "pallets__flask-5014", "2.3")
        assert row.base_commit == "7ee9ceb71e868944a46e1ff00b506772a53a4f1d"
        assert row.fail_to_pass == ("tests/test_blueprints.py::test_empty_name_not_allowed",)
        assert len(row.pass_to_pass) == 59
        assert "tests/test_blueprints.py::test_blueprint_prefix_slash[/foo//-/bar-/foo/bar]" in row.pass_to_pass
        assert row.patch.startswith("diff --git a/src/flask/blueprints.py")
        assert row.test_patch.endswith("\n\n")
        assert (row.image, row.eval_script, row.log_parser, row.eval_type) == (None, None, None, None)
        assert row.ungradable == ""

    def test_a_row_of_swebench_5(self):
        row = read(
            image="swebench/sweb.eval.x86_64.shop_1776_till-1:latest",
            eval_script="#!/bin/bash\nset -uxo pipefail\n",
            log_parser="parse_log_pytest",
            eval_type="fail_only",
        )
        assert row.published_image == "swebench/sweb.eval.x86_64.shop_1776_till-1:latest"
        assert (row.eval_script, row.log_parser) == ("#!/bin/bash\nset -uxo pipefail\n", "parse_log_pytest")
        assert grading_lists(row).eval_type is EvalType.FAIL_ONLY

    @pytest.mark.parametrize("key", ["image_name", "docker_image"])
    def test_an_image_under_its_other_names(self, key):
        assert read(**{key: "ghcr.io/x/y:1"}).published_image == "ghcr.io/x/y:1"
        assert read(**{key: "ghcr.io/x/y:1", "image": "z"}).published_image == "z"
        assert read().published_image is None

    @pytest.mark.parametrize("tests", [["a", "b [c]"], ("a", "b [c]"), '["a", "b [c]"]'])
    def test_lists_are_lists_or_their_json_text(self, tests):
        row = read(FAIL_TO_PASS=tests, PASS_TO_PASS=tests)
        assert row.fail_to_pass == row.pass_to_pass == ("a", "b [c]")

    @pytest.mark.parametrize("nothing", [None, "", [], "[]", "null"])
    def test_without_a_failing_test_a_row_can_be_worked_on_and_not_graded(self, nothing):
        row = read(FAIL_TO_PASS=nothing)
        assert row.fail_to_pass == ()
        assert task(row).instance_id == "shop__till-1"
        with pytest.raises(UsageError, match="shop__till-1 cannot be graded: it names no FAIL_TO_PASS test"):
            grading_lists(row)
        without = {key: value for key, value in ROW.items() if key != "FAIL_TO_PASS"}
        assert read_row(without, "here") == row

    @pytest.mark.parametrize("nothing", [None, "", [], "[]", "null"])
    def test_without_a_passing_test_nothing_else_is_watched(self, nothing):
        lists = grading_lists(read(PASS_TO_PASS=nothing))
        assert (lists.fail_to_pass, lists.pass_to_pass) == (("t::new",), ())
        assert lists.eval_type is EvalType.PASS_AND_FAIL

    @pytest.mark.parametrize("key", ["version", "created_at", "environment_setup_commit", "image", "eval_type"])
    @pytest.mark.parametrize("nothing", [None, ""])
    def test_null_and_empty_say_nothing(self, key, nothing):
        assert getattr(read(**{key: nothing}), key) is None

    @pytest.mark.parametrize(
        "nothing", [float("nan"), "nan", "None", "NULL", "NaT", "<NA>", np.float64("nan"), np.datetime64("NaT")]
    )
    def test_what_libraries_write_for_nothing_says_nothing(self, nothing):
        optional = (
            "version",
            "created_at",
            "environment_setup_commit",
            "image",
            "eval_type",
            "FAIL_TO_PASS",
            "PASS_TO_PASS",
        )
        assert read(**dict.fromkeys(optional, nothing)) == read(**dict.fromkeys(optional))
        assert refusal(repo=nothing) == "repo is missing"

    def test_what_libraries_make_of_numbers(self):
        assert read(version=3.0).version == "3.0"
        assert read(version=np.float64(1.2)).version == "1.2"
        assert read(version=10).version == "10"
        assert read(instance_id=7).instance_id == "7"
        assert read(base_commit=1234567, environment_setup_commit=7654321).base_commit == "1234567"

    def test_keys_count_in_any_case_and_ours_first(self):
        lower = {key.lower(): value for key, value in ROW.items()}
        assert read_row(lower, "here") == read_row({**lower, "Fail_To_Pass": ["t::new"]}, "here") == read()
        assert read(fail_to_pass=["other"], BASE_COMMIT="b" * 40) == read()

    def test_a_repository_under_its_address(self):
        assert read(repo="https://github.com/shop/till.git").repo == "shop/till"

    @pytest.mark.parametrize(
        "text, tests",
        [
            ("['t::a', \"t::can't\"]", ("t::a", "t::can't")),
            ("('t::a',)", ("t::a",)),
            ("{'t::a'}", ("t::a",)),
            ("['t::[x\\\\n]']", ("t::[x\\n]",)),
            ("['t::a' 't::b'\n 't::c']", ("t::a", "t::b", "t::c")),
            ("array(['t::a', 't::b'], dtype=object)", ("t::a", "t::b")),
            (json.dumps(json.dumps(["t::a"])), ("t::a",)),
            (json.dumps("['t::a']"), ("t::a",)),
            (np.array(["t::a", "t::b"], dtype=object), ("t::a", "t::b")),
            (str(np.array(["t::a", "t::b"])), ("t::a", "t::b")),
            ("[]", ()),
        ],
    )
    def test_lists_as_python_and_numpy_print_them(self, text, tests):
        assert read(FAIL_TO_PASS=text).fail_to_pass == tests

    def test_a_date_as_pandas_writes_it(self):
        assert read(created_at=1677955001000).created_at == "2023-03-04T18:36:41+00:00"
        assert read(created_at=1677955001).created_at == "2023-03-04T18:36:41+00:00"

    def test_a_date_that_a_library_made_of_a_text(self):
        assert read(created_at=datetime(2023, 3, 4, 18, 36)).created_at == "2023-03-04T18:36:00"  # noqa: DTZ001

    def test_a_row_whose_image_has_the_tree_needs_no_commit_and_makes_no_task(self):
        row = read(base_commit=None, image_name="swebench/swesmith.x86_64.shop")
        with pytest.raises(UsageError, match="shop__till-1: the row has no base_commit"):
            task(row)
        assert refusal(base_commit=None).startswith("base_commit is missing")

    def test_a_blank_statement_stays(self):
        assert read(problem_statement="").problem_statement == ""

    def test_bytes_and_half_characters_end_up_in_a_form_that_can_be_written(self):
        row = read(problem_statement="a\ud800b", patch="+\udcff\n", FAIL_TO_PASS='["t[\\ud800]"]')
        assert (row.problem_statement, row.patch, row.fail_to_pass) == ("a\ufffdb", "+\udcff\n", ("t[\ufffd]",))
        assert row.patch.encode(errors="surrogateescape") == b"+\xff\n"


class TestOtherDataSets:
    def test_multi_swe_bench(self):
        row = read_row(
            {
                **{"org": "cli", "repo": "cli", "number": 7, "base": {"label": "x", "ref": "y", "sha": "c" * 40}},
                **{"title": "PR", "body": "SECRET", "fix_patch": "GOLD", "test_patch": "HIDDEN"},
                **{"resolved_issues": [{"number": 1, "title": "Broken", "body": None}, {"title": "Too", "body": "b"}]},
                **{"f2p_tests": {"a": {}}, "n2p_tests": {"b": {}}, "s2p_tests": {}, "p2p_tests": {"c": {}}},
            },
            "here",
        )
        assert (row.repo, row.instance_id, row.base_commit, row.patch) == ("cli/cli", "cli__cli-7", "c" * 40, "GOLD")
        assert (row.fail_to_pass, row.pass_to_pass) == (("a", "b"), ("c",))
        assert row.problem_statement == "Broken\n\n\n\nToo\n\nb"

    def test_r2e_gym(self):
        told = {"repo_name": "pandas", "commit_hash": "d" * 40, "docker_image": "x/pandas:1", "problem_statement": "p"}
        row = read_row({**told, "parsed_commit_content": "SECRET"}, "here")
        assert (row.repo, row.instance_id, row.published_image) == ("pandas", "pandas-dddddddddddd", "x/pandas:1")
        assert "SECRET" not in repr(row)

    def test_one_that_is_not_as_its_data_set_writes_it(self):
        with pytest.raises(UsageError, match=r"^here is no row of Multi-SWE-bench: \w+Error: ") as caught:
            read_row({"org": 1, "number": 1, "fix_patch": "", "base": 3, "resolved_issues": []}, "here")
        assert "\n" not in str(caught.value)


class TestSecrets:
    def test_hints_are_not_kept(self):
        row = read(hints_text="SECRET", difficulty="easy", anything=[1])
        assert "SECRET" not in repr(row)
        assert row == read()
        assert "hints_text" not in COLUMNS

    def test_a_task_is_what_agents_may_know(self):
        made = task(read(image="secret/image", eval_script="run HIDDEN", version="9.9.9", hints_text="SECRET"))
        assert type(made) is Task
        told = made.model_dump_json()
        for secret in ("GOLD", "HIDDEN", "t::new", "t::old", "secret/image", "9.9.9", "SECRET"):
            assert secret not in told
        assert (made.instance_id, made.repo, made.base_commit) == ("shop__till-1", "shop/till", "a" * 40)
        assert made.problem_statement == ROW["problem_statement"]

    def test_a_task_has_the_environment_that_is_known(self):
        spec = EnvironmentSpec(python="3.9")
        assert task(read(), spec).environment == spec
        assert task(read()).environment == EnvironmentSpec()


class TestRefusals:
    @pytest.mark.parametrize("key", ["repo", "instance_id", "problem_statement"])
    def test_what_no_task_can_do_without(self, key):
        assert refusal(**{key: None}) == f"{key} is missing"

    @pytest.mark.parametrize(
        "name",
        ["a/b", "../x", "..", "a..b", ".", ".x", "-rf", "a\nb", "a\0", "a\x1b[2J", "a\u202eb", "\ud800", "x" * 201],
    )
    def test_an_id_that_is_no_file_name(self, name):
        assert refusal(instance_id=name).startswith("instance_id: files are named after it")

    def test_an_id_is_as_long_as_its_bytes(self):
        assert read(instance_id="x" * 200).instance_id == "x" * 200
        assert "200 bytes" in refusal(instance_id="é" * 101)

    @pytest.mark.parametrize(
        "name", ["/etc", "a/../b", "..", "-x/y", "a//b", "a/", "a b", "a/-b", "https://x/y", "x" * 201]
    )
    def test_a_repository_that_is_no_name_of_one(self, name):
        assert refusal(repo=name).startswith("repo: write owner/name")

    @pytest.mark.parametrize("name", ["shop", "swesmith/a__b.1fd52536", "owner/.github", "group/sub/name"])
    def test_a_repository(self, name):
        assert read(repo=name).repo == name

    @pytest.mark.parametrize("key", ["base_commit", "environment_setup_commit"])
    @pytest.mark.parametrize("name", ["main", "--upload-pack=x", "abc", "a" * 65, "a" * 40 + "\n"])
    def test_a_commit_that_is_none(self, key, name):
        assert refusal(**{key: name}).startswith(f"{key}: must be the id of a commit")

    @pytest.mark.parametrize("key", ["image", "image_name", "docker_image"])
    @pytest.mark.parametrize("name", ["--privileged", "a b", "a;b", "a\n"])
    def test_an_image_that_is_none(self, key, name):
        assert refusal(**{key: name}).startswith(f"{key}: is no reference of an image")

    @pytest.mark.parametrize("key", ["FAIL_TO_PASS", "PASS_TO_PASS"])
    @pytest.mark.parametrize(
        "tests",
        [
            "t::new",
            "t::a, t::b",
            "[t::a]",
            "['a' + 'b']",
            "['a' ... 'b']",
            "[f'{1}']",
            "[b'a']",
            "__import__('os')",
            "[" * 200,
            "{}",
            '{"a": 1}',
            "[1]",
            "[" * 100_000,
            '"a"',
            [1],
            ["a", None],
            {"a": 1},
            7,
            True,
        ],
    )
    def test_a_list_of_tests_that_is_none(self, key, tests):
        assert refusal(**{key: tests}).startswith(f"{key}: must be a list of test names")

    @pytest.mark.parametrize(
        "key, value, said",
        [
            ("version", True, "version: Input should be a valid string (got bool)"),
            ("created_at", 1e300, "created_at: is no date (got float)"),
            (
                "problem_statement",
                "x" * 16_000_001,
                "problem_statement: is longer than 16,000,000 characters (got '" + "x" * 76 + "...)",
            ),
            ("patch", ["+x"], "patch: Input should be a valid string (got list)"),
            ("eval_type", "all", "eval_type: Input should be 'pass_and_fail' or 'fail_only' (got 'all')"),
            ("instance_id", [7], "instance_id: Input should be a valid string (got list)"),
        ],
    )
    def test_a_wrong_type_names_its_key(self, key, value, said):
        assert refusal(**{key: value}) == said

    def test_a_text_longer_than_any_that_was_published(self):
        assert refusal(problem_statement="x" * 16_000_001).startswith("problem_statement: is longer than 16,000,000")

    def test_a_long_value_is_not_shown_whole(self):
        assert len(refusal(repo="/" * 100_000)) < 200


VALUES = st.recursive(
    st.none() | st.integers() | st.floats() | st.text(st.characters(exclude_categories=()), max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from([*COLUMNS, "hints_text", "x"]), VALUES))
def test_any_row_is_read_or_refused_in_one_line(changes):
    try:
        found = read(**changes)
    except UsageError as error:
        found = str(error)
    if isinstance(found, str):
        assert "\n" not in found
        found.encode()
    else:
        assert type(found) is Row
        assert "/" not in found.instance_id
        found.problem_statement.encode(errors="surrogateescape")
