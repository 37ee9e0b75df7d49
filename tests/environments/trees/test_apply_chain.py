import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from environments.sandboxes.bubblewrap import BubblewrapSandbox, host_root
from environments.sandboxes.contract import Limits, SandboxError
from environments.trees.apply_chain import CHAINS, PATCH_FILE, apply_as_harness
from environments.trees.worktree import one_commit

NUMBERS = "".join(f"line {number}\n" for number in range(1, 31))
TREE = {
    "numbers.txt": NUMBERS.encode(),
    "other.txt": b"a\nb\nc\n",
    "crlf.txt": NUMBERS.replace("\n", "\r\n").encode(),
    "latin.txt": b"caf\xe9\nbar\n",
    "blob.bin": bytes(range(256)),
    "noeol.txt": b"no newline",
    "folder/one": b"1\n",
    "exists.txt": b"already here\n",
}
FIRST = {version: chain.commands[0] for version, chain in CHAINS.items()}
LAST = {version: chain.commands[-1] for version, chain in CHAINS.items()}
both = pytest.mark.parametrize("version", sorted(CHAINS))


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    folder = tmp_path_factory.mktemp("source")
    for name, content in TREE.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(content)
    (folder / "out").symlink_to("/tmp")
    (folder / "up").symlink_to("../tmp")
    return folder


@pytest.fixture(scope="module")
def base(source, tmp_path_factory):
    layer = tmp_path_factory.mktemp("layer")
    one_commit(source, layer / "testbed")
    with BubblewrapSandbox.create([layer], root=host_root(), run_id="test") as base:
        yield base


@pytest.fixture
def sandbox(base):
    with base.fork() as fork:
        yield fork


def patch_of(base, command):
    """Return the patch of what a command does to the tree."""
    with base.fork() as fork:
        result = fork.run(command)
        assert result.exit_code == 0, result.text
        return fork.diff()


def untouched(sandbox):
    return sandbox.diff() == "" and sandbox.run("git status --porcelain").output == b""


@both
def test_a_clean_patch_is_taken_by_the_first_command(base, sandbox, version):
    patch = patch_of(base, "sed -i s/15/fifteen/ numbers.txt; rm other.txt; echo new > new.txt; chmod +x folder/one")
    applied = apply_as_harness(sandbox, patch, version=version)
    assert (applied.command, applied.partial, applied.missing) == (FIRST[version], False, ())
    assert "Applied patch numbers.txt cleanly." in applied.output
    assert sandbox.diff() == patch


@both
def test_the_patch_is_left_outside_of_the_tree(base, sandbox, version):
    patch = patch_of(base, "echo new > new.txt")
    apply_as_harness(sandbox, patch, version=version)
    assert sandbox.read(PATCH_FILE) == patch.encode()
    assert not PATCH_FILE.startswith("/testbed")


FUZZY = """--- a/numbers.txt
+++ b/numbers.txt
@@ -13,5 +13,5 @@
 line 13 as it is elsewhere
 line 14
-line 15
+line fifteen
 line 16
 line 17
"""


@both
def test_a_patch_that_only_fits_loosely_is_taken_by_patch(sandbox, version):
    applied = apply_as_harness(sandbox, FUZZY, version=version)
    assert (applied.command, applied.partial) == (LAST[version], False)
    assert "fuzz" in applied.output
    assert b"line 14\nline fifteen\nline 16\n" in sandbox.read("numbers.txt")


EXISTING = "--- /dev/null\n+++ b/exists.txt\n@@ -0,0 +1 @@\n+from the patch\n"
ONE_BAD_HUNK = """--- a/numbers.txt
+++ b/numbers.txt
@@ -1,3 +1,3 @@
 line 1
-line 2
+line two
 line 3
@@ -20,3 +20,3 @@
 nothing
-like this
+is there
 at all
"""


def test_version_5_leaves_what_the_last_command_could_apply(sandbox):
    applied = apply_as_harness(sandbox, ONE_BAD_HUNK, version="5")
    assert (applied.command, applied.partial) == (None, True)
    assert b"line two" in sandbox.read("numbers.txt")
    assert all(command in applied.output for command in CHAINS["5"].commands)


