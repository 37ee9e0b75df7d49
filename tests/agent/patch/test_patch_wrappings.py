"""A diff comes out of what people put it into, and what cannot be known of it is said."""

import base64
import difflib
import json
import quopri
import re

import pytest

from agent.patch import PatchError, appliable, make_patch, read_change, remarks, sections

TEXT = "".join(f"line {number} \xfc\n" for number in range(1, 30))
BEFORE = {"src/a.py": TEXT.encode(), "src/b.py": b"one\n", "src/c.py": b"gone\n"}
AFTER = {
    "src/a.py": TEXT.replace("line 7 ", "line = 7").encode(),
    "src/b.py": b"two\n",
    "src/c.py": None,
    "src/d.py": b"new\n",
}
DIFF = make_patch(BEFORE, AFTER)
COLOURS = {"d": 1, "-": 31, "+": 32, "@": 36, "i": 1, "n": 1}


def coloured(diff):
    lines = diff.split("\n")
    return "\n".join(f"\x1b[{COLOURS[line[0]]}m{line}\x1b[m" if line[:1] in COLOURS else line for line in lines)


def mailed(encoding, body):
    return f"From 1 Mon Sep 17 00:00:00 2001\nSubject: x\nContent-Transfer-Encoding: {encoding}\n\n{body.decode()}"


WRAPPINGS = {
    "colours": coloured,
    "quotation": lambda diff: "He wrote:\n" + "".join(f"> {line}\n" for line in diff.split("\n")),
    "indent": lambda diff: "The fix:\n\n" + "".join(f"    {line}\n" for line in diff.split("\n")),
    "json": lambda diff: json.dumps(diff),
    "returns": lambda diff: diff.replace("\n", "\r"),
    "quoted-printable": lambda diff: mailed("quoted-printable", quopri.encodestring(diff.encode())),
    "base64": lambda diff: mailed("base64", base64.encodebytes(diff.encode())),
    "twice": lambda diff: diff + diff,
    "fence": lambda diff: f"```diff\r\n{diff}```".replace("\r", ""),
}


@pytest.mark.parametrize("wrapping", WRAPPINGS)
def test_a_diff_comes_out_of_its_wrapping(wrapping):
    text = WRAPPINGS[wrapping](DIFF)
    assert appliable(text) == DIFF
    assert read_change(text) == read_change(DIFF)


def test_a_bare_diff_stays_as_it_is_whatever_its_files_hold():
    odd = "x = '\x1b[31m'\n> diff --git a/x b/x\n--- a\n\n+++ b\n\n\\n\n"
    diff = make_patch({}, {"a.py": odd.encode(), "b.txt": coloured(DIFF).encode()})
    assert appliable(diff) == diff
    assert remarks(diff) == ()


def test_line_feeds_that_difflib_wrote_twice_are_taken_out():
    lines = [text.decode().split("\n") for text in (BEFORE["src/a.py"], AFTER["src/a.py"])]
    diff = "\n".join(difflib.unified_diff(*lines, "a/src/a.py", "b/src/a.py"))
    assert "\n\n@@" in diff
    alone = make_patch({"src/a.py": BEFORE["src/a.py"]}, {"src/a.py": AFTER["src/a.py"]})
    assert read_change(diff) == read_change(alone)


TIME = "\t2026-01-02 10:00:00.000000000 +0100"
EPOCH = "\t1970-01-01 01:00:00.000000000 +0100"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("old/{}", "new/{}"),
        ("/tmp/old/{}", "/tmp/new/{}"),
        ("../old/{}", "./{}"),
        ("./{}", "./{}"),
        ("a/./{}", "b/./{}"),
        ("/testbed/{}", "{}"),
    ],
)
def test_a_recursive_diff_names_files_of_the_tree_new_and_deleted_ones_too(old, new):
    change = f"--- {old}{TIME}\n+++ {new}{TIME}\n@@ -1 +1 @@\n-one\n+two\n".replace("{}", "src/b.py")
    gone = f"--- {old}{TIME}\n+++ {new}{EPOCH}\n@@ -1 +0,0 @@\n-gone\n".replace("{}", "src/c.py")
    made = f"--- {old}{EPOCH}\n+++ {new}{TIME}\n@@ -0,0 +1 @@\n+new\n".replace("{}", "src/d.py")
    files = [(part.before, part.after) for part in sections(change + gone + made)]
    assert files == [("src/b.py", "src/b.py"), ("src/c.py", None), (None, "src/d.py")]


