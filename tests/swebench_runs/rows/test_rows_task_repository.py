"""A task repository of swebench 5 to rows; what leads out of it stays unread."""

import json
import os

import pytest
import yaml

from swebench_runs.errors import UsageError
from swebench_runs.rows import load_rows

ROW = {"repo": "shop/till", "base_commit": "a" * 40, "version": "1.0", "created_at": "2023-03-04T18:36:21Z"}


def ids(loaded):
    return [found.instance_id for found in loaded.rows]


def unread(repository):
    """Why the first task cannot be read."""
    return load_rows(str(repository)).unreadable["shop__till-1"]


def refusal(*arguments):
    with pytest.raises(UsageError) as caught:
        load_rows(*arguments)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.fixture
def repository(tmp_path):
    """A task repository of swebench 5 with two tasks in split test and one in dev."""
    (tmp_path / "sweb.yaml").write_text("datasets: [SWE-bench/SWE-bench_Lite]\nsplits: [test, dev]\n")
    for number, split in ((1, "test"), (2, "test"), (3, "dev")):
        told = {**ROW, "instance_id": f"shop__till-{number}"}
        folder = tmp_path / "tasks" / told["instance_id"]
        folder.mkdir(parents=True)
        meta = told | {"split": split, "image": "x/y:1", "log_parser": "p", "eval_type": "pass_and_fail"}
        (folder / "task.yaml").write_text(yaml.safe_dump(meta))
        (folder / "tests.json").write_text(json.dumps({"FAIL_TO_PASS": ["t::new"], "PASS_TO_PASS": [], "repo": "x/y"}))
        (folder / "problem_statement.md").write_bytes(b"The total is wrong.\r\n")
        (folder / "hints.md").write_text("SECRET")
        (folder / "gold.patch").write_bytes(b"+caf\xe9\r\n")
        (folder / "test.patch").write_text("HIDDEN")
        (folder / "eval.sh").write_text("#!/bin/bash\n")
    return tmp_path


def test_its_rows(repository):
    loaded = load_rows(str(repository))
    assert ids(loaded) == ["shop__till-1", "shop__till-2"]
    assert ids(load_rows(str(repository), "dev")) == ["shop__till-3"]
    assert loaded.source.kind == "task repository"
    first = loaded.rows[0]
    assert (first.repo, first.problem_statement) == ("shop/till", "The total is wrong.\r\n")
    assert first.patch.encode(errors="surrogateescape") == b"+caf\xe9\r\n"
    assert (first.image, first.eval_script, first.fail_to_pass) == ("x/y:1", "#!/bin/bash\n", ("t::new",))
    assert "SECRET" not in repr(loaded)


def test_a_split_that_it_has_not(repository):
    assert "has no split 'train': use --split dev or test" in refusal(str(repository), "train")


@pytest.mark.parametrize("name", ["problem_statement.md", "tests.json", "task.yaml"])
def test_a_link_that_leads_out_is_not_followed(repository, tmp_path_factory, name):
    secret = tmp_path_factory.mktemp("host") / "secret"
    secret.write_text("a: SECRET")
    (repository / "tasks" / "shop__till-1" / name).unlink()
    (repository / "tasks" / "shop__till-1" / name).symlink_to(secret)
    said = unread(repository)
    assert "leads out of" in said
    assert "SECRET" not in said


def test_a_folder_that_is_a_link_is_not_followed(repository, tmp_path_factory):
    outside = tmp_path_factory.mktemp("host") / "shop__till-1"
    (repository / "tasks" / "shop__till-1").rename(outside)
    (repository / "tasks" / "shop__till-1").symlink_to(outside)
    assert "leads out of" in unread(repository)


@pytest.mark.parametrize(
    "name, content, said",
    [
        ("task.yaml", "a: [", "task.yaml is not valid YAML"),
        ("task.yaml", "- a", "task.yaml must hold keys and values"),
        ("task.yaml", "[" * 100, "task.yaml is nested too deep"),
        ("tests.json", "{", "tests.json is not valid JSON"),
        ("tests.json", "[]", "tests.json must hold keys and values"),
        ("tests.json", '{"FAIL_TO_PASS": 1}', "shop__till-1: FAIL_TO_PASS: must be a list"),
    ],
)
def test_a_broken_file_is_named_and_harms_no_other_task(repository, name, content, said):
    (repository / "tasks" / "shop__till-1" / name).write_text(content)
    assert said in unread(repository)
    assert ids(load_rows(str(repository))) == ["shop__till-2"]


def test_what_is_missing_is_named(repository):
    (repository / "tasks" / "shop__till-1" / "problem_statement.md").unlink()
    assert unread(repository).endswith("shop__till-1: problem_statement is missing")


def test_a_pipe_is_no_file(repository):
    path = repository / "tasks" / "shop__till-1" / "gold.patch"
    path.unlink()
    os.mkfifo(path)
    assert load_rows(str(repository)).rows[0].patch == ""
