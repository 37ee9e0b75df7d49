import pytest

from agent.edits import EditError, parse_edit

FILES = {"pkg/p.py": b"x = 1\ny = 2\n"}


def edit(text, files=FILES):
    return parse_edit("whole_file", text, files).files


def answer(text, path="pkg/p.py"):
    return f"The number is wrong.\n\n**{path}**\n```python\n{text}```\n"


def test_a_file_is_replaced():
    assert edit(answer("x = 3\n")) == {"pkg/p.py": b"x = 3\n"}


def test_a_new_file_beside_an_unchanged_one():
    assert edit(answer("x = 1\ny = 2\n") + answer("z = 1\n", "pkg/new.py")) == {"pkg/new.py": b"z = 1\n"}


@pytest.mark.parametrize(
    "before,after",
    [
        (b"x = 1\r\ny = 2\r\n", b"x = 1\r\ny = 3\r\n"),
        (b"x = 1\ny = 2", b"x = 1\ny = 3"),
        (b"\xef\xbb\xbfx = 1\ny = 2\n", b"\xef\xbb\xbfx = 1\ny = 3\n"),
    ],
)
def test_line_ends_mark_and_missing_newline_are_kept(before, after):
    assert edit(answer("x = 1\ny = 3\n"), {"pkg/p.py": before}) == {"pkg/p.py": after}


@pytest.mark.parametrize(
    "text,message",
    [
        ("```python\nx = 3\n```\n", "No edit found"),
        (answer("x = 1\ny = 2\n"), "No change"),
        (answer(""), "is empty"),
        (answer("x = (\n"), "valid Python"),
        (answer("x = 3\n") * 2, "twice"),
        (answer("x = 3\n", "../p.py"), "'..'"),
        (answer("x = 3\n", ".git/config"), ".git"),
    ],
)
def test_what_is_refused_says_what_to_do(text, message):
    with pytest.raises(EditError) as error:
        edit(text)
    assert message in error.value.message_for_model
