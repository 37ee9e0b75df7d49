"""Test files in order of nearness to the code in play: by what they were seen to execute, then by what they import."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from environments.workbench.suites.pytest_suite import ODD_TEST_FILES, TEST_FILES, test_files
from swebench_runs.one_task.suite.import_reach import reach
from swebench_runs.one_task.suite.nearby_tests import nearby_tests

Reached = Mapping[str, Sequence[str]]
"""Test file -> the functions (``path::name``) in play that its passing tests were seen to execute."""


def nearest_tests(
    named: Iterable[str], sources: Sequence[str], files: Mapping[str, bytes], python_path: Sequence[str], issue: str
) -> tuple[str, ...]:
    """Return the test files whose tests are worth tracing, best first.

    Those that hold a test which fails come first, since its neighbours are about the same code; then those that
    names tell to be about it; then those that import it.

    Args:
        named: files of tests that fail.
        sources: the code in play, the most relevant first.
        files: the tree's Python files.
        python_path: folders that its imports start from.
        issue: its text.
    """
    holding = [path for path in named if path in files]
    return tuple(
        dict.fromkeys([*holding, *nearby_tests(sources, files, issue), *importing(sources, files, python_path)])
    )


def importing(
    sources: Iterable[str], files: Mapping[str, bytes], python_path: Sequence[str], reached: Reached | None = None
) -> tuple[str, ...]:
    """Return the test files that reach some sources by their imports, those in few steps first.

    Of files that were traced it is known better: those that execute most of the sources' functions come first, those
    that execute none last.
    """
    sources = set(sources)
    steps = reach(sources, files, python_path)
    near = [path for path in suite_files(files) if path in steps]
    return tuple(sorted(near, key=lambda path: (-executed(path, sources, reached or {}), steps[path], path)))


def executed(path: str, sources: Iterable[str], reached: Reached) -> float:
    """Return how many functions of some sources a test file was seen to execute; a half where nobody looked."""
    if path not in reached:
        return 0.5
    sources = set(sources)
    return sum(function.partition("::")[0] in sources for function in reached[path])


def suite_files(files: Iterable[str], below: Sequence[str] = ()) -> list[str]:
    """Return the tree's test files by their names, as the suite's runner finds them."""
    files = list(files)
    return test_files(files, below, TEST_FILES) or test_files(files, below, ODD_TEST_FILES)
