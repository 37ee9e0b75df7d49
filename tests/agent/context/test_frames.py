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
LONG = 'os.environ.setdefault("A_RATHER_LONG_NAME_OF_A_SETTING", "and a value that is long as well")\n'
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


def test_a_tiny_context_holds_definitions_alone():
    assert "Around these" not in build_context("`area` is wrong", FILES, budget_tokens=1900).text


def test_where_not_all_of_it_fits_a_file_shows_its_imports():
    files = {"shapes.py": SOURCE.replace("import os\n", "import os\n" + LONG * 100).encode()}
    text = build_context("`area` is wrong", files, budget_tokens=2400).text
    around = text[text.index("Around these") :]
    assert around.endswith("shapes.py\n```\n...\nimport os\n...\nfrom math import (\n    pi,\n)\n```\n\n")


def test_blank_lines_between_two_that_are_shown_stand_there_and_a_context_keeps_to_its_budget():
    context = build_context("`area` is wrong", FILES, budget_tokens=2400)
    assert 'os.environ.setdefault("SHAPES", "1")\n\n\nclass Shape:' in context.text
    assert context.tokens <= 2400


def test_a_named_file_that_is_not_python_is_shown_and_no_other():
    text = build_context("`area` is wrong, docs/index.rst says so, logo.rst too", FILES, budget_tokens=8000).text
    assert "docs/index.rst\n```\nShapes\n" in text
    assert "other.toml" not in text
    assert "logo.rst" not in text
