"""Looks at the lines that a change adds to source files, and says which of the signs they bear."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import PurePosixPath

from agent.patch import Change, PatchError, Section, is_test_path, sections
from agent.suspicion.signs import SIGNS, Sign

_CODE = frozenset({".py", ".pyx", ".pyi", ".pxd", ""})
_BINARY = frozenset({".so", ".pyd", ".pyc", ".pyo", ".dll", ".dylib", ".whl", ".egg", ".zip"})
_RUNNERS = ("_pytest/", "pytest/", "django/test/", "sympy/testing/", "sympy/utilities/runtests", "unittest/", "nose/")
_STRING = re.compile(r"""(?<![\w"'])[rbufRBUF]{0,2}("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')""")
_COMMENT = re.compile(r"#.*$", re.MULTILINE)
_DOCUMENTATION = re.compile(r'("""|\'\'\').*?(\1|\Z)', re.DOTALL)
_IMPORT = re.compile(r"^[ \t]*import (.*\bas\b.*)$", re.MULTILINE)
_MODULES = r"(sys|os|gc|builtins|inspect|unittest|threading|atexit|ctypes|signal)"
_ALIAS = re.compile(rf"^[ \t]*(?P<other>\w+) = (?P<module>{_MODULES})[ \t]*$", re.MULTILINE)
_NAME = re.compile(r"(?<![\w.])[^\W\d]\w*(?=\s*[.,)])")
_OTHER_NAME = re.compile(rf"\b{_MODULES} as (\w+)")
MOST = 2_000_000
"""Characters of a change that are looked at; one with more of them is none that a repair needs."""
_TOO_LONG = (f"is longer than {MOST} characters",)

Lines = tuple[str, str, str]
"""A file's path, the lines that a change adds to it, those that it takes away."""


def suspicions(patch: str) -> tuple[str, ...]:
    """Return what a unified diff adds that no repair needs, in words; empty for a clean one.

    What the change takes away is not held against it: a line that is only moved or edited bears no sign.
    """
    if len(patch) > MOST:
        return _TOO_LONG
    try:
        parts = sections(patch) if patch.strip() else ()
    except PatchError:
        return ("cannot be read as a diff",)
    return _of_all(_lines(part) for part in parts)


def suspicions_of(change: Change) -> tuple[str, ...]:
    """Return the same of a change that was read already, in less time: ``runoff select`` looks at thousands."""
    files = [
        (
            file.path,
            "\n".join(line for block in file.blocks for line in block.added),
            "\n".join(line for block in file.blocks for line in block.removed),
        )
        for file in change.source
    ]
    if sum(len(added) + len(removed) for _, added, removed in files) > MOST:
        return _TOO_LONG
    return _of_all(files)


def _lines(part: Section) -> Lines:
    added = "\n".join(line.value for hunk in part.parsed for line in hunk if line.is_added)
    removed = "\n".join(line.value for hunk in part.parsed for line in hunk if line.is_removed)
    return part.path, added, removed


def _of_all(files: Iterable[Lines]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(told for file in files for told in _borne(*file)))


def _borne(path: str, added: str, removed: str) -> list[str]:
    suffix = PurePosixPath(path).suffix
    if suffix in _BINARY:
        return ["brings compiled code"]
    if suffix not in _CODE or is_test_path(path):
        return []
    runner = any(f"/{folder}" in f"/{path}" for folder in _RUNNERS)
    added = _unmasked(added)
    signs = [sign for sign in SIGNS if (sign.by_runners or not runner) and sign.hinted(added)]
    if not signs:
        return []
    removed = _unmasked(removed)
    texts = {True: (_raw(added), _raw(removed)), False: (_code(added), _code(removed))}
    return [sign.told for sign in signs if _more(sign, *texts[sign.strings])]


def _unmasked(text: str) -> str:
    """Call modules by their own names where a line imports them under another one, or gives them one."""
    own = {other: module for line in _IMPORT.findall(text) for module, other in _OTHER_NAME.findall(line)}
    own |= {found["other"]: found["module"] for found in _ALIAS.finditer(text)}
    return _NAME.sub(lambda found: own.get(found[0], found[0]), text) if own else text


def _more(sign: Sign, added: str, removed: str) -> bool:
    found = sum(1 for _ in sign.pattern.finditer(added))
    return found > 0 and found > sum(1 for _ in sign.pattern.finditer(removed))


def _raw(text: str) -> str:
    """Leave out comments and documentation, which do nothing."""
    return _COMMENT.sub("", _DOCUMENTATION.sub('""', text))


def _code(text: str) -> str:
    """Leave out the text of strings too."""
    return _COMMENT.sub("", _STRING.sub('""', _DOCUMENTATION.sub('""', text)))
