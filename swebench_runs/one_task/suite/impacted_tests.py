"""Which test files a suite that is too long begins with: given ones, then those that reach the code in play."""

from __future__ import annotations

from collections.abc import Iterable

from agent.patch import is_test_path
from environments.workbench.suites.pytest_suite import TEST_FILES, test_files
from swebench_runs.one_task import given_tests
from swebench_runs.one_task.given_tests import GivenTests
from swebench_runs.one_task.suite.import_reach import reach
from swebench_runs.one_task.work import Work

MOST = 12
_IN_PLAY = 5
"""Files of the code in play that count, the most relevant first."""


def impacted_tests(work: Work, shown: Iterable[str]) -> tuple[str, ...]:
    """Return the test files, at most ``MOST``, best first; ``shown``: paths of the code in play, likewise."""
    files, spec = work.bench.contents(), work.task.environment
    given = work.folder.read(given_tests.FILE, GivenTests)
    named = [test.path.partition("::")[0] for test in given.tests] if given else []
    sources = [path for path in shown if not is_test_path(path)][:_IN_PLAY]
    steps = reach(sources, files, spec.python_path)
    near = [path for path in test_files(files, spec.test_paths, TEST_FILES) if path in steps]
    near.sort(key=lambda path: (steps[path], path))
    return tuple(dict.fromkeys([*(path for path in named if path in files), *near]))[:MOST]
