"""Who imports what, read off the text."""

from swebench_runs.one_task.suite.import_reach import reach

FILES = {
    "src/pkg/__init__.py": b"",
    "src/pkg/core.py": b"import os\n",
    "src/pkg/sub/__init__.py": b"",
    "src/pkg/sub/a.py": b"from ..core import f\n",
    "src/pkg/sub/b.py": b"from . import (\n    a,  # why\n)\n",
    "src/pkg/other.py": b"import json, os\n",
    "tests/test_core.py": b"from pkg.core import f\n",
    "tests/test_b.py": b"def test():\n    import pkg.sub.b as b\n",
    "tests/test_other.py": b"# import pkg.core\nfrom pkg.other import g\n",
    "tests/test_bad.py": b"\xff\xfefrom import import (((\n",
}


def test_importers_are_found_over_any_number_of_steps_and_nobody_else():
    assert reach(["src/pkg/core.py"], FILES, ["src", "."]) == {
        "src/pkg/core.py": 0,
        "src/pkg/sub/a.py": 1,
        "tests/test_core.py": 1,
        "src/pkg/sub/b.py": 2,
        "tests/test_b.py": 3,
    }


def test_importing_a_module_runs_its_package():
    assert reach(["src/pkg/sub/__init__.py"], FILES, ["src", "."])["tests/test_b.py"] == 1
    assert reach(["nowhere.py"], FILES, ["."]) == {}


def test_imports_in_a_circle_end():
    files = {"a.py": b"import b\n", "b.py": b"import a\n"}
    assert reach(["a.py"], files, ["."]) == {"a.py": 0, "b.py": 1}
