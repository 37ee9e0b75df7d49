"""Several parts of an answer: all refusals at once, what fitted is kept; files that are removed, moved, not Python."""

import pytest

from agent.edits import EditError, parse_edit
from environments.workbench.forks.tree_contents import TreeContents

PY = "".join(f"def f{n}(a):\n    return a + {n}\n\n\n" for n in range(20)).encode()
TREE = {"m.py": PY, "doc/index.rst": b"Title\n=====\n\nText\n", "Makefile": b"all:\n\techo\n", "logo.png": b"\x89P\0NG"}
FILES = TreeContents([*TREE, "link.py", "vendored"], TREE, TREE.__getitem__, {"link.py": "a symbolic link"})


def block(search, replace, path="m.py"):
    return f"{path}\n<<<<<<< SEARCH\n{search}\n=======\n{replace}\n>>>>>>> REPLACE\n"


def edit(answer, kept=(), format="search_replace"):
    return parse_edit(format, answer, FILES, kept).files


def refusal(answer, kept=()):
    with pytest.raises(EditError) as error:
        edit(answer, kept)
    return error.value


GOOD = block("    return a + 3", "    return a - 3")
BAD = block("    return a+7", "    return a - 7")


def test_all_refusals_are_told_at_once_with_numbered_lines_and_what_fitted_is_kept():
    error = refusal(GOOD + BAD + block("def f12(b):", "def f12(c):"))
    assert "2 of 3 parts" in error.message_for_model
    assert "   30|     return a + 7\n" in error.message_for_model
    assert "   49| def f12(a):\n" in error.message_for_model
    shown = [line for line in error.message_for_model.split("\n") if line[5:7] == "| "]
    assert len(shown) == 30
    assert [one.path for one in error.kept] == ["m.py"]


def test_the_next_answer_holds_only_what_was_refused():
    kept = refusal(GOOD + BAD).kept
    after = PY.replace(b"a + 3", b"a - 3").replace(b"a + 7", b"a - 7")
    mended = block("    return a + 7", "    return a - 7")
    assert edit(mended, kept) == {"m.py": after}
    assert edit(GOOD + mended, kept) == {"m.py": after}


def test_a_new_part_stands_above_a_kept_one_and_start_over_drops_all():
    kept = refusal(GOOD + BAD).kept
    other = block("    return a + 3", "    return 3")
    assert edit(other, kept) == {"m.py": PY.replace(b"a + 3", b"3")}
    new = block("    return a + 5", "    return 5")
    assert edit(f"START OVER\n{new}", kept) == {"m.py": PY.replace(b"a + 5", b"5")}


def test_an_answer_that_cannot_be_read_at_all_loses_nothing():
    kept = refusal(GOOD + BAD).kept
    assert refusal("Hm.", kept).kept == kept
    assert refusal(GOOD.replace("=======", ""), kept).kept == kept


def test_a_file_that_would_no_longer_parse_costs_its_own_blocks_alone():
    error = refusal(block("    return a + 3", "    return (") + block("Text", "Words", "doc/index.rst"))
    assert "no longer be valid Python" in error.message_for_model
    assert [one.path for one in error.kept] == ["doc/index.rst"]


def test_files_that_are_not_python_are_edited():
    changed = edit(block("Text", "Words", "doc/index.rst") + block("\techo", "\techo hi", "Makefile"))
    assert changed == {"doc/index.rst": b"Title\n=====\n\nWords\n", "Makefile": b"all:\n\techo hi\n"}


@pytest.mark.parametrize("format", ["search_replace", "whole_file"])
def test_files_are_removed_and_moved(format):
    assert edit("It goes.\n\nDELETE `Makefile`\n", format=format) == {"Makefile": None}
    assert edit("RENAME m.py -> pkg/m.py", format=format) == {"m.py": None, "pkg/m.py": PY}


def test_a_moved_file_is_changed_under_its_new_path():
    changed = edit("RENAME m.py -> n.py\n" + block("    return a + 3", "    return 3", "n.py"))
    assert changed == {"m.py": None, "n.py": PY.replace(b"a + 3", b"3")}


@pytest.mark.parametrize(
    "answer, message",
    [
        (block("x", "y", "link.py"), "a symbolic link"),
        (block("", "y", "link.py/new.py").replace("SEARCH\n\n", "SEARCH\n"), "a symbolic link"),
        (block("NG", "y", "logo.png"), "binary"),
        ("DELETE link.py", "a symbolic link"),
        ("DELETE nothing.py", "no file nothing.py"),
        ("DELETE ../../etc/passwd", "'..'"),
        ("RENAME m.py -> ../m.py", "'..'"),
        ("RENAME m.py -> .git/hooks/m.py", ".git"),
        ("RENAME m.py -> Makefile", "there is a file of that name"),
        ("DELETE m.py\nRENAME m.py -> n.py", "twice"),
        ("DELETE m.py\n" + GOOD, "cannot be changed too"),
    ],
)
def test_no_way_out_of_the_tree_and_nothing_twice(answer, message):
    assert message in refusal(answer).message_for_model


def test_a_diff_is_read_where_its_lines_stand_whatever_its_numbers():
    diff = (
        "```diff\ndiff --git a/m.py b/m.py\n--- a/m.py\n+++ b/m.py\n@@ -99,1 +99,1 @@ def f3(a):\n def f3(a):\n"
        "-    return a + 3\n+    return 3\n@@ ... @@\n-    return a + 5\n+    return 5\n"
        "--- /dev/null\n+++ b/new.txt\n@@ -0,0 +1 @@\n+hello\n"
        "--- a/Makefile\n+++ /dev/null\n@@ -1,2 +0,0 @@\n-all:\n```\n"
    )
    changed = {"m.py": PY.replace(b"a + 3", b"3").replace(b"a + 5", b"5"), "new.txt": b"hello\n", "Makefile": None}
    assert edit(diff.replace("@@ ... @@", "@@")) == changed


def test_a_diff_that_does_not_fit_is_refused_like_blocks():
    error = refusal("--- a/m.py\n+++ b/m.py\n@@ -13,2 +13,2 @@\n def f3(b):\n-    return a + 3\n+    return 3\n")
    assert "   13| def f3(a):" in error.message_for_model


def test_the_number_of_a_hunk_tells_equal_places_apart_and_nothing_else():
    files = {"twice.py": b"a = 1\nb = 2\n\na = 1\nb = 2\n"}
    hunk = "--- a/twice.py\n+++ b/twice.py\n@@ -{},2 +{},2 @@\n a = 1\n-b = 2\n+b = 3\n"
    placed = parse_edit("search_replace", hunk.format(4, 4), files)
    assert placed.files == {"twice.py": b"a = 1\nb = 2\n\na = 1\nb = 3\n"}
    with pytest.raises(EditError, match="matches 2 places"):
        parse_edit("search_replace", hunk.format(9, 9), files)


def test_a_diff_moves_a_file_and_changes_it_under_its_new_path():
    diff = (
        "diff --git a/m.py b/pkg/m.py\nsimilarity index 98%\nrename from m.py\nrename to pkg/m.py\n"
        "--- a/m.py\n+++ b/pkg/m.py\n@@ -13,2 +13,2 @@\n def f3(a):\n-    return a + 3\n+    return 3\n"
    )
    assert edit(diff) == {"m.py": None, "pkg/m.py": PY.replace(b"a + 3", b"3")}
    assert edit("diff --git a/m.py b/n.py\nrename from m.py\nrename to n.py\n") == {"m.py": None, "n.py": PY}