def test_version_4_takes_back_by_its_last_command_what_the_one_before_applied(sandbox):
    applied = apply_as_harness(sandbox, ONE_BAD_HUNK, version="4")
    assert (applied.command, applied.partial) == (None, False)
    assert sandbox.read("numbers.txt") == TREE["numbers.txt"]


def test_version_4_may_say_applied_of_half_a_patch(sandbox):
    exact = "--- a/other.txt\n+++ b/other.txt\n@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n"
    applied = apply_as_harness(sandbox, exact + FUZZY, version="4")
    # other.txt went in by --reject; patch took it for applied already, and reversed it.
    assert (applied.command, applied.partial) == (LAST["4"], True)
    assert sandbox.read("other.txt") == TREE["other.txt"]
    assert b"line fifteen" in sandbox.read("numbers.txt")


def test_version_5_applies_all_of_that_patch(sandbox):
    exact = "--- a/other.txt\n+++ b/other.txt\n@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n"
    applied = apply_as_harness(sandbox, exact + FUZZY, version="5")
    assert (applied.command, applied.partial) == (LAST["5"], False)
    assert sandbox.read("other.txt") == b"a\nB\nc\n"


@both
def test_a_patch_that_fits_nowhere_leaves_the_tree_as_it_was(sandbox, version):
    names, _, bad = ONE_BAD_HUNK.partition("@@ -1,3")
    applied = apply_as_harness(sandbox, names + bad[bad.index("@@ -20") :], version=version)
    assert (applied.command, applied.partial) == (None, False)
    assert sandbox.read("numbers.txt") == TREE["numbers.txt"]


def _committed(sandbox, patch):
    sandbox.write("/tmp/first.diff", patch.encode())
    done = sandbox.run("git apply /tmp/first.diff && git add -A && git -c user.name=t -c user.email=t@t commit -qm t")
    assert done.exit_code == 0


def test_a_patch_that_is_in_the_tree_is_merged_by_version_5_where_git_knows_the_blobs(base, sandbox):
    patch = patch_of(base, "sed -i s/15/fifteen/ numbers.txt; echo new > new.txt")
    _committed(sandbox, patch)
    applied = apply_as_harness(sandbox, patch, version="5")
    assert (applied.command, applied.partial) == ("git apply --verbose --3way", False)
    assert b"fifteen" in sandbox.read("numbers.txt")


def test_a_patch_that_is_in_the_tree_counts_as_applied_by_version_5_alone(base, sandbox):
    patch = "--- a/other.txt\n+++ b/other.txt\n@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n"
    _committed(sandbox, patch)
    applied = apply_as_harness(sandbox, patch, version="5")
    assert (applied.command, applied.partial) == ("git apply --check --reverse", False)
    assert sandbox.read("other.txt") == b"a\nB\nc\n"
    with base.fork() as fork:
        _committed(fork, patch)
        assert apply_as_harness(fork, patch, version="4").command == LAST["4"]
        assert fork.read("other.txt") == TREE["other.txt"]  # it was taken back


def test_a_new_file_that_exists_is_not_applied_by_version_4(sandbox):
    applied = apply_as_harness(sandbox, EXISTING, version="4")
    assert (applied.command, applied.partial) == (None, False)
    assert sandbox.read("exists.txt") == TREE["exists.txt"]


def test_a_new_file_that_exists_leaves_a_conflict_by_version_5(sandbox):
    applied = apply_as_harness(sandbox, EXISTING, version="5")
    assert (applied.command, applied.partial) == (None, True)
    assert b"<<<<<<<" in sandbox.read("exists.txt")  # its reset stops at what is not merged


@both
@pytest.mark.parametrize("patch", ["", "\n", "no diff at all\n"])
def test_what_is_no_patch_is_not_applied(sandbox, version, patch):
    applied = apply_as_harness(sandbox, patch, version=version)
    assert (applied.command, applied.partial) == (None, False)
    assert applied.output
    assert untouched(sandbox)


@both
def test_binary_files_go_in(base, sandbox, version):
    patch = patch_of(
        base, "printf '\\000\\001' >> blob.bin; head -c 5000 /dev/urandom > new.bin; printf '\\351' > latin.txt"
    )
    applied = apply_as_harness(sandbox, patch, version=version)
    assert applied.command == FIRST[version]
    assert sandbox.diff() == patch
    assert sandbox.read("latin.txt") == b"\xe9"


