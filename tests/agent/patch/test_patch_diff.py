import subprocess
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent.patch import make_patch


def write(root, files):
    for path, raw in files.items():
        if raw is not None:
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(raw)


def read(root):
    return {str(p.relative_to(root)): p.read_bytes() for p in root.rglob("*") if p.is_file()}


def applied(before, patch):
    """What git itself makes of a patch."""
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder), before)
        git = subprocess.run(
            ["git", "apply", "--whitespace=nowarn", "-"], cwd=folder, input=patch.encode(), capture_output=True
        )
        assert git.returncode == 0, git.stderr.decode() + patch
        return read(Path(folder))


def exists(files):
    return {path: raw for path, raw in files.items() if raw is not None}


@pytest.mark.parametrize(
    "before,after",
    [
        ({"a.py": b"x\n"}, {"a.py": b"y\n"}),
        ({"a.py": b"x"}, {"a.py": b"x\n"}),
        ({"a.py": b"x\n"}, {"a.py": b"x"}),
        ({"a.py": b"x\ny"}, {"a.py": b"z\ny"}),
        ({}, {"new/a.py": b"x\n"}),
        ({}, {"a.py": b"x"}),
        ({}, {"a.py": b""}),
        ({"a.py": b"x\n"}, {"a.py": None}),
        ({"a.py": b""}, {"a.py": None}),
        ({"a.py": b""}, {"a.py": b"x\n"}),
        ({"a.py": b"x\n"}, {"a.py": b""}),
        ({"a.py": b"x\r\ny\r\n"}, {"a.py": b"x\r\nz\r\n"}),
        ({"a.py": b"x\ry\x0c\x85\xc2\x85\n"}, {"a.py": b"x\rz\x0c\x85\xc2\x85\n"}),
        ({"a.py": "x\u2028y\x85\n".encode()}, {"a.py": "x\u2028z\x85\n".encode()}),
        ({"a.py": b"# \xe9\nx\n"}, {"a.py": b"# \xe9\ny\n"}),
        ({"a.bin": b"\0\1\2" * 100}, {"a.bin": bytes(range(256))}),
        ({}, {"a.bin": b"\0"}),
        ({"a.bin": b"\0"}, {"a.bin": None}),
        ({"a b.py": b"x\n"}, {"a b.py": b"y\n"}),
        ({'q"uote\\.py': b"x\n"}, {'q"uote\\.py': b"y\n"}),
        ({"t\tab.py": b"x\n"}, {"t\tab.py": b"y\n"}),
        ({"é/ü.py": b"x\n"}, {"é/ü.py": b"y\n"}),
        ({"a.py": b"-- x\n++ y\n"}, {"a.py": b"++ y\ndiff --git a/x b/x\n"}),
        ({"a.py": b"x\n", "b.py": b"x\n"}, {"a.py": b"y\n", "b.py": b"y\n"}),
    ],
)
def test_git_apply_takes_it(before, after):
    assert applied(before, make_patch(before, after)) == exists(before | after)


NAMES = st.sampled_from(["a.py", "pkg/b.py", "with space.py", "ü.txt"])
LINES = st.lists(
    st.sampled_from(["a", "b", "", " c", "-d", "+e", "\\ f", "@@ -1 +1 @@", "\xff", "\r", "\f"]), max_size=12
)
CONTENTS = (
    st.none()
    | st.binary(max_size=40)
    | st.builds(
        lambda lines, sep, end: (sep.join(lines) + end).encode(),
        LINES,
        st.sampled_from(["\n", "\r\n"]),
        st.sampled_from(["", "\n"]),
    )
)
TREES = st.dictionaries(NAMES, CONTENTS, max_size=3)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(TREES, TREES)
def test_any_change_round_trips_through_git(before, after):
    after = dict.fromkeys(before) | after
    patch = make_patch(before, after)
    assert (patch == "") == (exists(before) == exists(after))
    if patch:
        assert applied(before, patch) == exists(after)


def test_hunks_are_small_in_a_long_file():
    before = b"".join(b"line %d\n" % n for n in range(3000))
    patch = make_patch({"a.py": before}, {"a.py": before.replace(b"line 1500\n", b"other\n")})
    assert len(patch.splitlines()) == 12
