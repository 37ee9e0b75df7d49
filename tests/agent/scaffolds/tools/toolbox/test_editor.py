"""The editor and the shell, in a real sandbox."""

import re

import pytest

from agent.scaffolds.tools.toolbox.editor import EditArguments, Editor
from agent.scaffolds.tools.toolbox.shell import Bash, BashArguments, only_reads


@pytest.fixture
def workspace(bench):
    fork = bench.live()
    yield fork
    fork.close()


@pytest.fixture
def edit(workspace):
    editor = Editor(workspace, 4000)

    def use(command, path="shop/price.py", **more):
        return editor.use(EditArguments(command=command, path=path, **more)).told

    return use


@pytest.fixture
def bash(workspace):
    shell = Bash(workspace, 2000)
    return lambda command, **more: shell.use(BashArguments(command=command, **more)).told


def test_a_replacement_must_be_there_once(edit, workspace):
    assert "is in shop/price.py 2 times, at lines 1, 9" in edit("replace", old_str="def ", new_str="async def ")
    told = edit("replace", old_str="for price in prices[2:]:", new_str="x")
    assert "not in shop/price.py" in told
    assert "for price in prices[1:]:" in told
    assert workspace.diff() == ""
    told = edit("replace", old_str="prices[1:]", new_str="prices")
    assert "     4\t    for price in prices:" in told
    assert "+    for price in prices:" in workspace.diff()


def test_arguments_by_the_names_of_other_editors():
    said = {"command": "str_replace", "file_path": "a.py", "old_string": "x", "new_string": "y"}
    read = EditArguments.model_validate(said)
    assert (read.command, read.path, read.old_str, read.new_str) == ("replace", "a.py", "x", "y")
    assert EditArguments(command="create", path="a.py", content="x").file_text == "x"
    assert {"path", "old_str", "new_str", "file_text"} <= EditArguments.model_json_schema()["properties"].keys()


def test_changes_are_undone_one_after_the_other(edit, workspace):
    edit("replace", old_str="prices[1:]", new_str="prices")
    edit("insert", insert_line=0, new_str="import math")
    assert workspace.read("shop/price.py").startswith(b"import math\ndef total")
    edit("create", path="shop/new.py", file_text="A = 1\n")
    assert edit("undo") == "The last change of shop/price.py is undone: it is as before."
    assert workspace.read("shop/price.py").startswith(b"def total")
    edit("undo")
    edit("undo", path="shop/new.py")
    assert workspace.diff() == ""
    assert "no change of shop/price.py by this tool is left" in edit("undo")


def test_what_something_else_changed_since_is_not_undone(edit, bash, workspace):
    edit("replace", old_str="prices[1:]", new_str="prices")
    bash("echo '# by the shell' >> shop/price.py")
    assert "changed by something else" in edit("undo")
    assert workspace.read("shop/price.py").endswith(b"# by the shell\n")
    bash("sed -i '$d' shop/price.py")
    assert "is as before" in edit("undo", path="/testbed/shop/./price.py")
    edit("create", path="shop/new.py", file_text="A = 1\n")
    bash("rm shop/new.py")
    assert "changed by something else" in edit("undo", path="shop/new.py")
    assert workspace.diff() == ""


def test_line_ends_are_kept(edit, workspace):
    workspace.write("crlf.txt", b"one\r\ntwo\r\nthree\r\n")
    assert "     2\ttwo\n" in edit("view", path="crlf.txt")
    edit("replace", path="crlf.txt", old_str="one\ntwo", new_str="one\n1.5\ntwo")
    edit("insert", path="crlf.txt", insert_line=4, new_str="four\nfive")
    assert workspace.read("crlf.txt") == b"one\r\n1.5\r\ntwo\r\nthree\r\nfour\r\nfive\r\n"


def test_bytes_that_are_not_utf8_are_kept(edit, workspace):
    workspace.write("latin.py", "# Gr\xfc\xdfe\nname = 'x'\n".encode("latin-1"))
    assert "# Gr\xfc\xdfe" in edit("view", path="latin.py")
    edit("replace", path="latin.py", old_str="# Gr\xfc\xdfe\nname = 'x'", new_str="# Gr\xfc\xdfe\nname = '\xe9'")
    assert workspace.read("latin.py") == "# Gr\xfc\xdfe\nname = '\xe9'\n".encode("latin-1")
    assert "has no '\u20ac'" in edit("replace", path="latin.py", old_str="name", new_str="\u20ac")
    workspace.write("b.bin", b"\0\x01\xff")
    assert "not text" in edit("view", path="b.bin")
    assert "is not a text file" in edit("insert", path="b.bin", insert_line=0, new_str="x")


def test_ranges_folders_and_missing_files(edit):
    assert edit("view", view_range=[4, 5]).startswith("shop/price.py, lines 4 to 5 of 10:\n     4\t    for price")
    assert "has 10 lines" in edit("view", view_range=[40, -1])
    assert "shop/price.py" in edit("view", path="shop")
    assert "no file nowhere.py" in edit("view", path="nowhere.py")
    assert edit("replace", path="shop", old_str="a", new_str="b").startswith("Not done: shop")
    with pytest.raises(ValueError, match="replace needs old_str"):
        EditArguments(command="str_replace", path="a")
    with pytest.raises(ValueError, match="two line numbers"):
        EditArguments(command="view", path="a", view_range=[3, 1])


def test_exit_code_and_output_are_told_apart_and_long_ones_by_head_and_tail(bash):
    assert bash("echo out; echo err >&2; exit 3") == "exit code 3\nout\nerr"
    assert bash("true") == "exit code 0\n(no output)"
    told = bash("seq 1 100000")
    assert len(told) < 2300
    assert told.startswith("exit code 0\n1\n2\n")
    assert told.endswith("\n99999\n100000")
    assert re.search(r"of 588,\d{3} characters left out: narrow it", told)


def test_bytes_and_progress_bars_are_made_readable(bash):
    assert bash(r"printf 'a\0b'").endswith("a\\x00b\n[3 bytes in all, not text; use xxd, od or file to look at it]")
    assert bash(r"printf '10%%\r50%%\r\033[31mdone\033[0m\n'") == "exit code 0\ndone"
    assert bash(r"printf 'caf\351'") == "exit code 0\ncaf\xe9"


def test_a_command_that_does_not_end_says_so(bash):
    told = bash("echo begun; sleep 600", timeout=0.5)
    assert told.startswith("begun\n[ended at its limit of 0.5 seconds")
    assert bash("cat") == "exit code 0\n(no output)"


@pytest.mark.parametrize(
    ("command", "reads"),
    [
        ("ls -la; cat a | head -3", True),
        ("cd shop && grep -rn 'x' . 2>/dev/null | wc -l", True),
        ("git diff HEAD && git log -1", True),
        ("sed -n '1,4p' a", True),
        ("sed -i s/a/b/ a", False),
        ("echo 1 > a", False),
        ("find . -delete", False),
        ("cat $(touch a)", False),
        ("python -c 'print(1)'", False),
        ("git stash", False),
        ("sort -o a a", False),
        ("ls & rm a", False),
    ],
)
def test_only_what_plainly_reads_is_taken_to_read(command, reads):
    assert only_reads(command) == reads