@both
def test_a_binary_patch_without_its_bytes_is_taken_by_patch_and_does_nothing(sandbox, version):
    patch = (
        "diff --git a/blob.bin b/blob.bin\nindex 1111111..2222222 100644\n"
        "Binary files a/blob.bin and b/blob.bin differ\n"
    )
    assert apply_as_harness(sandbox, patch, version=version).command == LAST[version]
    assert sandbox.read("blob.bin") == TREE["blob.bin"]


@both
def test_a_tree_of_crlf_takes_a_patch_of_crlf(base, sandbox, version):
    patch = patch_of(base, "sed -i 's/line 15/line fifteen/' crlf.txt")
    assert "\r\n" in patch
    assert apply_as_harness(sandbox, patch, version=version).command == FIRST[version]
    assert sandbox.read("crlf.txt") == TREE["crlf.txt"].replace(b"line 15\r\n", b"line fifteen\r\n")


@both
def test_a_patch_without_its_final_newline_is_handed_on_as_it_is(base, sandbox, version):
    patch = patch_of(base, "echo more >> noeol.txt").removesuffix("\n")
    applied = apply_as_harness(sandbox, patch, version=version)
    assert sandbox.read(PATCH_FILE) == patch.encode()
    assert applied.command != FIRST[version]  # git calls it corrupt


@both
def test_bytes_that_the_harness_cannot_write_are_not_applied(sandbox, version):
    patch = b"--- a/latin.txt\n+++ b/latin.txt\n@@ -1,2 +1,2 @@\n caf\xe9\n-bar\n+foo\n".decode(
        errors="surrogateescape"
    )
    applied = apply_as_harness(sandbox, patch, version=version)
    assert (applied.command, applied.partial) == (None, False)
    assert "UTF-8" in applied.output
    assert untouched(sandbox)


@both
@pytest.mark.parametrize("name", ["../../etc/x", "../tmp/x", "/tmp/x", "out/x", "up/x", ".git/hooks/x", ".git/config"])
def test_no_patch_leads_out_of_the_tree(sandbox, version, name):
    before = sandbox.read(".git/config")
    for patch in (
        f"diff --git a/{name} b/{name}\nnew file mode 100755\n--- /dev/null\n+++ b/{name}\n@@ -0,0 +1 @@\n+escaped\n",
        f"--- /dev/null\n+++ b/{name}\n@@ -0,0 +1 @@\n+escaped\n",
    ):
        apply_as_harness(sandbox, patch, version=version)
    assert sandbox.run("ls /etc/x /tmp/x .git/hooks/x").exit_code != 0
    assert sandbox.read(".git/config") == before
    assert not Path("/etc/x").exists()


@both
def test_a_link_that_the_patch_itself_makes_leads_nowhere(sandbox, version):
    link = (
        "diff --git a/way b/way\nnew file mode 120000\n--- /dev/null\n+++ b/way\n@@ -0,0 +1 @@\n+/tmp\n"
        "\\ No newline at end of file\n"
    )
    through = "diff --git a/way/x b/way/x\nnew file mode 100644\n--- /dev/null\n+++ b/way/x\n@@ -0,0 +1 @@\n+escaped\n"
    apply_as_harness(sandbox, link + through, version=version)
    assert sandbox.run("ls /tmp/x").exit_code != 0


def test_between_its_tries_version_5_throws_changes_away(sandbox):
    sandbox.run("echo stray > stray.txt; echo changed >> other.txt")
    apply_as_harness(sandbox, FUZZY, version="5")
    assert sandbox.run("ls stray.txt").exit_code != 0
    assert sandbox.read("other.txt") == TREE["other.txt"]


@pytest.fixture
def without_patch(source, tmp_path):
    """A sandbox whose /usr/bin has no ``patch``."""
    one_commit(source, tmp_path / "layer" / "testbed")
    empty = tmp_path / "empty"
    empty.write_text("")
    root = host_root()
    binds = {f"{folder}/patch": empty for folder in ("/usr/bin", "/bin") if folder in root.binds}
    with BubblewrapSandbox.create([tmp_path / "layer"], binds=binds, root=root, run_id="test") as sandbox:
        yield sandbox


