"""Any tool's diff of one change is the same change."""

import difflib
import subprocess

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent.patch import Block, PatchError, make_patch, read_change, render

OLD = "".join(f"line {n}\n" for n in range(1, 21))
NEW = OLD.replace("line 5\n", "five\n").replace("line 12\n", "line 12\nmore\n")
BLOCKS = (Block(5, ("line 5",), ("five",)), Block(13, (), ("more",)))
HUNK = "@@ -1,3 +1,3 @@\n a\n-b\n+c\n d\n"


def git(folder, *arguments):
    who = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "core.autocrlf=false"]
    return subprocess.run(["git", *who, *arguments], cwd=folder, capture_output=True, check=True).stdout


def write(folder, files):
    for path, raw in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        if raw is None:
            (folder / path).unlink()
        else:
            (folder / path).write_bytes(raw)


def git_diff(folder, before, after, *options):
    git(folder, "init", "-q")
    write(folder, before)
    git(folder, "add", "-A", "-f")
    git(folder, "commit", "-qm", "base", "--allow-empty")
    write(folder, after)
    git(folder, "add", "-A", "-f")
    return git(folder, "diff", "--cached", *options).decode("utf-8", "surrogateescape")


@pytest.mark.parametrize(
    "options",
    [
        *((), ("-U0",), ("-U9",), ("--no-prefix",), ("--patience",), ("--histogram",), ("--minimal",)),
        *(
            ("--full-index", "--binary"),
            ("--src-prefix=i/", "--dst-prefix=w/"),
            ("--src-prefix=old/", "--dst-prefix=new/"),
        ),
    ],
)
@pytest.mark.parametrize("path", ["pkg/a.py", "a/b.py", "with space/b b/x y.py", "ü.py"])
def test_one_change_whatever_options_git_had(tmp_path, options, path):
    (file,) = read_change(git_diff(tmp_path, {path: OLD.encode()}, {path: NEW.encode()}, *options)).source
    assert (file.path, file.kind, file.blocks) == (path, "modified", BLOCKS)


PLAIN = "".join(difflib.unified_diff(OLD.splitlines(True), NEW.splitlines(True), "a/p.py", "b/p.py"))


@pytest.mark.parametrize(
    "patch",
    [
        PLAIN,
        PLAIN.replace("a/p.py", "p.py").replace("b/p.py", "p.py"),
        PLAIN.replace("a/p.py", "a/p.py\t2024-01-01 10:00:00.000000000 +0000"),
        PLAIN.replace("a/p.py", "a/p.py 2024-01-01 10:00:00").replace("b/p.py", "b/p.py 2024-01-01 10:00:01"),
        PLAIN.replace("a/p.py", "p.py.orig").replace("b/p.py", "p.py"),
        PLAIN.replace("b/p.py", "a/p.py"),
        PLAIN.replace("a/p.py", '"a/p.py"').replace("b/p.py", '"b/p.py"'),
        "Index: p.py\n" + "=" * 67 + "\n" + PLAIN,
        "Here is the fix:\n\n--- a rule\n- an item\n```diff\n"
        + PLAIN
        + "```\nIt works because\n- of this\n+ and that\n",
        PLAIN.replace("\n", "\r\n"),
        PLAIN.rstrip("\n"),
        PLAIN + "\n\n",
        PLAIN + "-- \n2.39.0\n",
        PLAIN.replace("@@\n", "@@ def f(x): # @@ -1 +1 @@\n"),
    ],
)
def test_one_change_whatever_wrote_it(patch):
    assert read_change(patch) == read_change(PLAIN)
    assert read_change(PLAIN).source[0].blocks == BLOCKS


def test_line_endings_and_final_newlines_are_formatting():
    lf, crlf = OLD.encode(), OLD.replace("\n", "\r\n").encode()
    new = NEW.replace("\n", "\r\n").encode()
    assert read_change(make_patch({"p.py": crlf}, {"p.py": new})) == read_change(PLAIN)
    assert read_change(make_patch({"p.py": lf}, {"p.py": crlf})).source == ()
    assert read_change(make_patch({"p.py": b"a\nb"}, {"p.py": b"a\nb\n"})).source == ()
    assert read_change(make_patch({"p.py": b"a\nb"}, {"p.py": b"a\nc"})).source[0].blocks == (Block(2, ("b",), ("c",)),)


