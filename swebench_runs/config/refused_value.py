"""What a message says of a value that a key does not take: in plain words, not in pydantic's."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic_core import ErrorDetails

_MUST = {
    "greater_than": "greater than {gt}",
    "greater_than_equal": "{ge} or more",
    "less_than": "less than {lt}",
    "less_than_equal": "{le} or less",
    "int_parsing": "a whole number",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_parsing": "a number",
    "float_type": "a number",
    "finite_number": "a finite number",
    "bool_parsing": "true or false",
    "bool_type": "true or false",
    "string_type": "a text",
    "literal_error": "{expected}",
    "model_type": "a section, KEY.NAME=VALUE for each of its keys",
    "model_attributes_type": "a section, KEY.NAME=VALUE for each of its keys",
    "dict_type": "a section, KEY.NAME=VALUE for each of its keys",
    "string_pattern_mismatch": "of the form {pattern}",
}
"""Kinds of pydantic's errors -> what the value must be."""


def refused(error: ErrorDetails) -> str:
    """Return ``key: what it must be, not what it is`` of a value that was refused."""
    key = ".".join(str(part) for part in error["loc"])
    if error["type"] == "value_error":
        return f"{key}: {error['ctx']['error']}"
    must = _MUST.get(error["type"])
    if must is None:
        return f"{key}: {error['msg']}{_got(error)}"
    return f"{key} must be {must.replace('KEY', key).format(**error.get('ctx', {}))}{_got(error)}"


def _got(error: ErrorDetails) -> str:
    given = error["input"]
    return " (got these keys)" if isinstance(given, Mapping) else f" (got {given!r})"
