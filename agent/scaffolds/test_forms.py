"""The forms in which a model writes a test: what it is told of them, and how its answers are read.

structured   a JSON object that the harness makes a script of, for weak models
script       a standalone Python script
module       a test file in the repository's own framework, or a script
"""

from __future__ import annotations

import ast
import re
from pathlib import PurePosixPath

from agent.edits import EditError
from agent.models.profiles import TestFormat
from agent.prompts import render
from agent.scaffolds.structured_test import structured_script
from environments.workbench.outcome import ISSUE_PRESENT, GeneratedTest
from environments.workbench.scripts.python_text import parse
from environments.workbench.test_facts import TestFacts

_FENCE = re.compile(r"```[^\n]*\n(.*?)```", re.S)
_FILE_LINE = re.compile(r"\A\s*#\s*(?:file|path)\s*:\s*(\S+)[ \t]*\n", re.IGNORECASE)
_PATH = re.compile(r"(?!/)(?:[\w.-]+/)*[\w-]+\.py")


def how_to_write_a_test(format: TestFormat, facts: TestFacts | None, *, in_tree: bool = False) -> str:
    """Return how to write a test, and what to know of the place where it will run.

    ``in_tree``: it is written as a file of a tree, not in an answer.
    """
    form = "script" if facts is None and format == "module" else format
    return render(f"write_test/forms_{form}", facts=facts, in_tree=in_tree)


def parse_test(format: TestFormat, answer: str, *, origin: str, facts: TestFacts | None = None) -> GeneratedTest:
    """Return the test that an answer holds. Raises EditError with a message for the model."""
    if format == "structured":
        return GeneratedTest.of(structured_script(answer), origin)
    source = _block(answer)
    tree = parse(source)
    if tree is None or not tree.body:
        raise EditError("The test is not valid Python in one ```python block.")
    if format == "script" or facts is None or _calls(tree, ISSUE_PRESENT):
        return GeneratedTest.of(source, origin)
    return module_test(source, tree, origin=origin, facts=facts)


def module_test(source: str, tree: ast.Module, *, origin: str, facts: TestFacts) -> GeneratedTest:
    """Make a test of a test file; its first line may name its place. Raises EditError with a message for the model."""
    _assert_cases(tree)
    named = _FILE_LINE.match(source)
    path = checked_path(named[1], facts) if named else facts.free_path()
    return GeneratedTest.of(source, origin, "module", path)


def file_as_test(source: str, path: str, *, origin: str, facts: TestFacts) -> GeneratedTest:
    """Make a test of a file that somebody wrote at ``path``. Raises EditError with a message for the model."""
    source = source.replace("\r\n", "\n")
    tree = parse(source)
    if tree is None or not tree.body:
        raise EditError(f"{path} is not valid Python, or there is nothing in it.")
    if _calls(tree, ISSUE_PRESENT):
        return GeneratedTest.of(source, origin)
    _assert_cases(tree)
    return GeneratedTest.of(source, origin, "module", checked_path(path, facts))


def checked_path(path: str, facts: TestFacts) -> str:
    """Return the path of a new test file in its normal form. Raises EditError where no test can stand there."""
    path = path.removeprefix("./")
    parts = PurePosixPath(path).parts
    if not _PATH.fullmatch(path) or ".." in parts or ".git" in parts:
        raise EditError(f"{path[:100]!r} is no path of a test file inside the repository.")
    if path in facts.taken:
        raise EditError(f"{path} is there already: give the new test file another name.")
    name = parts[-1]
    if facts.framework == "pytest" and not (name.startswith("test_") or name.endswith("_test.py")):
        raise EditError(f"{path}: a test file's name begins with test_.")
    if facts.framework == "django" and (parts[0] != "tests" or len(parts) < 3):
        raise EditError(f"{path}: Django's runner takes test files below tests/<app>/ only.")
    return path


def _block(answer: str) -> str:
    answer = answer.replace("\r\n", "\n")
    blocks = _FENCE.findall(answer)
    source: str = max(blocks, key=len) if blocks else answer
    return source.strip("\n") + "\n"


def _calls(tree: ast.Module, name: str) -> bool:
    calls = (node.func for node in ast.walk(tree) if isinstance(node, ast.Call))
    return any(isinstance(function, ast.Name) and function.id == name for function in calls)


def _assert_cases(tree: ast.Module) -> None:
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    if not any(isinstance(node, functions) and node.name.startswith("test") for node in ast.walk(tree)):
        raise EditError(
            f"There is no case in the test file (`def test_...`), and no call of {ISSUE_PRESENT}() as in a script."
        )
