"""A diff is cut and put together without losing a byte, and what is handed on applies with git and with patch."""

import difflib
import os
import subprocess

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent.patch import appliable, joined, make_patch, normalise, read_change, sections, split_source_and_tests

BLANKS = " " * 300_000
ENVIRONMENT = {**os.environ, "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull, "LC_ALL": "C"}


def command(folder, *words, given=b""):
    done = subprocess.run(words, cwd=folder, env=ENVIRONMENT, input=given, capture_output=True)
    assert done.returncode == 0, (done.stdout + done.stderr + b"\n" + given).decode(errors="replace")
    return done.stdout


def lay(folder, files):
    folder.mkdir()
    for name, raw in files.items():
        if raw is not None:
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(raw.removeprefix(b"#!"))
            path.chmod(0o755 if raw.startswith(b"#!") else 0o644)
    return folder


def found(folder):
    """What lies in a folder, an executable file with a mark in front."""
    paths = [path for path in folder.rglob("*") if path.is_file() and ".git" not in path.parts]
    marks = {path: b"#!" if path.stat().st_mode & 0o100 else b"" for path in paths}
    return {str(path.relative_to(folder)): marks[path] + path.read_bytes() for path in paths}


def expected(files):
    return {name: raw for name, raw in files.items() if raw is not None}


def git_diff(folder, before, after, *options):
    """What git itself writes of a change."""
    trees = []
    for number, files in enumerate((before, after)):
        lay(folder / str(number), files)
        git = ["git", f"--git-dir={folder}/git", f"--work-tree={folder}/{number}"]
        if not number:
            command(folder, *git, "init", "-q")
        command(folder, *git, "-c", "core.autocrlf=false", "add", "-A", "-f")
        trees.append(command(folder, *git, "write-tree").decode().strip())
    return command(folder, *git, "-c", "core.quotePath=false", "diff", "--binary", *options, *trees).decode(
        "utf-8", "surrogateescape"
    )


def applied(folder, before, patch, *words):
    lay(folder, before)
    command(folder, *words, given=patch.encode("utf-8", "surrogateescape"))
    return found(folder)


LINES = ["", "a", "b", "  c ", "\t", "-- a/x", "++ b/x", "@@ -1 +1 @@", "\x0cd", "e\rf", "g\x85", "\u2028h", "\ufeff"]
PIECES = st.lists(st.sampled_from([*LINES, "diff --git a/x b/x", "GIT binary patch"]), max_size=9)
TEXTS = st.builds(
    lambda lines, end, last: (end.join(lines) + last).encode(),
    PIECES,
    st.sampled_from(["\n", "\n", "\r\n"]),
    st.sampled_from(["", "\n"]),
)
MODES = st.builds(bytes.__add__, st.sampled_from([b"", b"", b"#!"]), TEXTS)
BINARY = st.sampled_from([b"\0", b"# J\xf6rg\nx = 1\n", "hallo\n".encode("utf-16"), bytes(range(256)) * 3])
NAMES = st.sampled_from(["a.py", "pkg/b.py", "with space/c d.py", "\u00fc.txt", "z"])
TREES = st.dictionaries(NAMES, MODES | BINARY, max_size=4)
TEXT_TREES = st.dictionaries(NAMES, MODES, max_size=4)
NOT_EMPTY = st.dictionaries(NAMES, MODES.filter(lambda raw: raw not in (b"", b"#!")), max_size=4)
"""``patch`` does not delete empty files, whatever wrote the diff."""
OPTIONS = st.sampled_from(
    [
        *((), ("-M", "-C"), ("-U1",), ("-U9", "--full-index"), ("--no-prefix",), ("-W",)),
        *(("--src-prefix=i/", "--dst-prefix=w/"), ("--src-prefix=before/", "--dst-prefix=w/", "-M")),
    ]
)
SMALL = settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))


def by_difflib(before, after, old, new):
    lines = ([line + "\n" for line in text.split("\n")] for text in (before, after))
    return "".join(difflib.unified_diff(*lines, old, new))


