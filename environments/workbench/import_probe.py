"""Whether a tree's packages can be imported in their sandbox, and which modules of others they miss there."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import PurePosixPath

from environments.bounded import json_value
from environments.python_source import parse_python
from environments.workbench.outcome import GeneratedTest

MOST_FILES, MOST_NAMES = 2000, 300
_NO_PACKAGES = frozenset(
    [
        "tests",
        "test",
        "testing",
        "docs",
        "doc",
        "examples",
        "example",
        "samples",
        "benchmarks",
        "benchmark",
        "scripts",
        "script",
        "tools",
        "tool",
        "setup",
        "conftest",
        "noxfile",
        "manage",
        "versioneer",
        "build",
        "dist",
        "fabfile",
        "tasks",
        "ci",
        "src",
        "lib",
    ]
)
_DISTRIBUTIONS = {
    **{"attr": "attrs", "yaml": "PyYAML", "cv2": "opencv-python-headless", "PIL": "Pillow", "bs4": "beautifulsoup4"},
    **{"sklearn": "scikit-learn", "dateutil": "python-dateutil", "skimage": "scikit-image", "git": "GitPython"},
    **{
        "dotenv": "python-dotenv",
        "jwt": "PyJWT",
        "OpenSSL": "pyOpenSSL",
        "Crypto": "pycryptodome",
        "serial": "pyserial",
    },
    **{"psycopg2": "psycopg2-binary", "MySQLdb": "mysqlclient", "magic": "python-magic", "google": "protobuf"},
    **{
        "rest_framework": "djangorestframework",
        "pkg_resources": "setuptools<81",
        "usb": "pyusb",
        "docx": "python-docx",
    },
}
_MARK = "@ground"
_SCRIPT = """
import importlib, importlib.util, json, sys, traceback
def tell(kind, *values):
    sys.__stdout__.write("\\n" + {mark!r} + json.dumps([kind, *values]) + "\\n")
    sys.__stdout__.flush()
for name in {names!r}:
    try:
        found = importlib.util.find_spec(name) is not None
    except (ImportError, ValueError, AttributeError):
        found = False
    if not found:
        tell("missing", name)
for name in {packages!r}:
    try:
        importlib.import_module(name)
        tell("whole", name)
    except BaseException as error:
        frames = [f.filename for f in traceback.extract_tb(error.__traceback__) if f.filename.startswith("/testbed/")]
        tell("broken", name, type(error).__name__, str(error)[:200], getattr(error, "name", None), frames[-1:])
"""


@dataclass(frozen=True)
class Probe:
    """What to ask a sandbox for."""

    packages: tuple[str, ...]
    """The tree's own, at the top of its import path."""
    imported: Mapping[str, str]
    """Module of somebody else's -> the file of the tree that imports it whatever happens."""

    def script(self) -> GeneratedTest:
        """Return what is run for it."""
        names = sorted(self.imported)[:MOST_NAMES]
        return GeneratedTest.of(_SCRIPT.format(mark=_MARK, names=names, packages=list(self.packages)), "ground")


@dataclass
class Imports:
    """What came of it. The tree's own code ran and may have said so itself: this is for the user to read."""

    whole: list[str] = field(default_factory=list)
    broken: dict[str, str] = field(default_factory=dict)
    """Package -> why it cannot be imported, in one line."""
    missing: dict[str, str] = field(default_factory=dict)
    """Module that is not installed -> the file that imports it."""


def probe_of(files: Mapping[str, bytes], python_path: Sequence[str]) -> Probe:
    """Read from a tree's Python files what its packages are and what they import; nothing is run."""
    roots = sorted({"" if root == "." else f"{root.rstrip('/')}/" for root in python_path}, key=len, reverse=True)
    own, packages = set[str](), dict[str, None]()
    for path in files:
        for root in roots:
            if path.startswith(root):
                parts = path.removeprefix(root).split("/")
                name = parts[0].removesuffix(".py")
                own.add(name)
                if (len(parts) == 1 or f"{root}{parts[0]}/__init__.py" in files) and _is_package(name):
                    packages[name] = None
    imported: dict[str, str] = {}
    for path in [path for path in sorted(files) if not _is_test(path)][:MOST_FILES]:
        if any(path.removeprefix(root).split("/")[0].removesuffix(".py") in packages for root in roots):
            for name in _imports(files[path]):
                if name not in own and name not in sys.stdlib_module_names:
                    imported.setdefault(name, path)
    return Probe(tuple(packages)[:50], imported)


def read_answer(output: str, probe: Probe) -> Imports:
    """Read what the probe's script printed."""
    found = Imports()
    for line in output.splitlines():
        if line.startswith(_MARK):
            match _values(line.removeprefix(_MARK)):
                case ["missing", str(name)] if name in probe.imported:
                    found.missing[name] = probe.imported[name]
                case ["whole", str(name)]:
                    found.whole.append(name)
                case ["broken", str(name), str(kind), str(text), missing, list(frames)]:
                    where = f" in {str(frames[0]).removeprefix('/testbed/')}" if frames else ""
                    found.broken[name] = f"{kind}{where}: {text}"
                    top = str(missing or "").split(".")[0]
                    if kind == "ModuleNotFoundError" and top and top not in probe.packages:
                        found.missing.setdefault(top, str(frames[0]).removeprefix("/testbed/") if frames else name)
    return found


def distribution(module: str) -> str:
    """Return the name under which the index most likely has a module."""
    return _DISTRIBUTIONS.get(module, module.replace("_", "-"))


def _values(text: str) -> object:
    try:
        return json_value(text)
    except ValueError:
        return None


def _is_package(name: str) -> bool:
    return name.isidentifier() and name not in _NO_PACKAGES and not fnmatch(name, "test_*")


def _is_test(path: str) -> bool:
    parts = PurePosixPath(path).parts
    return bool({"tests", "test", "testing"} & set(parts)) or bool(
        re.fullmatch(r"test_.*|.*_test\.py|conftest\.py", parts[-1])
    )


def _imports(source: bytes) -> Iterable[str]:
    """Yield the top names that a module imports whatever happens: not in a function, a ``try`` or an ``if``."""
    try:
        body = parse_python(source).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    for statement in body:
        if isinstance(statement, ast.Import):
            yield from (alias.name.split(".")[0] for alias in statement.names)
        elif isinstance(statement, ast.ImportFrom) and not statement.level and statement.module:
            yield statement.module.split(".")[0]
