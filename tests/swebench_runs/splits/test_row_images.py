"""Which spec a row is run by."""

import hidden_fix
import pytest

from environments.errors import RepositoryError
from environments.trees.repositories import Repositories
from swebench_runs.rows import Row
from swebench_runs.splits.images import RowImages

OWN = {"eval_script": "true", "log_parser": "parse_log_jekyll"}


@pytest.fixture
def images(tmp_path):
    """Makes RowImages, without an engine, over a repository that lacks the rows' commit."""
    source = tmp_path / "repos" / "pallets__flask"
    source.mkdir(parents=True)
    hidden_fix.git(source, "init", "-q")
    (source / "a").write_text("a")
    hidden_fix.commit(source, "base")

    def made(pull):
        return RowImages(None, Repositories(tmp_path / "repos", tmp_path / "cache"), None, pull=pull)

    return made


def row(repo, instance_id, **fields):
    said = {"repo": repo, "instance_id": instance_id, "base_commit": "a" * 40, "problem_statement": "wrong", **fields}
    return Row.model_validate(said)


def test_a_row_without_a_version_whose_tree_cannot_be_had_is_run_by_its_own_script(images, caplog):
    spec = images(True).run_spec(row("pallets/flask", "pallets__flask-1", **OWN))
    assert spec.test_command == ""
    assert "the row's own script is used" in caplog.text


@pytest.mark.parametrize(("pull", "own"), [(False, OWN), (True, {})], ids=["not pulled", "no script"])
def test_else_it_is_told_why_it_cannot_be_run(images, pull, own):
    with pytest.raises(RepositoryError):
        images(pull).run_spec(row("pallets/flask", "pallets__flask-1", **own))


def test_a_rows_own_script_is_read_as_its_instance_wants(images):
    assert images(True).run_spec(row("jekyll/jekyll", "jekyll__jekyll-8771", **OWN)).log_parser == "cucumber"