@both
def test_a_program_that_the_sandbox_lacks_is_named(without_patch, version):
    applied = apply_as_harness(without_patch, FUZZY, version=version)
    assert applied.command is None
    assert applied.missing == ("patch",)


@both
def test_a_program_that_is_lacking_is_not_named_where_nothing_asked_for_it(base, without_patch, version):
    patch = patch_of(base, "echo new > new.txt")
    applied = apply_as_harness(without_patch, patch, version=version)
    assert (applied.command, applied.missing) == (FIRST[version], ())


def test_this_hosts_sandboxes_have_what_the_chain_asks_for(sandbox):
    assert shutil.which("patch"), "the bubblewrap sandbox shows the host's /usr: install patch there"
    assert sandbox.run("command -v git && command -v patch").exit_code == 0


def test_limits_that_stop_a_command_say_nothing_of_the_patch(source, tmp_path):
    one_commit(source, tmp_path / "layer" / "testbed")
    limits = Limits(disk=2 << 20)
    huge = "--- /dev/null\n+++ b/huge\n@@ -0,0 +1,300000 @@\n" + "+0123456789\n" * 300_000
    with (
        BubblewrapSandbox.create([tmp_path / "layer"], root=host_root(), limits=limits, run_id="test") as sandbox,
        pytest.raises(SandboxError),
    ):
        apply_as_harness(sandbox, huge)


# Whatever a sandbox's tree became, its diff goes in by the first command of both versions

contents = st.one_of(
    st.binary(max_size=40),
    st.text(alphabet="ab\n\r\t é\x0c\x00", max_size=40).map(str.encode),
    st.lists(st.sampled_from(NUMBERS.splitlines(keepends=True)), max_size=12).map("".join).map(str.encode),
)
names = st.sampled_from(
    [*TREE, "new", "folder/new", "new folder/new", "é", "-x", "a b", 'quo"te', "tab\there", "deep/er/x"]
)
edits = st.lists(
    st.one_of(
        st.tuples(st.just("write"), names, contents),
        st.tuples(st.just("remove"), names, st.just(b"")),
        st.tuples(st.just("executable"), names, st.just(b"")),
        st.tuples(st.just("link"), names, st.sampled_from([b"numbers.txt", b"/nowhere", b"folder"])),
        st.tuples(st.just("folder"), names, contents),
    ),
    min_size=1,
    max_size=6,
)
_EDIT = {
    "remove": 'rm -rf -- "$1"',
    "executable": 'test ! -f "$1" || chmod +x -- "$1"',
    "link": 'rm -rf -- "$1"; mkdir -p -- "$(dirname -- "$1")" && ln -s -- "$2" "$1"',
    "folder": 'rm -rf -- "$1"; mkdir -p -- "$1" && printf %s "$2" > "$1/inside"',
}


def edit(sandbox, kind, name, content):
    if kind == "write":
        sandbox.run(["/bin/sh", "-c", 'test ! -d "$1" && test ! -L "$1" || rm -rf -- "$1"', "sh", name])
        parents = 'd=$(dirname -- "$1"); test -d "$d" && test ! -L "$d" || { rm -rf -- "$d"; mkdir -p -- "$d"; }'
        sandbox.run(["/bin/sh", "-c", parents, "sh", name])
        sandbox.write(f"/testbed/{name}", content)
    else:
        text = content.replace(b"\0", b"").decode(errors="surrogateescape")
        sandbox.run(["/bin/sh", "-c", _EDIT[kind], "sh", name, text])


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(edits=edits)
def test_any_diff_of_a_sandbox_is_taken_by_the_first_command(base, edits):
    with base.fork() as changed:
        for kind, name, content in edits:
            edit(changed, kind, name, content)
        patch = changed.diff()
    for version in CHAINS if patch else ():
        with base.fork() as clean:
            applied = apply_as_harness(clean, patch, version=version)
            assert applied.command == FIRST[version], (applied.output, patch)
            assert clean.diff() == patch
