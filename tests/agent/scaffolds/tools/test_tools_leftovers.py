"""What commands leave behind stays out of the patch, and the model is told before it hands in."""

import pytest
from tools_driver import RIGHT, SUBMIT, bash, called, edit

from agent.models.contract import Choice
from agent.patch import sections
from agent.scaffolds.tools.leftovers import leftovers, path_in_tree

BASE = {
    "setup.py": b"setup(package_data={'shop': ['table.json']})\n",
    "shop/__init__.py": b"from shop.price import total\n",
    "shop/price.py": b"VALUE = 1\n",
    "shop/commands/one.py": b"",
    "changes/1.bugfix.rst": b"",
}


def new(path, text="x\n"):
    lines = "".join(f"+{line}\n" for line in text.splitlines())
    header = f"diff --git a/{path} b/{path}\nnew file mode 100644\n--- /dev/null\n+++ b/{path}\n"
    return f"{header}@@ -0,0 +1,{len(text.splitlines())} @@\n{lines}"


CHANGED = (
    "diff --git a/shop/price.py b/shop/price.py\n--- a/shop/price.py\n+++ b/shop/price.py\n"
    "@@ -1 +1 @@\n-VALUE = 1\n+{}\n"
)
BINARY = (
    "diff --git a/shop/blob.py b/shop/blob.py\nnew file mode 100644\nindex 0000000..6b5f2d7\nGIT binary patch\n"
    "literal 4\nLcmZQzWMT#Y01f~L\n\nliteral 0\nHcmV?d00001\n\n"
)


@pytest.mark.parametrize(
    ("parts", "left"),
    [
        ([new("debug.txt"), new("note.py")], ["debug.txt", "note.py"]),
        ([new("dist/shop-1.tar.gz"), new("notes/plan.md")], ["dist/shop-1.tar.gz", "notes/plan.md"]),
        ([new("shop/out.json"), new("shop/core.so"), BINARY], ["shop/out.json", "shop/core.so", "shop/blob.py"]),
        ([new("shop/rates.py"), new("shop/commands/two.py"), new("changes/2.bugfix.rst"), new("tox.ini")], []),
        ([new("shop/sub/__init__.py"), new("shop/sub/deep.py")], []),
        ([new("shop/table.json")], []),
        ([new("rates.py"), CHANGED.format("from rates import RATE")], []),
        ([new("rates.py"), CHANGED.format("import_module('rates')")], []),
        ([new("rates.py"), CHANGED.format("overrates = 2")], ["rates.py"]),
        ([new("rates.py"), new("tests/test_rates.py", "import rates\n")], []),
        ([new("extra/__init__.py"), new("extra/a.py"), CHANGED.format("from extra.a import b")], []),
        ([new("note.py", "import other\n"), new("other.py", "import note\n")], ["note.py", "other.py"]),
        ([new("one.py", "import two\n"), new("two.py"), CHANGED.format("import one")], []),
        ([new(f"f{n}.txt") for n in range(60)], [f"f{n}.txt" for n in range(60)]),
        ([CHANGED.format("VALUE = 2")], []),
    ],
)
def test_a_new_file_stays_where_its_kind_stands_or_something_refers_to_it(parts, left):
    assert leftovers(sections("".join(parts)), BASE, edited=(), kept=()) == left


def test_what_the_editor_wrote_or_the_model_keeps_stays_but_no_build():
    parts = sections(new("debug.txt") + new("note.py") + new("dist/page.txt"))
    assert leftovers(parts, BASE, edited={"note.py", "dist/page.txt"}, kept=()) == ["debug.txt", "dist/page.txt"]
    assert leftovers(parts, BASE, edited=(), kept={"debug.txt", "dist/page.txt"}) == ["note.py"]
    assert path_in_tree("/testbed/./a/../note.py") == path_in_tree("note.py") == "note.py"


def test_leftovers_are_told_before_the_change_is_handed_in_and_one_may_be_kept(drive):
    mess = bash(
        "echo 1 > debug.txt; echo 2 > note.py; mkdir dist; head -c 99 /dev/zero > dist/a.bin; cp note.py mine.py"
    )
    made = edit("create", path="/testbed/own.py", file_text="A = 1\n")
    hidden = bash("echo '*.secret' > .gitignore; echo '*.py' > .git/info/exclude; echo 3 > a.secret")
    keep = ("submit", {"keep": ["mine.py", "nothing.py"]})
    trajectory = drive([called(RIGHT, made, mess, hidden), called(SUBMIT), called(keep), called(SUBMIT)])
    said = drive.result(2)
    assert "nothing refers to them: debug.txt, dist/a.bin, mine.py, note.py. Say keep PATH" in said
    assert "hidden by .gitignore, so they are in no diff: a.secret." in said
    assert "not there: nothing.py" in drive.result(3)
    assert [part.path for part in sections(trajectory.patch)] == [".gitignore", "mine.py", "own.py", "shop/price.py"]


def test_a_tree_with_nothing_but_leftovers_has_no_change_and_says_why(drive):
    trajectory = drive([called(bash("echo 1 > debug.txt")), called(SUBMIT), called(SUBMIT)])
    assert "debug.txt" in drive.result(2)
    assert not trajectory.patch


def test_a_model_without_functions_keeps_by_words(drive):
    blocks = ["```bash\necho 1 > mine.py\n```", "```submit keep mine.py\n```", "```submit keep mine.py\n```"]
    trajectory = drive([Choice(content=block, finish_reason="stop") for block in blocks], native=False)
    assert [part.path for part in sections(trajectory.patch)] == ["mine.py"]
