import pytest

from agent.context import symbols_of

SOURCE = b'''"""Doc."""
import os

LIMIT: int = 3
plain: str


@deco(1)
class Box(Base):
    size = 1

    @property
    def width(self) -> int:
        return 1

    @width.setter
    def width(self, value):
        def check(v):
            return v
        self.x = check(value)  # kept

    async def load(
        self,
        x,
    ): return x


try:
    def helper(): return 1
except ImportError:
    def helper(): return 2
a = 1; b = 2
'''


def test_finds_every_kind_of_definition_by_qualified_name():
    symbols = {s.name: s for s in symbols_of("p.py", SOURCE)}
    assert {name: s.kind for name, s in symbols.items()} == {
        "LIMIT": "variable",
        "Box": "class",
        "Box.size": "variable",
        "Box.width": "method",
        "Box.width#2": "method",
        "Box.width#2.check": "function",
        "Box.load": "method",
        "helper": "function",
        "helper#2": "function",
    }
    assert symbols["Box.width"].source.startswith("    @property\n    def width(self)")
    assert symbols["Box.width#2"].source.endswith("self.x = check(value)  # kept")
    assert symbols["Box.width#2"].header == "    @width.setter\n    def width"
    assert symbols["Box.load"].signature == "async def load( self, x, )"
    assert symbols["Box"].line == 8
    assert symbols["Box"].id == "p.py::Box"
    assert symbols["Box"].encloses(symbols["Box.load"])


@pytest.mark.parametrize(
    "raw",
    [
        SOURCE,
        SOURCE.replace(b"\n", b"\r\n"),
        b"\xef\xbb\xbf" + SOURCE,
        b"# -*- coding: latin-1 -*-\n# \xe9\n" + SOURCE,
        b"# \xff\xfe stray bytes\n" + SOURCE,
    ],
    ids=["plain", "crlf", "bom", "latin-1", "stray"],
)
def test_same_symbols_whatever_the_bytes(raw):
    symbols = symbols_of("p.py", raw)
    assert [(s.name, s.source) for s in symbols] == [(s.name, s.source) for s in symbols_of("p.py", SOURCE)]


def test_offsets_are_of_the_first_and_past_the_last_byte():
    raw = "é = 1\n\nclass A:\n    def f(self):\n        return 'ü'\n".encode()
    method = next(s for s in symbols_of("p.py", raw) if s.name == "A.f")
    assert raw[method.start : method.end].decode() == method.source == "    def f(self):\n        return 'ü'"


def test_a_syntax_error_leaves_the_other_symbols():
    names = [
        s.name for s in symbols_of("p.py", b"def good():\n    return 1\n\ndef bad(:\n\ndef fine():\n    return 2\n")
    ]
    assert "good" in names
    assert "fine" in names


def test_definition_at_the_first_byte_of_a_bom_file():
    raw = b"\xef\xbb\xbfdef f():\n    return 1\n"
    (symbol,) = symbols_of("p.py", raw)
    assert symbol.start == 3
    assert symbol.source == "def f():\n    return 1"
