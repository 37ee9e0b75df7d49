"""A folder of a larger repository that is a project of its own."""

import pytest

from environments.task import EnvironmentSpec
from swebench_runs.checkouts import checkout
from swebench_runs.checkouts.project_environment import read_project


@pytest.fixture
def repository(tmp_path):
    root = (tmp_path / "root").resolve()
    (root / "packages/a/src").mkdir(parents=True)
    (root / "packages/a/src/m.py").write_text("")
    (root / "packages/plain").mkdir()
    (root / "packages/a/pyproject.toml").write_text('[project]\nname = "a"\nversion = "2"\ndependencies = ["idna"]\n')
    (root / "requirements.txt").write_text("six\n")
    return root


def test_a_folder_that_declares_something_is_the_project(repository):
    found = read_project(repository, repository / "packages/a")
    assert found.spec.packages == ("idna", "pytest>=7")
    assert found.spec.python_path == ("packages/a/src", "packages/a", ".")
    assert found.spec.test_paths == ("packages/a",)
    assert found.sources == ("packages/a/pyproject.toml",)


def test_one_that_declares_nothing_and_the_roots_own_word_leave_the_root(repository):
    for given in (repository, repository / "packages/plain", repository.parent):
        assert read_project(repository, given).spec.packages == ("six", "pytest>=7")
    (repository / "runoff.yaml").write_text("environment: {packages: [attrs]}\n")
    assert read_project(repository, repository / "packages/a").spec.packages == ("attrs",)


def test_its_record_is_laid_beside_its_packages_and_never_through_a_link(repository, tmp_path):
    (tmp_path / "host").mkdir()
    (tmp_path / "host/setup.cfg").write_text("[metadata]\nname = h\n")
    (repository / "out").symlink_to(tmp_path / "host")
    (repository / "up").symlink_to("packages")
    spec = EnvironmentSpec(python_path=("packages/a/src", "packages/a", "out", "up/a", "gone", "."))
    checkout.task_of(repository, "It breaks.", tmp_path / "layer", spec)
    tree = tmp_path / "layer/testbed"
    assert b"Version: 2\n" in (tree / "packages/a/src/a.egg-info/PKG-INFO").read_bytes()
    assert [path.name for path in (tmp_path / "host").iterdir()] == ["setup.cfg"]
    assert len(list(tree.rglob("*.egg-info"))) == 1
