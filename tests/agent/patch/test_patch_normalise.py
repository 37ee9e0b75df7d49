import difflib
import subprocess

import pytest

from agent.patch import PatchError, apply_patch, make_patch, normalise, sections, split_source_and_tests

BASE = {
    "pkg/a.py": b"".join(b"line %d\n" % n for n in range(40)),
    "pkg/a b.py": b"x\n",
    "tests/test_a.py": b"old\n",
    "win.py": b"one\r\ntwo",
}


def read_base(path):
    if path not in BASE:
        raise FileNotFoundError(path)
    return BASE[path]


AFTER = {
    "pkg/a.py": BASE["pkg/a.py"].replace(b"line 5\n", b"five\n").replace(b"line 12\n", b"twelve\n"),
    "pkg/new.py": b"new",
    "win.py": b"one\r\nthree",
}
NOISE = {
    "tests/test_a.py": b"weakened\n",
    "test_fix.py": b"assert True\n",
    "reproduce_issue.py": b"print(1)\n",
    "pkg/__pycache__/a.cpython-311.pyc": b"\0\1",
    "pkg/a.py.orig": b"x\n",
}


def before_of(after):
    return {path: BASE.get(path) for path in after}


def git_diff(tmp_path, after, *options):
    """What git prints for a change, in the form a peer system may hand over."""

    def git(*arguments):
        who = ["-c", "user.name=a", "-c", "user.email=a@b"]
        return subprocess.run(["git", *who, *arguments], cwd=tmp_path, capture_output=True, check=True).stdout

    git("init", "-q")
    for files in (BASE, after):
        for path, raw in files.items():
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_bytes(raw)
        git("add", "-A", "-f")
        if files is BASE:
            git("commit", "-qm", "base")
    return git("diff", "--cached", "--binary", *options).decode()


@pytest.mark.parametrize("options", [(), ("-U0",), ("-U10",), ("--no-prefix",), ("--src-prefix=i/", "--dst-prefix=w/")])
def test_one_form_whatever_the_diff_looked_like(tmp_path, options):
    patch = git_diff(tmp_path, AFTER | NOISE, *options)
    if options == ("-U0",):
        with pytest.raises(PatchError, match="does not apply"):
            normalise(patch, read_base)
        return
    assert normalise(patch, read_base) == make_patch(before_of(AFTER), AFTER)


def test_hunks_as_written_without_a_base(tmp_path):
    patch = git_diff(tmp_path, AFTER | NOISE)
    before, after = apply_patch(normalise(patch), read_base)
    assert (before, after) == (before_of(AFTER), AFTER)
    assert "index " not in normalise(patch)
    assert normalise(normalise(patch)) == normalise(patch)


def test_a_plain_diff_of_difflib():
    old, new = ([line + "\n" for line in BASE["pkg/a.py"].decode().split("\n")[:-1]] for _ in range(2))
    new[5] = "five\n"
    patch = "".join(difflib.unified_diff(old, new, "a/pkg/a.py", "b/pkg/a.py"))
    expected = BASE["pkg/a.py"].replace(b"line 5\n", b"five\n")
    assert normalise(patch) == normalise(patch, read_base) == make_patch(BASE, BASE | {"pkg/a.py": expected})


def test_files_come_in_order_and_as_git_writes_them(tmp_path):
    after = {"pkg/a b.py": b"y\n", "win.py": b"one\r\nthree"}
    patch = git_diff(tmp_path, after)
    first, second = (section.text for section in sections(patch))
    assert normalise(second + first) == normalise(patch)
    assert "--- a/pkg/a b.py\t\n+++ b/pkg/a b.py\t\n" in make_patch(before_of(after), after)
    assert [line for line in patch.split("\n") if not line.startswith("index ")] == normalise(patch).split("\n")


def test_an_existing_file_is_source_whatever_its_name():
    patch = make_patch({"reproduce.py": b"x\n"}, {"reproduce.py": b"y\n"})
    assert normalise(patch) == patch


def test_tests_are_kept_when_asked():
    patch = make_patch(before_of(AFTER | NOISE), AFTER | NOISE)
    assert {s.path for s in sections(normalise(patch, keep_tests=True))} == {*AFTER, "tests/test_a.py", "test_fix.py"}


def test_source_and_tests_part_as_written():
    after = AFTER | {"tests/test_a.py": b"weakened\n"}
    source, tests = split_source_and_tests(make_patch(before_of(after), after))
    assert source == make_patch(before_of(AFTER), AFTER)
    assert [s.path for s in sections(tests)] == ["tests/test_a.py"]


@pytest.mark.parametrize("path", ["a b.py", 'q"uo.py', "t\tab.py", "ü.py", "back\\slash.py"])
def test_odd_paths_are_read_back(path):
    for before, after in [(b"x\n", b"y\n"), (None, b"y\n"), (b"x\n", None), (None, b""), (b"\0", b"\1\0")]:
        (section,) = sections(make_patch({path: before}, {path: after}))
        assert (section.before, section.after) == (
            path if before is not None else None,
            path if after is not None else None,
        )


def test_removed_lines_that_look_like_headers():
    before, after = {"a.py": b"-- a/x\n++ b/x\nz\n"}, {"a.py": b"++ b/y\n@@ -1 +1 @@\nz\n"}
    assert normalise(make_patch(before, after)) == make_patch(before, after)


@pytest.mark.parametrize("patch", ["", "\n", make_patch({"tests/test_a.py": b"old\n"}, {"tests/test_a.py": b"new\n"})])
def test_nothing_is_left_of_what_is_no_source_change(patch):
    assert normalise(patch, read_base) == normalise(patch) == ""


@pytest.mark.parametrize(
    "patch,message",
    [
        ("I would change line 3.", "not a unified diff"),
        ("--- a/x\n+++ b/x\n@@ -1,3 +1,3 @@\n-a\n", "not a unified diff"),
        (make_patch({"pkg/a.py": b"other\n"}, {"pkg/a.py": b"y\n"}), "does not apply"),
        (make_patch({}, {"../out.py": b"y\n"}), r"'\.\.'"),
        (make_patch({}, {".git/hooks/post-commit": b"y\n"}), r"\.git"),
        ("diff --git a/l b/l\nnew file mode 120000\n--- /dev/null\n+++ b/l\n@@ -0,0 +1 @@\n+/etc\n", "symbolic link"),
    ],
)
def test_what_cannot_be_read_or_applied_is_one_clear_line(patch, message):
    with pytest.raises(PatchError, match=message) as error:
        normalise(patch, read_base)
    assert "\n" not in str(error.value)
