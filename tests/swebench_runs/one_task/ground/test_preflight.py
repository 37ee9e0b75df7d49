"""What is looked at before the first model call: imports, the existing tests, and whether to go on."""

import pytest

from environments.workbench.import_probe import Imports, probe_of, read_answer
from environments.workbench.suites.suite_run import SuiteState
from swebench_runs.one_task.ground.preflight import _problems, _stops, _tests
from verifiers.regression import Baseline

FILES = {
    "src/pkg/__init__.py": b"from pkg import core\nimport os, json\n",
    "src/pkg/core.py": b"import attr\nfrom yaml.x import y\ntry:\n    import fast\nexcept ImportError:\n"
    b"    fast = None\ndef f():\n    import late\n",
    "src/pkg/tests/test_core.py": b"import hypothesis\n",
    "src/alone.py": b"import pkg, setup\n",
    "setup.py": b"import setuptools\n",
    "docs/conf.py": b"import sphinx\n",
    "tests/test_x.py": b"import nothing\n",
    "broken.py": b"def (",
}


def base(**changes):
    return Baseline(**{"passing": (), "failing": (), "flaky": (), "problem": None, **changes})


def test_packages_and_what_they_import_whatever_happens():
    probe = probe_of(FILES, ("src", "."))
    assert set(probe.packages) == {"pkg", "alone", "broken"}
    assert probe.imported == {"attr": "src/pkg/core.py", "yaml": "src/pkg/core.py"}


def test_what_the_script_says_in_a_real_sandbox(bench):
    probe = probe_of({"shop/__init__.py": b"import nowhere_at_all, packaging\n"}, (".",))
    found = read_answer(bench.run(probe.script()).output, probe)
    assert found.whole == ["shop"]
    assert found.missing == {"nowhere_at_all": "shop/__init__.py"}


def test_a_package_that_cannot_be_imported_names_what_it_misses(bench):
    probe = probe_of({"tests/__init__.py": b"", "gone/__init__.py": b""}, (".",))
    found = read_answer(bench.run(probe.script()).output, probe)
    assert found.broken["gone"].startswith("ModuleNotFoundError")


@pytest.mark.parametrize(
    "text", ["@ground[", "@ground3", '@ground["missing", "x"]', '@ground["broken", 1]', "x" * 9999]
)
def test_what_a_tree_s_code_prints_is_no_error_of_ours(text):
    found = read_answer(text, probe_of(FILES, (".",)))
    assert (found.missing, found.broken) == ({}, {})


@pytest.mark.parametrize(
    "baseline, imports, stops",
    [
        (base(passing=("a",)), Imports(whole=["p"]), ""),
        (base(passing=("a",)), Imports(whole=["p"], missing={"attr": "p.py"}), ""),
        (base(failing=("a",)), Imports(whole=["p"]), ""),
        (base(state=SuiteState.NO_TESTS, problem="none"), Imports(whole=["p"]), ""),
        (base(state=SuiteState.TIMED_OUT, problem="long"), Imports(whole=["p"]), ""),
        (base(state=SuiteState.NOT_COLLECTED), Imports(missing={"attr": "p.py"}), "not installed: attrs"),
        (base(state=SuiteState.CRASHED, problem="it dies"), Imports(whole=["p"]), "it dies"),
        (base(passing=("a",)), Imports(broken={"p": "ImportError: x"}), "p: ImportError: x"),
        (base(passing=("a",)), Imports(broken={"p": "x"}, whole=["q"]), ""),
    ],
)
def test_when_no_model_should_be_asked(baseline, imports, stops):
    told = _stops(baseline, imports, anything=True)
    assert bool(told) == bool(stops)
    assert stops in told
    assert not told or ("runoff.yaml" in told and "--force" in told)


def test_a_tree_without_python_stops():
    assert "no Python file" in _stops(base(), Imports(), anything=False)


def test_what_is_told_of_the_tests():
    assert "3 collected, 2 pass, 1 do not" in _tests(base(passing=("a", "b"), failing=("c",)))
    assert "none found" in _tests(base(state=SuiteState.NO_TESTS, problem="x"))
    cut = base(state=SuiteState.TIMED_OUT, problem="x", left_out={"t.py": "no module x"}, remarks=("r",))
    told = _problems(cut, Imports(missing={"yaml": "a.py"}), 120)
    assert [line for line in told if "'PyYAML'" in line and "a.py" in line]
    assert [line for line in told if "t.py: no module x" in line]
    assert [line for line in told if "suite_timeout" in line]
    assert told[-1] == "r"
