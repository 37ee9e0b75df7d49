"""Reader of what Django's ``runtests.py`` prints under ``--verbosity 2``: ``test (case) ... ok``, often interrupted."""

from __future__ import annotations

import re
from collections.abc import Iterator

from environments.workbench.test_logs.status import Status

_OK = (" ... ok", " ... OK", " ...  OK")
_ENDS = {" ... FAIL": Status.FAILED, " ... ERROR": Status.ERROR}
_STARTS = {"FAIL:": Status.FAILED, "ERROR:": Status.ERROR}
_VERSION = "--version is equivalent to version"
_MIGRATION = "Applying sites.0002_alter_domain_unique...test_no_migrations"
"""What a migration prints before the name of the test that follows on the same line (django-7188)."""

_TESTING = re.compile(r"^(.*?)\s\.\.\.\sTesting against Django installed in ", re.MULTILINE)
_SILENCED = re.compile(r" silenced\)\.\nok$", re.MULTILINE)
_SERVER_ERROR = re.compile(r"^(.*?)\s\.\.\.\sInternal Server Error: /", re.MULTILINE)
_PAGE = re.compile(r"/\nok$", re.MULTILINE)
_SYSTEM_CHECK = re.compile(r"^(.*?)\s\.\.\.\sSystem check identified no issues \(0 silenced\)\nok$", re.MULTILINE)


def read_django(log: str) -> dict[str, Status]:
    """Read every test that the log names; one interrupted by other output has passed if ``ok`` follows it."""
    found: dict[str, Status] = {}
    last_named: str | None = None
    for raw in log.split("\n"):
        line = raw.strip()
        if _VERSION in line:
            found[_VERSION] = Status.PASSED
        if " ... " in line:
            last_named = line.split(" ... ")[0]
        for ending in _OK:
            if line.endswith(ending):
                if line.startswith(_MIGRATION):
                    line = line.split("...", 1)[-1].strip()
                found[line.rsplit(ending, 1)[0]] = Status.PASSED
                break
        found.update(_not_passed(line))
        if line.startswith("ok") and last_named is not None:
            found[last_named] = Status.PASSED
    found.update(dict.fromkeys(_over_several_lines(log), Status.PASSED))
    return found


def _not_passed(line: str) -> Iterator[tuple[str, Status]]:
    if " ... skipped" in line:
        yield line.split(" ... skipped")[0], Status.SKIPPED
    for ending, start in zip(_ENDS, _STARTS, strict=True):
        if line.endswith(ending):
            yield line.split(ending)[0], _ENDS[ending]
        if line.startswith(start) and len(words := line.split()) > 1:
            yield words[1], _STARTS[start]


def _over_several_lines(log: str) -> Iterator[str]:
    """Yield the tests whose ``ok`` stands some lines below their name, behind what they printed.

    In steps that only go forward: a pattern for the whole would be tried anew from every place in a hostile log.
    """
    position = 0
    while (name := _TESTING.search(log, position)) and (end := _SILENCED.search(log, name.end())):
        yield name[1]
        position = end.end()
    for name in _SERVER_ERROR.finditer(log):
        line_end = log.find("\n", name.end())
        if line_end > name.end() and _PAGE.match(log, line_end - 1):
            yield name[1]
    yield from (name[1] for name in _SYSTEM_CHECK.finditer(log))