def test_blank_context_that_was_stripped_is_read_wherever_it_was():
    whole = make_patch({"p.py": b"a\nb\n\n\n", "q.py": b"a\nb\n\n"}, {"p.py": b"a\nc\n\n\n", "q.py": b"a\nc\n\n"})
    lines = [line for line in whole.split("\n") if line != " "]
    assert read_change("\n".join(lines)) == read_change(whole)
    plain = "\n".join(line for line in lines if not line.startswith("diff "))
    assert read_change(plain) == read_change(whole)
    assert read_change("```\n" + plain + "```\n") == read_change(whole)


def test_hunks_out_of_order_touching_hunks_and_two_diffs_of_one_file_are_one():
    head = "--- a/p.py\n+++ b/p.py\n"
    first, second, third = "@@ -5 +5 @@\n-a\n+b\n", "@@ -6 +6 @@\n-c\n+d\n", "@@ -9 +9 @@\n-e\n+f\n"
    blocks = (Block(5, ("a", "c"), ("b", "d")), Block(9, ("e",), ("f",)))
    for patch in (head + third + first + second, head + second + head + third + head + first):
        assert [file.blocks for file in read_change(patch).source] == [blocks]


def test_a_file_made_and_removed_again_is_no_change():
    made, removed = make_patch({}, {"p.py": b"x\n"}), make_patch({"p.py": b"x\n"}, {})
    assert read_change(made + removed).source == ()
    assert read_change(removed + made).source == ()
    assert read_change(make_patch({"p.py": b"y\n"}, {}) + made).source[0].kind == "modified"


def test_files_that_come_go_and_move(tmp_path):
    long = "".join(f"{n}\n" for n in range(50)).encode()
    before = {"old.py": long, "kept.py": long + b"k\n", "gone.py": b"g\n", "bin": b"\0", "mode.py": b"m\n"}
    after = {"old.py": None, "moved.py": long, "copy.py": long + b"k\nc\n", "kept.py": long + b"K\n"}
    after |= {"gone.py": None, "bin": b"\0\1", "empty.py": b"", "new.py": b"n\n"}
    git(tmp_path, "init", "-q")
    (tmp_path / "link").symlink_to("gone.py")
    (tmp_path / "mode.py").write_bytes(b"m\n")
    patch = git_diff(tmp_path, before, after, "-M", "-C")
    files = {file.path: file for file in read_change(patch).source}
    assert set(files) == {"moved.py", "copy.py", "kept.py", "gone.py", "bin", "empty.py", "new.py"}
    assert files["moved.py"].renamed_from == "old.py"
    assert (files["copy.py"].copied_from, files["copy.py"].renamed_from) == ("kept.py", None)
    assert [files[name].kind for name in ("gone.py", "empty.py", "new.py")] == ["deleted", "new", "new"]
    assert files["bin"].binary
    assert read_change(git(tmp_path, "diff", "--cached", "--binary", "-M", "-C").decode()).source == tuple(
        read_change(patch).source
    )


@pytest.mark.parametrize(
    "patch,blocks",
    [
        ("diff --git a/m b/m\nold mode 100644\nnew mode 100755\n", None),
        (
            "diff --git a/l b/l\nnew file mode 120000\n--- /dev/null\n+++ b/l\n@@ -0,0 +1 @@\n+x\n\\ No newline\n",
            ("x",),
        ),
        (
            "diff --git a/s b/s\nindex 1..2 160000\n--- a/s\n+++ b/s\n@@ -1 +1 @@\n-Subproject 1\n+Subproject 2\n",
            ("Subproject 2",),
        ),
        ("--- a/x 1970-01-01 00:00:00\n+++ b/x\n@@ -0,0 +1 @@\n+x\n", ("x",)),
        ("Binary files a/x and b/x differ\n", ()),
    ],
)
def test_modes_links_submodules_and_files_without_lines(patch, blocks):
    files = read_change(patch).source
    assert [tuple(line for b in file.blocks for line in b.added) for file in files] == (
        [] if blocks is None else [blocks]
    )


def test_only_line_feeds_end_lines():
    odd = "a\x0cb\x0b\x1c\x85\u2028\u2029c\rd"
    (file,) = read_change(make_patch({"p.py": b"x\n"}, {"p.py": f"{odd}\n".encode()})).source
    assert file.blocks == (Block(1, ("x",), (odd,)),)


@pytest.mark.parametrize(
    "line", ["\ud800", chr(0xDC80), "a\0b", "\ufeff", "-- a/x", "++ b/x", "@@ -1 +1 @@", "diff --git a/x b/x"]
)
def test_hostile_lines_are_lines(line):
    change = read_change(f"--- a/p.py\n+++ b/p.py\n@@ -1,2 +1,2 @@\n-{line}\n+new{line}\n x\n")
    assert change.source[0].blocks == (Block(1, (line,), (f"new{line}",)),)
    assert len(change.key) == 12
    assert read_change(change.patch).source == change.source


