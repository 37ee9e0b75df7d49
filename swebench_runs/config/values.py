"""Values that were written down as text, made what their key takes.

What a text looks like decides nothing: ``slice=5`` and ``filter=123`` are texts, since their keys take texts, and
``seed=1e3`` is a number.
"""

from __future__ import annotations

import json
import types
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

_NULL = ("", "null", "~")
_TRUE, _FALSE = ("true", "yes", "on"), ("false", "no", "off")


def written(text: str) -> Any:
    """Return a value after ``key=``: a list or an object of JSON where it begins as one, else the text itself."""
    if text.lstrip()[:1] not in ("[", "{"):
        return text
    try:
        return json.loads(text, parse_int=str, parse_float=str, parse_constant=str)
    except (ValueError, RecursionError):
        return text


def fitted(values: Mapping[str, Any], model: type[BaseModel]) -> dict[str, Any]:
    """Return configuration values with each text made what its field of ``model`` takes.

    What cannot be made that stays as it is, for pydantic to refuse by name.
    """
    fields = model.model_fields
    return {key: _fit(value, fields[key].annotation if key in fields else Any) for key, value in values.items()}


def _fit(value: Any, kind: Any) -> Any:
    kinds = tuple(_kinds(kind))
    if isinstance(value, Mapping):
        model = next((one for one in kinds if isinstance(one, type) and issubclass(one, BaseModel)), None)
        return fitted(value, model) if model else _meant(value) if dict[str, Any] in kinds else dict(value)
    if isinstance(value, list | tuple):
        inner = next((get_args(one)[0] for one in kinds if get_origin(one) is tuple), Any)
        return [_fit(one, inner) for one in value]
    if not isinstance(value, str):
        return value
    if value.strip().lower() in _NULL:
        if type(None) in kinds:
            return None
        if any(isinstance(one, type) and issubclass(one, BaseModel) for one in kinds):
            return {}  # a section of a file whose lines are all commented out
    inside = [inner for one in kinds if get_origin(one) is tuple for inner in _kinds(get_args(one)[0])]
    return value if str in (*kinds, *inside) else _scalar(value, is_bool=bool in kinds)


def _kinds(kind: Any) -> list[Any]:
    """Return the kinds that an annotation takes, unions taken apart; a choice of words takes texts."""
    origin = get_origin(kind)
    if origin is Annotated:
        return _kinds(get_args(kind)[0])
    if origin in (Union, types.UnionType):
        return [inner for one in get_args(kind) for inner in _kinds(one)]
    return [str] if origin is Literal else [kind]


def _meant(value: Any, key: str = "") -> Any:
    """Return values that nobody has described as they look: numbers, truth values; headers are texts."""
    if isinstance(value, Mapping):
        return {inner: _meant(one, f"{key}.{inner}") for inner, one in value.items()}
    if isinstance(value, list):
        return [_meant(one, key) for one in value]
    word = value.strip().lower() if isinstance(value, str) else ""
    if not word or "headers." in key:
        return value
    return _scalar(value, is_bool=word in ("true", "false"))


def _scalar(text: str, *, is_bool: bool) -> Any:
    word = text.strip().lower()
    if is_bool and word in _TRUE + _FALSE:
        return word in _TRUE
    if word in _NULL:
        return None
    for number in (int, float):
        try:
            return number(word)
        except ValueError:
            continue
    return text
