"""A tree that is judged holds the base's own steering files, whatever a patch says of them."""

import pytest

from environments.trees.steering import steering_paths


def added(path, text="x = 1"):
    return f"diff --git a/{path} b/{path}\nnew file mode 100644\n--- /dev/null\n+++ b/{path}\n@@ -0,0 +1 @@\n+{text}\n"


def nothing_there(path):
    return False


@pytest.mark.parametrize(
    "path",
    [
        "conftest.py",
        "a b/conftest.py",
        "sitecustomize/__init__.py",
        "pytest/__main__.py",
        "src/tempfile.py",
        "x.pth",
        "pkg/__pycache__/m.pyc",
        "__main__.py",
    ],
)
def test_what_steers_is_found_in_a_patch(path):
    assert path in steering_paths(added(path), nothing_there)


def test_a_name_that_git_quotes_is_found():
    quoted = added("x").replace("a/x b/x", '"a/\\303\\274/conftest.py" "b/\\303\\274/conftest.py"')
    quoted = quoted.replace("+++ b/x", '+++ "b/\\303\\274/conftest.py"')
    assert "\u00fc/conftest.py" in steering_paths(quoted, nothing_there)


def test_source_steers_nothing():
    assert steering_paths(added("pkg/json.py") + added("README.md"), nothing_there) == ()
    assert steering_paths(added("attr/new.py"), {"attr"}.__contains__) == ()


@pytest.mark.parametrize(
    "path", ["packages/a/src/encodings/__init__.py", "packages/a/src/os.py", "packages/a/src/pluggy.py"]
)
def test_a_module_in_any_folder_that_is_imported_from_shadows(path):
    assert path in steering_paths(added(path), nothing_there, ("packages/a/src", "."))
    assert steering_paths(added(path), nothing_there) == ()


@pytest.mark.parametrize("name", ["encodings", "sitecustomize", "src/site", "conftest"])
def test_a_link_may_stand_for_a_package(name):
    assert name in steering_paths(added(name, "pkg/compat"), nothing_there)


def test_a_folder_that_becomes_a_package_shadows():
    has_pages = {"site", "site/index.py"}.__contains__
    assert "site/__init__.py" in steering_paths(added("site/__init__.py"), has_pages)
    assert steering_paths(added("site/other.py"), has_pages) == ()


@pytest.mark.parametrize("name", ["_bootlocale.py", "imp.py"])
def test_a_module_of_an_older_standard_library_counts(name):
    assert name in steering_paths(added(name), nothing_there)