@pytest.mark.parametrize(
    "patch,message",
    [
        ("Change line 3.", "no file in it"),
        ("*** Begin Patch\n*** Update File: a.py\n@@\n-a\n+b\n*** End Patch\n", r"Begin Patch.*git diff"),
        ("--- a/x\n+++ b/x\n@@ ... @@\n-a\n+b\n", "line 3 .*line numbers"),
        ("--- a/x\n+++ b/x\n@@ -1,6 +1,4 @@\n-a\n b\n", "line 3 is shorter"),
        ("--- a/x\n+++ b/x\n@@ -1,2 +1 @@\n a\n+b\n", "line 3 is longer"),
        (HUNK, "belongs to no file"),
        (f"--- /dev/null\n+++ /dev/null\n{HUNK}", "without a file's name"),
        (f"diff --git a/x b/x\n--- a/x\n+++ b/y\n{HUNK}", "another file"),
        (f"--- a/../x\n+++ b/../x\n{HUNK}", r"'\.\.'"),
        (f"--- /etc/passwd\n+++ /etc/passwd\n{HUNK}", "relative"),
        ("diff --git a/x b/.git/config\nrename from x\nrename to .git/config\n", r"\.git"),
        (f"--- \n+++ \n{HUNK}", "without a file's name"),
    ],
)
def test_what_cannot_be_read_is_one_clear_line(patch, message):
    with pytest.raises(PatchError, match=message) as error:
        read_change(patch)
    assert "\n" not in str(error.value)


def test_megabytes_of_hostile_headers_are_read():
    for text in ("diff --git " + "a://" * 500_000, "Binary files " + "x and " * 300_000):
        with pytest.raises(PatchError):
            read_change(text + f"\n+++ b/x\n{HUNK}x")
    assert read_change('--- "' + "\\" * 500_000 + f"\n+++ b/x\n{HUNK}").source[0].path == "x"
    touching = "".join(f"@@ -{n} +{n} @@\n-a\n+b{n}\n" for n in range(1, 100_001))
    (file,) = read_change("--- a/x\n+++ b/x\n" + touching).source
    assert len(file.blocks) == 1


line_texts = st.sampled_from(
    ["", "a", "b", "  a", "a ", "\t", "x = 1", "-- a/p.py", "++ b/p.py", "@@ -1 +1 @@", "\x0c", "é"]
)
contents = st.none() | st.lists(line_texts, max_size=12).map("\n".join)


@settings(max_examples=150, deadline=None)
@given(contents, contents, st.integers(0, 4))
def test_a_change_written_down_is_read_back(before, after, context):
    raw = {"p.py": before if before is None else before.encode()}, {"p.py": after if after is None else after.encode()}
    change = read_change(make_patch(*raw))
    assert read_change(change.patch).source == change.source
    if before and after:
        pair = (text.removesuffix("\n").split("\n") for text in (before, after))
        plain = "\n".join(difflib.unified_diff(*pair, "a/p.py", "b/p.py", lineterm="", n=max(context, 1)))
        again = read_change(plain)
        assert read_change(again.patch).source == again.source


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(before=contents.filter(bool), after=contents.filter(bool))
def test_what_git_writes_is_read_back_whatever_the_context(tmp_path_factory, before, after):
    folder = tmp_path_factory.mktemp("repository")
    git_diff(folder, {"p.py": before.encode()}, {"p.py": after.encode()})
    changes = [
        read_change(git(folder, "diff", "--cached", option).decode()) for option in ("-U0", "-U1", "-U3", "-U50")
    ]
    assert all(change.key == changes[0].key for change in changes)
    assert read_change(changes[0].patch).source == changes[0].source


blocks = st.builds(Block, st.integers(1, 9), *[st.lists(st.sampled_from("ab"), max_size=3).map(tuple)] * 2)


@given(st.lists(blocks, min_size=1, max_size=5))
def test_blocks_in_any_order_and_overlapping_come_to_one_form(found):
    hunks = "".join(
        f"@@ -{b.line - (not b.removed)},{len(b.removed)} +{b.line},{len(b.added)} @@\n"
        + "".join(f"-{line}\n" for line in b.removed)
        + "".join(f"+{line}\n" for line in b.added)
        for b in found
    )
    change = read_change(f"diff --git a/p.py b/p.py\n--- a/p.py\n+++ b/p.py\n{hunks}")
    assert read_change(render(change.source)).source == change.source