HUNKS = st.builds(
    lambda before, after, names: by_difflib("\n".join(before), "\n".join(after), *names),
    *[st.lists(st.sampled_from([*LINES, "literal 3"]), max_size=9)] * 2,
    st.sampled_from(
        [
            *(("a/p.py", "b/p.py"), ("p.py", "p.py"), ("p.py.orig", "p.py"), ("/dev/null", "b/p.py")),
            *(
                ("p.py\t(revision 3)", "p.py\t(working copy)"),
                ("a/p.py\t2024-01-01 10:00:00.000000000 +0000", "b/p.py"),
            ),
        ]
    ),
).filter(bool)
LEADS = st.sampled_from(
    [
        *("", "Index: p.py\n" + "=" * 67 + "\n", "diff -r 0123 -r 4567 p.py\n", "diff -ru old/p.py new/p.py\n"),
        *(
            "From 1 Mon Sep 17\nSubject: x\n---\n p.py | 2 +-\n\n",
            "Here it is:\n```diff\n",
            "Only in old: x\n",
            "\n\n",
            "\x0c\n",
        ),
    ]
)
TRAILS = st.sampled_from(["", "\n", "\n\n", "-- \n2.39.5\n\n", "```\nIt works:\n- so\n+ and\n", "\r\n"])
CONTENTS = st.none() | st.binary(max_size=60) | TEXTS
MADE = st.builds(lambda before, after: make_patch({"q.py": before}, {"q.py": after}), CONTENTS, CONTENTS)
ONES = st.builds(
    lambda *texts: "".join(texts), LEADS, HUNKS | MADE.filter(lambda diff: "\n@@" in diff or "\nGIT" in diff), TRAILS
)
DIFFS = st.lists(ONES, min_size=1, max_size=4).map("".join)


@settings(max_examples=100, deadline=None)
@given(DIFFS)
def test_whatever_wrote_a_diff_no_byte_of_it_is_lost(diff):
    for text in (diff, diff.rstrip("\n")):
        parts = sections(text)
        assert joined(parts) == text
        assert "".join(part.text for part in parts) == text


@settings(max_examples=60, deadline=None)
@given(DIFFS)
def test_parts_in_any_order_are_the_same_parts(diff):
    parts = sections(diff)
    assert [part.hunks for part in sections(joined(parts[::-1]))] == [part.hunks for part in parts[::-1]]
    assert [part.binary for part in sections(joined(parts[::-1]))] == [part.binary for part in parts[::-1]]


def crlf(diff):
    return diff.replace("\n", "\r\n")


def spaces_lost(diff):
    return "\n".join(line if line != " " else "" for line in diff.split("\n"))


def in_prose(diff):
    return f"The fix:\n\n```diff\n{diff}```\nIt is\n- short\n+ right\n"


BEFORE = {
    "a.py": b"one\n\ntwo\nthree\n\n\n",
    "b.bin": bytes(range(256)),
    "c.py": "# J\xf6rg\nx = 1\n".encode("latin-1"),
    "d.py": b"last",
}
AFTER = {
    "a.py": b"one\n\n2\nthree\n\n\n",
    "b.bin": bytes(range(255)),
    "c.py": "# J\xf6rg\nx = 2\n".encode("latin-1"),
    "d.py": b"first\nlast",
    "\udce9t\udce9.py": b"new\n",
}


@pytest.mark.parametrize(
    "names", [["a.py"], ["b.bin"], ["a.py", "c.py"], ["c.py", "d.py"], ["\udce9t\udce9.py"], [*AFTER]]
)
@pytest.mark.parametrize("harm", [str, crlf, spaces_lost, str.strip, in_prose, lambda diff: diff + "\n\n"])
def test_what_a_diff_lost_on_its_way_is_mended(names, harm):
    diff = make_patch({name: BEFORE.get(name) for name in names}, {name: AFTER[name] for name in names})
    assert diff.encode()
    assert appliable(harm(diff)) == diff == appliable(diff)
    assert read_change(harm(diff)) == read_change(diff)


