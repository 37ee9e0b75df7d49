import pytest

from agent.patch.paths import is_cache_path, is_scratch_name, is_test_path, path_problem


@pytest.mark.parametrize("path", ["a.py", "pkg/a.py", ".github/x.yml", "a b/ü.py", "..a/b..py", "git/x.py"])
def test_paths_within_the_tree_are_fine(path):
    assert path_problem(path) is None


@pytest.mark.parametrize(
    "path",
    [
        *["", "/etc/x", "~/x", "C:/x", "a\\b", "../x", "a/../x", "./x", "a//b", "a/", ".git/x", "a/.GIT/x", ".git./x"],
        *["git~1/x", ".git", "a\nb", "a\0b"],
    ],
)
def test_paths_out_of_it_are_not(path):
    assert path_problem(path)


@pytest.mark.parametrize(
    "path,test",
    [
        ("tests/helpers.py", True),
        ("test/x.txt", True),
        ("testing/logging/helpers.py", True),
        ("django/test/client.py", False),
        ("test_x.py", True),
        ("x_test.py", True),
        ("conftest.py", True),
        ("pkg/testing/x.py", False),
        ("pkg/contest.py", False),
        ("tests", False),
    ],
)
def test_what_is_a_test(path, test):
    assert is_test_path(path) is test


def test_what_tools_and_agents_leave_behind():
    assert all(map(is_cache_path, ["a/__pycache__/b.txt", "a.pyc", "build/lib/a.py", "x.egg-info/PKG-INFO"]))
    assert all(map(is_scratch_name, ["reproduce_it.py", "a/x.py.orig", ".coverage", "debug_1.py"]))
    assert not any(map(is_cache_path, ["src/builder.py", "pkg/build.py"]))
    assert not any(map(is_scratch_name, ["pkg/core.py", "README.md"]))
