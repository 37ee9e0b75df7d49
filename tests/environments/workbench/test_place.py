"""What a task's sandbox says of itself, and the commands that it has."""

import pytest

from environments.sandboxes.lease import NoLease
from environments.task import EnvironmentSpec
from environments.workbench.place import Place, probe, read_place
from environments.workbench.workbench import Workbench


def test_the_probe_tells_python_pytest_packages_and_how_tests_are_run_and_runs_once(bench):
    told = probe(bench)
    first, package, tests = told.splitlines()
    assert first.startswith("Python 3.")
    assert first.endswith("(`python`), pytest 8.4.2, git.")
    assert package == "`import shop` works: from shop/__init__.py."
    assert tests == "Tests are run by `python -m pytest path/to/test_file.py`."
    bench._trees.close()  # a second run would need a fork
    assert probe(bench) == told


def test_a_repository_with_a_runner_of_its_own_is_told_how_it_names_a_test(bench):
    own = EnvironmentSpec(test_command="./tests/runtests.py --verbosity 2", log_parser="django")
    bench.task = bench.task.model_copy(update={"environment": own})
    assert probe(bench).splitlines()[-1].startswith("Tests are run by `./tests/runtests.py --verbosity 2 FILE`")


def test_packages_that_cannot_be_imported_say_why_and_what_the_tree_prints_is_passed_over():
    said = (
        'x\n@place["python", "3.9.1"]\n@place["python", "forged"]\n@place[\n@place["whole", 1]\n@place3\n'
        '@place["broken", "shop", "ImportError: no\\nsuch"]\n@place["whole", "a", "1.0", "/testbed/a.py"]'
    )
    expected = Place("3.9.1", whole=(("a", "1.0", "a.py"),), broken=(("shop", "ImportError: no such"),))
    assert read_place(said) == expected


@pytest.mark.parametrize(
    "command, exit_code, output",
    [
        ("pytest -q | tail -1 | cut -c1-8", 0, "2 passed"),
        ("head -1 $(which pytest)", 0, "#!/bin/sh"),
        ("python -c 'import shop; print(shop.__file__)'", 0, "/testbed/shop/__init__.py"),
        ("cd /tmp && python -c 'import shop; print(shop.__file__)'", 0, "/testbed/shop/__init__.py"),
        ("git log --oneline | wc -l; git status --short", 0, "1"),
        ("echo 1 >> new; git add new; git commit -qm x; git stash list; git log --oneline | wc -l", 0, "2"),
        ("echo x | runoff-check", 2, "runoff-check: the harness answers it"),
        ("timeout 20 python -c 'import urllib.request as u; u.urlopen(\"http://1.1.1.1\", timeout=9)'", 1, "Traceb"),
    ],
)
def test_a_live_fork_has_what_the_environment_has(place, command, exit_code, output):
    result = place.run(command, timeout=60)
    assert (result.exit_code, result.text.startswith(output)) == (exit_code, True), result.text


@pytest.fixture(scope="module")
def place(shop, tmp_path_factory):
    record = tmp_path_factory.mktemp("place") / "executions.jsonl"
    with Workbench(shop.base, shop.task, record=record, lease=NoLease()) as bench:
        yield bench.live()
