"""Which fields of a record could be grades. They are never read; this finds their names, so that it can be said."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

_GRADE = re.compile(
    r"""resolved|solved|success|correct|reward|outcome|label|plausible|regression|(?:^|_)grad(?:e|ed|es|ing)(?:_|$)
    |(?:^|_)eval|(?:^|_)gt_|gold|verdict|pass_?to_?|fail_?to_?|^tests?_(?:status|output|patch)$|^report$|^passed$""",
    re.IGNORECASE | re.VERBOSE,
)
_NESTED = ("info", "test_result", "report", "ds", "instance", "metadata", "metrics")
"""Objects in a record that hold grades of their own, or the whole row of a data set."""
_ROWS = ("ds", "instance")


def grade_fields(record: Mapping[str, Any]) -> Iterator[str]:
    """Yield the names of a record's fields that could be grades, or reference patches; nested ones with a dot."""
    for key, value in record.items():
        if _GRADE.search(key):
            yield key
        if key in _NESTED and isinstance(value, Mapping):
            for inner in value:
                if _GRADE.search(str(inner)) or (key in _ROWS and inner == "patch"):
                    yield f"{key}.{inner}"
