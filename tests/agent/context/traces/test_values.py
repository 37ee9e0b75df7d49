"""Values are shown without a word of their own classes' code."""

import importlib.util
from pathlib import Path

import pytest

import agent.context.traces.inside as inside

PATH = Path(inside.__file__).with_name("runoff_values.py")


@pytest.fixture(scope="module")
def values():
    spec = importlib.util.spec_from_file_location("runoff_values", PATH)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Hostile:
    """Everything that could be called says so."""

    called = False

    def __init__(self):
        self.inner = [1, self]

    def _said(self, *_):
        Hostile.called = True
        raise AssertionError("foreign code ran")

    __repr__ = __str__ = __eq__ = __hash__ = __len__ = __iter__ = __getattr__ = __bool__ = __format__ = _said


class Disguised(Hostile):
    __slots__ = ()
    __dict__ = property(Hostile._said)
    __class__ = property(Hostile._said)

    def __init__(self):
        pass


class OwnList(list):
    __iter__ = __len__ = __repr__ = Hostile._said


@pytest.mark.parametrize(
    "value, text",
    [
        ((1,), "(1,)"),
        ([3, "a", None], "[3, 'a', None]"),
        ({"a": {1: [2]}}, "{'a': {1: [...]}}"),
        (1 << 300, "<int of 301 bits>"),
        ("x" * 200, f"{'x' * 80!r}... (200 long)"),
        (list(range(50)), "[0, 1, 2, 3, 4, 5, ... (50 long)]"),
        (OwnList([1]), "OwnList()"),
        (int, "<class int>"),
        (len, "<function len>"),
    ],
)
def test_values_are_short(values, value, text):
    assert values.shown(value) == text


def test_no_code_of_a_values_class_is_run(values):
    hostile, disguised = Hostile(), Disguised()
    shown = values.shown([hostile, {1: disguised}])
    assert shown == "[Hostile(inner=[...]), {1: <Disguised>}]"
    assert values.arguments_of(ValueError(hostile, 2)) == ["Hostile(inner=[1, Hostile(...)])", "2"]
    assert not Hostile.called
