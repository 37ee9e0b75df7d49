"""Which test files a suite that is too long begins with: given ones, then those that reach the code in play."""

from __future__ import annotations

from collections.abc import Iterable

from agent.patch import is_test_path
from swebench_runs.one_task import given_tests
from swebench_runs.one_task.given_tests import GivenTests
from swebench_runs.one_task.suite.nearest_tests import importing, suite_files
from swebench_runs.one_task.traces_kept import known_traces
from swebench_runs.one_task.work import Work

MOST = 12
_IN_PLAY = 5
"""Files of the code in play that count, the most relevant first."""


def impacted_tests(work: Work, shown: Iterable[str]) -> tuple[str, ...]:
    """Return the test files, at most ``MOST``, best first; ``shown``: paths of the code in play, likewise.

    What was traced of the task tells which functions are in play, and which test files execute them.
    """
    files, spec, traces = work.bench.contents(), work.task.environment, known_traces(work)
    given = work.folder.read(given_tests.FILE, GivenTests)
    named = [test.path.partition("::")[0] for test in given.tests] if given else []
    suspects = [function.path for function, _ in traces.functions()] if traces else []
    sources = [path for path in dict.fromkeys([*suspects, *shown]) if not is_test_path(path)][:_IN_PLAY]
    wanted = set(suite_files(files, spec.test_paths))
    near = importing(sources, files, spec.python_path, traces.reached if traces else None)
    found = [*(path for path in named if path in files), *(path for path in near if path in wanted)]
    return tuple(dict.fromkeys(found))[:MOST]
