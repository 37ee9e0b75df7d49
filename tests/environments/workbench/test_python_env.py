import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from environments.sandboxes.bubblewrap.host_root import find_python
from environments.sandboxes.contract import SandboxError
from environments.task import EnvironmentSpec
from environments.workbench.python_env import PythonEnvironmentError, site_packages

SPEC = EnvironmentSpec(packages=("iniconfig==2.3.1", "pytest==8.4.2"))
"""Pinned, and therefore complete: pytest asks for more, which must not come."""


def test_installs_what_is_pinned_and_nothing_else_once_for_many_askers(tmp_path):
    with ThreadPoolExecutor(3) as pool:
        folders = list(pool.map(lambda _: site_packages(SPEC, tmp_path), range(3)))
    assert len(set(folders)) == 1
    assert {path.name.partition("-")[0] for path in folders[0].iterdir()} == {"iniconfig", "pytest", "_pytest", "py.py"}
    assert [path.name for path in folders[0].parent.iterdir()] == [folders[0].name]
    check = [sys.executable, "-I", "-S", "-c", f"import sys; sys.path.insert(0, {str(folders[0])!r}); import iniconfig"]
    assert subprocess.run(check, check=False).returncode == 0


def test_a_folder_is_named_by_python_and_packages_in_any_order(tmp_path):
    empty = site_packages(EnvironmentSpec(), tmp_path)
    assert list(empty.iterdir()) == []
    assert site_packages(EnvironmentSpec(python="3.12"), tmp_path) != empty
    assert site_packages(EnvironmentSpec(test_paths=("tests",)), tmp_path) == empty


def test_what_cannot_be_installed_leaves_nothing_and_says_what(tmp_path):
    with pytest.raises(PythonEnvironmentError, match=r"iniconfig==0\.0\.99.*pip config list"):
        site_packages(EnvironmentSpec(packages=("iniconfig==0.0.99",)), tmp_path)
    assert list((tmp_path / "site-packages").iterdir()) == []


def test_another_python_gets_what_holds_for_its_version_only(tmp_path):
    try:
        find_python("3.10")
    except SandboxError:
        pytest.skip("no Python 3.10 on this host")
    folder = site_packages(EnvironmentSpec(python="3.10", packages=("pytest>=8,<9",)), tmp_path)
    assert (folder / "exceptiongroup").is_dir()