CRLF = make_patch(
    {"a.py": TEXT.replace("\n", "\r\n").encode()}, {"a.py": TEXT.replace("7", "8").replace("\n", "\r\n").encode()}
)


@pytest.mark.parametrize("end", ["\r\n", " \xfc\r\n"])
def test_a_stripped_diff_of_a_crlf_file_gets_its_last_return_back(end):
    diff = CRLF if end == "\r\n" else CRLF.removesuffix("\r\n") + "\r\n"
    assert appliable(diff.rstrip()) == CRLF
    assert sections(diff.rstrip())[0].text == diff.rstrip()
    blank = make_patch({"a.py": b"x\r\n\r\n\r\n\r\n"}, {"a.py": b"y\r\n\r\n\r\n\r\n"})
    assert appliable(blank.rstrip()) == blank


def test_a_return_after_a_heading_alone_is_no_sign_of_a_rewritten_diff():
    diff = re.sub("^(@@ .* @@)$", "\\1 def f():\r", CRLF, flags=re.MULTILINE)
    assert appliable(diff).replace(" def f():", "") == CRLF


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("@@ -1,2 +1,2 @@\n     x = [-1-]{+2+}\n     y\n", "changes nothing; write it without --word-diff"),
        ("@@ -1,5 +1,5 @@\nx = [-1-]{+2+}\n     y\n", "shorter than its header says; write it without --word-diff"),
        ("@@@ -1,2 -1,2 +1,2 @@@\n--x\n++y\n  z\n", "the combined diff of a merge; write it as git diff BASE does"),
    ],
)
def test_what_git_shows_to_readers_alone_is_refused_with_what_to_do(text, reason):
    with pytest.raises(PatchError, match=re.escape(reason)):
        sections("diff --git a/x.py b/x.py\n--- a/x.py\n+++ b/x.py\n" + text)


@pytest.mark.parametrize(
    ("diff", "remark"),
    [
        ("--- a/x\n+++ b/x\n@@ -7 +7 @@\n-a\n+b\n", "--unidiff-zero"),
        ("--- a/x\n+++ b/x\n@@ -3,0 +4 @@\n+b\n", "--unidiff-zero"),
        ("diff --git a/x b/x\nindex 1..2 100644\nBinary files a/x and b/x differ\n", "content of x"),
        ("diff --git a/x b/x\ndeleted file mode 100644\nindex 0123456..0000000\n", "content of x"),
        (DIFF.replace("\n", "\r\n"), "ended in CRLF"),
        (DIFF.replace("\n", "\r\n").strip(), "ended in CRLF"),
    ],
)
def test_what_may_keep_a_diff_from_applying_is_said(diff, remark):
    assert [remark in said for said in remarks(diff)] == [True]


@pytest.mark.parametrize(
    "diff", [DIFF, CRLF, make_patch({"e": b""}, {"f": b"\0"}), "--- x\n+++ x\n@@ -1 +1 @@\n-a\n+b\n"]
)
def test_of_a_whole_diff_nothing_is_said(diff):
    assert remarks(diff) == ()


def test_a_long_line_of_half_marks_is_refused_soon():
    with pytest.raises(PatchError, match="shorter than its header says"):
        sections("--- a/x\n+++ b/x\n@@ -1,5 +1,5 @@\nx" + "[-" * 300_000)