def test_a_last_binary_section_keeps_its_closing_line(tmp_path):
    diff = make_patch(BEFORE, BEFORE | AFTER)
    tests = make_patch({}, {"tests/test_a.py": b"x\n"})
    kept, dropped = split_source_and_tests(tests + diff)
    assert (kept, dropped) == (diff, tests)
    files = {name: raw for name, raw in BEFORE.items() if name != "\udce9t\udce9.py"}
    assert applied(tmp_path / "tree", files, kept, "git", "apply", "-")["c.py"] == AFTER["c.py"]
    assert normalise(make_patch(BEFORE, BEFORE | {"c.py": AFTER["c.py"]}), reader(BEFORE))


def test_a_file_that_is_only_said_to_differ_is_left_out(tmp_path):
    diff = make_patch({"a.py": BEFORE["a.py"]}, {"a.py": AFTER["a.py"]})
    for line in (
        "Binary files a/x.db and b/x.db differ\n",
        "diff --git a/x.db b/x.db\nBinary files a/x.db and b/x.db differ\n",
    ):
        assert appliable(line + diff) == appliable(diff + line) == diff
        assert appliable(line) == ""


def test_a_lone_header_of_git_is_made_whole():
    assert appliable("diff --git a/n b/n\n--- /dev/null\n+++ b/n\n@@ -0,0 +1 @@\n+x\n") == make_patch({}, {"n": b"x\n"})
    assert appliable("--- n\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n") == make_patch({"n": b"x\n"}, {})


@SMALL
@given(before=TREES, after=TREES, options=OPTIONS)
def test_git_diffs_come_back_and_apply_with_git(tmp_path_factory, before, after, options):
    folder = tmp_path_factory.mktemp("git")
    patch = git_diff(folder, before, after, *options)
    assert joined(sections(patch)) == patch
    ours = appliable(patch)
    if not any("prefix" in option for option in options) and " " not in "".join(before | after):
        assert ours == patch  # where there is a space, ``patch`` needs more quotes than git writes
    if patch:
        git = ("git", "apply", "--whitespace=nowarn", "-")
        assert applied(folder / "by-git", before, ours, *git) == expected(after)
        again = normalise(patch, reader(before))
        # Of a file that moved, a diff does not say whether it can be executed.
        same = (
            expected
            if "\nrename from " not in patch and "\ncopy from " not in patch
            else lambda files: bare(expected(files))
        )
        assert same(applied(folder / "anew", before, again, *git)) == same(after)


@SMALL
@given(before=NOT_EMPTY, after=TEXT_TREES, options=OPTIONS)
def test_what_is_handed_on_applies_with_patch(tmp_path_factory, before, after, options):
    folder = tmp_path_factory.mktemp("patch")
    patch = git_diff(folder, before, after, *options)
    tool = ("patch", "-p1", "--batch", "--no-backup-if-mismatch")
    if patch:
        assert applied(folder / "by-patch", before, appliable(patch), *tool) == expected(after)


@SMALL
@given(before=NOT_EMPTY, after=TEXT_TREES)
def test_what_is_made_applies_with_patch(tmp_path_factory, before, after):
    folder = tmp_path_factory.mktemp("made")
    modes = {name: (mode(before.get(name)), mode(after.get(name))) for name in before | after}
    made = make_patch(bare(before), bare(dict.fromkeys(before) | after), modes)
    if made:
        tool = ("patch", "-p1", "--batch", "--no-backup-if-mismatch")
        assert applied(folder / "by-patch", before, made, *tool) == expected(after)


def mode(raw):
    return None if raw is None else "100755" if raw.startswith(b"#!") else "100644"


def reader(files):
    def read(name):
        if name not in files:
            raise FileNotFoundError(name)
        return bare(files)[name]

    return read


def bare(files):
    return {name: raw and raw.removeprefix(b"#!") for name, raw in files.items()}


def test_blanks_in_a_heading_are_not_read_by_the_square():
    [part] = sections(f"--- a/x.py\n+++ b/x{BLANKS}y.py\n@@ -1 +1 @@\n-a\n+b\n")
    assert len(part.path) > len(BLANKS)
