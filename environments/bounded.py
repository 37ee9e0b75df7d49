"""Bounded reading of what strangers wrote: predictions, rows, settings of a checkout, what comes out of a sandbox.

The one place where such bytes become values. Files are regular ones (a pipe would wait, a device has no end) and of so
many bytes; JSON and YAML are counted before anything is made of them, since a byte of either can cost a hundred of
memory, and an alias or a merge key of YAML stands for all that it repeats. Reports of tests are streamed
(``workbench.suites.junit``), names beneath a folder are ``trees.beneath``'s.
"""

from __future__ import annotations

import json
import os
import re
import stat
import tomllib
from pathlib import Path
from typing import Any, BinaryIO

import yaml

from environments.errors import DataError

VALUE_BYTES = 64 << 20
"""Of one JSON value: a row, a prediction, a document. The largest row of SWE-bench has under a 200th of it."""
VALUES = 2_000_000
"""Values in one, by its commas and opening brackets; those in texts count too."""
YAML_VALUES, YAML_DEPTH = 100_000, 64
"""Values in a YAML document, each alias counted as all that it stands for; and how deep they may lie in one another."""
_NUMBER = re.compile(r"[-+.:\w]+")
NUMBER = 1000
"""Characters of a number: Python cannot write one of over 4,300 digits, and YAML reads base 60 by the square."""
TOML_PARTS = 64
"""Parts of a dotted key, for which Python's parser takes time by the square."""
_TOML = re.compile(
    r'"""(?:\\.|[^\\])*?(?:"""|\Z)'
    r"|'''.*?(?:'''|\Z)"
    r'|"(?:\\.|[^"\\\n])*+"?'
    r"|'[^'\n]*+'?"
    r"|#[^\n]*+|[.\n=,{}\[\]]",
    re.DOTALL,
)
"""Strings and comments of a TOML document, which may be cut off, and what parts it."""
SAFE_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""By libyaml where PyYAML was built with it, as its wheels are: the other takes a minute for what this reads in one
second."""


class TooLarge(DataError, ValueError):
    """What was to be read is larger, deeper, or of more parts than anybody needs. One line."""


def open_regular(path: Path) -> BinaryIO:
    """Open a regular file, behind links too: who names a path chooses where it leads, but may be led to a pipe.

    Raises OSError where it cannot be opened, and TooLarge for what is no regular file.
    """
    if not stat.S_ISREG(path.stat().st_mode):
        raise TooLarge("is no regular file")
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    file = os.fdopen(descriptor, "rb")
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):  # exchanged meanwhile
        file.close()
        raise TooLarge("is no regular file")
    return file


def read_regular(path: Path, *, at_most: int) -> bytes:
    """Return a regular file's bytes. Raises as ``open_regular``, and TooLarge for more bytes than that."""
    with open_regular(path) as file:
        content = file.read(at_most + 1)
    if len(content) > at_most:
        raise TooLarge(f"holds over {at_most:,} bytes")
    return content


def json_value(text: str | bytes, *, at_most: int = VALUE_BYTES) -> Any:
    """Return the value of a JSON text. ValueError for what is none, TooLarge (which is one) for what has no measure."""
    if len(text) > at_most:
        raise TooLarge(f"holds over {at_most:,} bytes")
    assert_few_values(text)
    try:
        return json.loads(text)
    except RecursionError:
        raise TooLarge("is nested too deep") from None


def assert_few_values(text: str | bytes, at_most: int = VALUES) -> None:
    """Raise TooLarge for JSON, or lines of it, of more values than that."""
    marks = [text.count(mark) for mark in ",[{"] if isinstance(text, str) else [text.count(mark) for mark in b",[{"]
    if sum(marks) > at_most:
        raise TooLarge(f"holds over {at_most:,} values")


def yaml_value(text: str, loader: Any = SAFE_LOADER) -> Any:
    """Return the value of a YAML document; None for an empty one.

    Raises ValueError, in one line, for what is no YAML, and TooLarge, which is one, for what has no measure.
    """
    try:
        _assert_small(text)
        return yaml.load(text, loader)
    except TooLarge:
        raise
    except (yaml.YAMLError, ValueError, LookupError, AttributeError, TypeError, OverflowError) as error:
        # All but the first come of values that are not what their tags say, which the parser does not foresee.
        raise ValueError(f"is not valid YAML: {' '.join(str(error).split())[:200]}") from None


def toml_value(text: str) -> dict[str, Any]:
    """Return the values of a TOML document. Raises as ``yaml_value`` does."""
    parts = 1
    for found in _TOML.finditer(text):
        if found[0] == ".":
            parts += 1
        elif len(found[0]) == 1 and found[0] not in "\"'#":
            parts = 1
        if parts > TOML_PARTS:
            raise TooLarge(f"has a key of over {TOML_PARTS} parts")
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise TooLarge("is nested too deep") from None
    except ValueError as error:  # a number of thousands of digits, too
        raise ValueError(f"is not valid TOML: {error}") from None


def _assert_small(text: str) -> None:
    """Raise TooLarge for a document of too many values once its aliases are followed, or too deep; YAMLError."""
    anchors: dict[str, int] = {}
    open_values: list[list[Any]] = []  # of each that is open: its anchor, and its values so far
    for event in yaml.parse(text, SAFE_LOADER):
        closed: tuple[str | None, int] | None = None
        if isinstance(event, yaml.AliasEvent):
            if any(anchor == event.anchor for anchor, _ in open_values):
                raise yaml.YAMLError(f"&{event.anchor} holds itself")
            closed = None, anchors.get(str(event.anchor), 1)
        elif isinstance(event, yaml.ScalarEvent):
            if len(event.value) > NUMBER and (event.tag or event.implicit[0]) and _NUMBER.fullmatch(event.value):
                raise TooLarge(f"holds a number of over {NUMBER:,} characters")
            closed = event.anchor, 1
        elif isinstance(event, yaml.CollectionStartEvent):
            open_values.append([event.anchor, 1])
        elif isinstance(event, yaml.CollectionEndEvent):
            anchor, count = open_values.pop()
            closed = anchor, count
        if closed:
            anchor, count = closed
            if anchor is not None:
                anchors[anchor] = count
            if open_values:
                open_values[-1][1] += count
        if open_values and open_values[-1][1] > YAML_VALUES:
            raise TooLarge(f"holds over {YAML_VALUES:,} values")
        if len(open_values) > YAML_DEPTH:
            raise TooLarge("is nested too deep")
