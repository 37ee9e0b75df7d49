"""What a task's environment is, seen from inside: its Python, its packages, how its tests are run."""

from __future__ import annotations

from dataclasses import dataclass

from environments.bounded import json_value
from environments.task import EnvironmentSpec
from environments.text import readable
from environments.workbench.import_probe import probe_of
from environments.workbench.outcome import GeneratedTest
from environments.workbench.workbench import Workbench

_MARK = "@place"
_MOST_PACKAGES = 8
_USUAL_FOLDERS = ("src", "lib")
"""Where packages lie that an image has installed for development: nothing says so in the task."""
_MOST_TEXT = 300
_SCRIPT = """
import importlib, json, shutil, subprocess, sys
def tell(kind, *values):
    sys.__stdout__.write("\\n" + {mark!r} + json.dumps([kind, *map(str, values)]) + "\\n")
    sys.__stdout__.flush()
def installed(name):
    try:
        from importlib.metadata import version
        return version(name)
    except Exception:
        return ""
tell("python", sys.version.split()[0])
tell("pytest", installed("pytest"))
tell("git", shutil.which("git") or "")
for name in {packages!r}:
    try:
        module = importlib.import_module(name)
        version = installed(name) or getattr(module, "__version__", "")
        tell("whole", name, version, getattr(module, "__file__", None) or "")
    except BaseException as error:
        tell("broken", name, type(error).__name__ + ": " + str(error))
"""


@dataclass(frozen=True)
class Place:
    """What the probe found. The tree's own code ran and may have said so itself: it is for a model to read."""

    python: str = ""
    pytest: str = ""
    git: bool = False
    whole: tuple[tuple[str, str, str], ...] = ()
    """Packages of the tree that can be imported: name, version, file."""
    broken: tuple[tuple[str, str], ...] = ()
    """Those that cannot: name, why."""


def probe(bench: Workbench) -> str:
    """Return, in a few lines, what the task's sandbox holds; run once a task and on the workbench's record.

    Its Python and pytest, which of the tree's packages can be imported, and how tests are run. What could not be
    found out is said too.
    """
    spec = bench.task.environment
    packages = probe_of(bench.contents(), (*spec.python_path, *_USUAL_FOLDERS)).packages[:_MOST_PACKAGES]
    script = GeneratedTest.of(_SCRIPT.format(mark=_MARK, packages=list(packages)), "place")
    run = bench.run(script)
    place = read_place(run.output)
    if not place.python:
        said = readable(run.output.strip()[-_MOST_TEXT:])
        return f"`python` could not be started here (exit code {run.exit_code}): {said}\n{_how_tests_are_run(spec, '')}"
    return "\n".join([*_told(place), _how_tests_are_run(spec, place.pytest)])


def read_place(output: str) -> Place:
    """Read what the probe's script printed; what is no line of its own is passed over."""
    said: dict[str, str] = {}
    whole, broken = [], []
    for line in output.splitlines():
        if not line.startswith(_MARK):
            continue
        match _values(line.removeprefix(_MARK)):
            case ["python" | "pytest" | "git" as name, str(value)]:
                said.setdefault(name, _short(value))
            case ["whole", str(name), str(version), str(file)]:
                whole.append((_short(name), _short(version), _short(file).removeprefix("/testbed/")))
            case ["broken", str(name), str(why)]:
                broken.append((_short(name), _short(why)))
    python, pytest, git = said.get("python", ""), said.get("pytest", ""), bool(said.get("git"))
    return Place(python, pytest, git, tuple(whole[:_MOST_PACKAGES]), tuple(broken[:_MOST_PACKAGES]))


def _told(place: Place) -> list[str]:
    tests = f"pytest {place.pytest}" if place.pytest else "no pytest"
    lines = [f"Python {place.python} (`python`), {tests}, {'git' if place.git else 'no git'}."]
    for name, version, file in place.whole:
        known = f" {version}" if version else ""
        lines.append(f"`import {name}` works:{known} from {file or 'the tree'}.")
    lines += [f"`import {name}` fails: {why}" for name, why in place.broken]
    return lines


def _how_tests_are_run(spec: EnvironmentSpec, pytest: str) -> str:
    if not spec.test_command:
        command = "python -m pytest " + " ".join([*spec.test_args, "path/to/test_file.py"])
        return f"Tests are run by `{command}`." + ("" if pytest else " (pytest was not found.)")
    dotted = spec.log_parser == "django"
    named = "its module below `tests`, with dots" if dotted else "its path"
    return f"Tests are run by `{spec.test_command} FILE`, where a test file is named by {named}."


def _values(text: str) -> object:
    try:
        return json_value(text)
    except ValueError:
        return None


def _short(text: str) -> str:
    return " ".join(readable(text).split())[:_MOST_TEXT]
