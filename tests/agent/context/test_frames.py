"""Imports, class heads and module-level code around what is shown; named files that are not Python."""

from agent.context import build_context

SOURCE = '''"""About shapes."""
import os
from math import (
    pi,
)

SCALE = 3
os.environ.setdefault("SHAPES", "1")


class Shape:
    """A shape."""

    sides = 4

    def area(self):
        return self.side_length * pi

    def stranger(self):
        return os.sep
'''.replace("        return os.sep\n", "        return os.sep\n" * 400)
FILES = {"shapes.py": SOURCE.encode(), "docs/index.rst": b"Shapes\n", "logo.rst": b"\0", "other.toml": b"x = 1\n"}


def test_what_an_edit_of_a_method_needs_stands_around_it():
    text = build_context("`area` is wrong", FILES, budget_tokens=8000).text
    around = text[text.index("Around these") :]
    assert "import os\nfrom math import (\n    pi,\n)\n" in around
    assert 'os.environ.setdefault("SHAPES", "1")\n' in around
    assert 'class Shape:\n    """A shape."""\n' in around
    assert "SCALE = 3" in text
    assert "    sides = 4" in text
    assert "def stranger" not in around


def test_a_small_context_holds_definitions_alone():
    assert "Around these" not in build_context("`area` is wrong", FILES, budget_tokens=4000).text


def test_a_named_file_that_is_not_python_is_shown_and_no_other():
    text = build_context("`area` is wrong, docs/index.rst says so, logo.rst too", FILES, budget_tokens=8000).text
    assert "docs/index.rst\n```\nShapes\n" in text
    assert "other.toml" not in text
    assert "logo.rst" not in text
