"""Which code a measurement says it ran."""

from pathlib import Path

import git
import pytest

from swebench_runs.run_folder import computer as machine


@pytest.fixture
def checkout(tmp_path: Path) -> git.Repo:
    (tmp_path / "docs" / "measurements").mkdir(parents=True)
    (tmp_path / "code.py").write_text("a = 1\n")
    (tmp_path / "docs" / "measurements" / "builds.json").write_text("{}\n")
    repository = git.Repo.init(tmp_path)
    repository.git.add(".")
    repository.git.execute(["git", "-c", "user.name=t", "-c", "user.email=t@example.org", "commit", "-qm", "first"])
    return repository


@pytest.mark.parametrize(
    ("changed", "mark"), [("docs/measurements/builds.json", ""), ("code.py", "-dirty")], ids=["a measurement", "code"]
)
def test_code_is_dirty_by_its_own_changes_alone(checkout: git.Repo, changed: str, mark: str) -> None:
    root = Path(checkout.working_dir)
    (root / changed).write_text("changed\n")
    assert machine.commit_of(root) == checkout.head.commit.hexsha + mark


def test_a_folder_that_is_no_checkout_has_no_commit(tmp_path: Path) -> None:
    assert machine.commit_of(tmp_path) is None
