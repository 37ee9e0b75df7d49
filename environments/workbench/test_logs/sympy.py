"""Reader of what SymPy's ``bin/test --verbose`` prints: ``test_name ok``, and a ruled title for each failure."""

from __future__ import annotations

from environments.workbench.test_logs.status import Status

_ENDS = {" E": Status.ERROR, " F": Status.FAILED, " ok": Status.PASSED}


def read_sympy(log: str) -> dict[str, Status]:
    """Read every test that the log names; failures appear once more by file, as ``file.py:test``."""
    lines = log.split("\n")
    found = dict.fromkeys((name for line in lines if (name := _failure(line))), Status.FAILED)
    for raw in lines:
        line = raw.strip()
        if line.startswith("test_"):
            for ending, what in _ENDS.items():
                if line.endswith(ending):
                    found[line.split()[0]] = what
    return found


def _failure(line: str) -> str | None:
    """Return the name within ``____ file.py:test ____``: from the first blank to the last, with ``.py:`` in between.

    By hand and not by pattern: one hostile line of a megabyte would keep a pattern busy for hours.
    """
    first, last = line.find(" "), line.rfind(" ")
    dot = line.rfind(".py:", first + 1, last) if first >= 0 else -1
    return line[first + 1 : last] if dot >= 0 else None
