import pytest

from agent.edits import EditError, parse_edit

RAW = b'''import os


@cache
def top(a):
    return a + 1


class Box:
    @property
    def width(self):
        """Width.

        More.
        """
        return self._w

    @width.setter
    def width(self, value):
        text = """
left
"""
        self._w = value

LIMIT = 3
'''


def answer(name, code, path="p.py"):
    return f"The limit is wrong.\n{path}::{name}\n```python\n{code}\n```\n"


def edit(name, code, raw=RAW):
    return parse_edit("symbol", answer(name, code), {"p.py": raw})


def test_a_function_is_replaced_and_nothing_else():
    result = edit("top", "@cache\ndef top(a):\n    return a + 2")
    assert result.files == {"p.py": RAW.replace(b"a + 1", b"a + 2")}
    assert result.notes == ()


@pytest.mark.parametrize("indent", ["", "    ", "  "])
def test_a_method_at_any_indentation(indent):
    code = '@width.setter\ndef width(self, value):\n    text = """\nleft\n"""\n    self._w = int(value)'
    code = "\n".join(indent + line if line not in {"left", '"""'} else line for line in code.split("\n"))
    assert edit("Box.width#2", code).files == {"p.py": RAW.replace(b"self._w = value", b"self._w = int(value)")}


def test_omitted_decorators_are_kept_and_it_says_so():
    result = edit("Box.width", 'def width(self):\n    """Width.\n\n    More.\n    """\n    return 7')
    assert result.files == {"p.py": RAW.replace(b"return self._w", b"return 7")}
    assert result.notes == ("kept the decorators of Box.width",)


def test_changed_decorators_are_the_answers():
    result = edit("top", "@lru_cache(None)\ndef top(a):\n    return a + 1")
    assert result.files == {"p.py": RAW.replace(b"@cache", b"@lru_cache(None)")}


def test_a_method_wrapped_in_its_class_is_taken_out():
    result = edit("Box.width", "class Box:\n    @property\n    def width(self):\n        return 7")
    assert b"        return 7\n\n    @width.setter" in result.files["p.py"]
    assert result.notes == ("took Box.width out of the class it was wrapped in",)


def test_a_variable():
    assert edit("LIMIT", "LIMIT = 4").files == {"p.py": RAW.replace(b"LIMIT = 3", b"LIMIT = 4")}


def test_several_symbols_in_one_answer():
    text = answer("LIMIT", "LIMIT = 4") + answer("top", "@cache\ndef top(a):\n    return a + 2")
    expected = RAW.replace(b"LIMIT = 3", b"LIMIT = 4").replace(b"a + 1", b"a + 2")
    assert parse_edit("symbol", text, {"p.py": RAW}).files == {"p.py": expected}


@pytest.mark.parametrize(
    "raw",
    [
        RAW.replace(b"\n", b"\r\n"),
        b"\xef\xbb\xbf" + RAW,
        RAW.rstrip(b"\n"),
        b"# -*- coding: latin-1 -*-\n# caf\xe9\n" + RAW,
        b"# stray \xff\n" + RAW,
    ],
    ids=["crlf", "bom", "no-final-newline", "latin-1", "stray"],
)
def test_every_other_byte_stays(raw):
    assert edit("LIMIT", "LIMIT = 4", raw).files == {"p.py": raw.replace(b"LIMIT = 3", b"LIMIT = 4")}


def test_tabs_stay_tabs():
    raw = b"class A:\n\tdef f(self):\n\t\treturn 1\n"
    assert edit("A.f", "def f(self):\n    return 2", raw).files == {"p.py": b"class A:\n\tdef f(self):\n\t\treturn 2\n"}


@pytest.mark.parametrize(
    "text,message",
    [
        (answer("top", "@cache\ndef top(a):\n    return a + 1"), "No change"),
        (answer("top", "def other(a):\n    return 1"), "it defines the function other"),
        (answer("top", "class top:\n    pass"), "must define the function top"),
        (answer("top", "def top(a):\n    return 1\n\nprint(top(1))"), "nothing else. It holds 2 statements"),
        (answer("top", "def top(a):\n    return (1"), "not valid Python"),
        (answer("top", "def top(a):\n    x = yield = 1"), "valid Python"),
        (answer("width", "def width(self):\n    return 1"), "Did you mean Box.width or Box.width#2?"),
        (answer("top", "def top(a):\n    return 1", path="q.py"), "There is no file q.py"),
        (answer("top", "def top(a):\n    return 1", path="../p.py"), "There is no file ../p.py"),
        ("I would change top.", "No edit found"),
        ("p.py::top\n```python\ndef top(a):\n", "No edit found"),
        (answer("Box", "class Box:\n    pass") + answer("Box.width", "def width(self): return 1"), "twice"),
    ],
)
def test_what_is_refused_says_what_to_do(text, message):
    with pytest.raises(EditError) as error:
        parse_edit("symbol", text, {"p.py": RAW})
    assert message in error.value.message_for_model


def test_a_character_the_file_cannot_hold():
    raw = b"# -*- coding: latin-1 -*-\n# caf\xe9\nX = 1\n"
    with pytest.raises(EditError, match="encoded in iso-8859-1"):
        edit("X", "X = '\N{SNOWMAN}'", raw)
