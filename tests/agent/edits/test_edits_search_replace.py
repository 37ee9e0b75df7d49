import pytest

from agent.edits import EditError, parse_edit

RAW = b'''import os


def first(a):
    x = 1
    return a + x


def second(a):
    x = 1
    return a - x


TITLE = """
Name
=======
"""'''
FILES = {"p.py": RAW, "q.py": b"def other():\n    return 0\n", "tests.txt": b"hello"}


def block(search, replace, path="p.py"):
    lines = [path, "<<<<<<< SEARCH", *search, "=======", *replace, ">>>>>>> REPLACE"]
    return "\n".join(lines) + "\n"


def edit(*blocks, files=FILES):
    return parse_edit("search_replace", "The sign is wrong.\n" + "\n".join(blocks), files)


def test_one_block():
    assert edit(block(["    return a - x"], ["    return a * x"])).files == {"p.py": RAW.replace(b"a - x", b"a * x")}


def test_two_blocks_are_matched_against_the_file_as_it_is():
    result = edit(block(["    return a - x"], ["    return a + x"]), block(["    return a + x"], ["    return a - x"]))
    assert result.files == {"p.py": RAW.replace(b"a - x", b"a ? x").replace(b"a + x", b"a - x").replace(b"a ?", b"a +")}


def test_path_in_backticks_and_fences_around():
    text = "**`p.py`**:\n```python\n" + block(["import os"], ["import sys"]).partition("\n")[2] + "```"
    assert edit(text).files == {"p.py": RAW.replace(b"import os", b"import sys")}


def test_the_path_of_the_block_before_holds():
    more = block(["    return a - x"], ["    return a * x"]).partition("\n")[2]
    assert edit(block(["import os"], ["import sys"]), "And the second:\n" + more).files == {
        "p.py": RAW.replace(b"import os", b"import sys").replace(b"a - x", b"a * x")
    }


def test_the_last_line_of_a_file_without_final_newline():
    assert edit(block(['"""'], ['!"""'])).files == {"p.py": RAW[:-3] + b'!"""'}


def test_a_divider_in_the_replacement_is_code():
    result = edit(block(["import os"], ['"""', "Name", "=======", '"""']))
    assert result.files == {"p.py": RAW.replace(b"import os", b'"""\nName\n=======\n"""')}


def test_lines_can_go_and_a_file_can_become_empty():
    assert edit(block(["import os", "", ""], [])).files == {"p.py": RAW.removeprefix(b"import os\n\n\n")}
    assert edit(block(["hello"], [], path="tests.txt")).files == {"tests.txt": b""}


def test_an_empty_search_makes_a_new_file():
    assert edit(block([], ["x = 1"], path="pkg/new.py")).files == {"pkg/new.py": b"x = 1\n"}


@pytest.mark.parametrize(
    "raw",
    [
        RAW.replace(b"\n", b"\r\n"),
        b"\xef\xbb\xbf" + RAW,
        b"# -*- coding: latin-1 -*-\n# caf\xe9\n" + RAW,
        b"# \xff\n" + RAW,
        RAW.replace(b"x = 1\n    return a +", b"x = 1\r\n    return a +"),
    ],
    ids=["crlf", "bom", "latin-1", "stray", "mixed"],
)
@pytest.mark.parametrize("line,new", [(b"import os", b"import re"), (b"    return a - x", b"    return a * x")])
def test_every_other_byte_stays(raw, line, new):
    result = edit(block([line.decode()], [new.decode()]), files={"p.py": raw})
    assert result.files == {"p.py": raw.replace(line, new)}


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_a_file_in_utf_16_stays_one(encoding):
    text = "\ufeffgr\u00fc\u00df = 1\r\nlast = 2\r\n"
    for path in ("p.txt", "q.cs"):
        files = {path: text.encode(encoding)}
        result = edit(block(["gr\u00fc\u00df = 1"], ["gr\u00fc\u00df = 3"], path=path), files=files)
        assert result.files == {path: text.replace("= 1", "= 3").encode(encoding)}


@pytest.mark.parametrize(
    "text,message",
    [
        ("no blocks", "No edit found"),
        (block(["Name", "======="], ["Title", "======="]), "several ======= lines"),
        (block(["    x = 1"], ["    x = 2"]), "matches 2 places of p.py (lines 5, 10)"),
        (block(["    return a-x"], ["    return 1"]), "\n   10|     x = 1\n   11|     return a - x\n   12| \n"),
        (block(["return a - x"], ["return 1"]), "differs in white space only"),
        (block(["zzzzzzzzzzzzzzzzz"], ["y"]), "Nothing like it"),
        (block(["def other():"], ["def mine():"]), "It is in q.py"),
        (block(["import os"], ["import os"]), "No change"),
        (block(["import os"], ["import (os"]), "no longer be valid Python"),
        (block([], ["x = 1"]), "exists already"),
        (block(["a"], ["b"], path="pp.py"), "There is no file pp.py. Near it: p.py"),
        (block(["import os", ""], ["import re", ""]) + block(["", "", "def first(a):"], ["def f(a):"]), "same lines"),
        (block([], ["x"], path="../out.py"), "'..'"),
        (block([], ["x"], path="/etc/out.py"), "relative"),
        (block([], ["x"], path="a/.git/hooks.py"), ".git"),
        (block([], ["x"], path="p.py/new.py"), "p.py is in the way"),
        (block([], ["x (="], path="new.py"), "valid Python"),
        ("p.py\n<<<<<<< SEARCH\nimport os\n=======\nimport re\n", "cut off"),
        ("p.py\n<<<<<<< SEARCH\nimport os\n>>>>>>> REPLACE\n", "no ======= line"),
        ("<<<<<<< SEARCH\nimport os\n=======\nimport re\n>>>>>>> REPLACE\n", "does not say which file"),
        ("p.py\n<<<<<<< SEARCH\nimport os\n<<<<<<< SEARCH\n", "no >>>>>>> REPLACE"),
    ],
)
def test_what_is_refused_says_what_to_do(text, message):
    with pytest.raises(EditError) as error:
        parse_edit("search_replace", text, FILES)
    assert message in error.value.message_for_model
