import os
import shutil
import tarfile
from io import BytesIO

import pytest
from hidden_fix import commit, git, identify, make_history, places_of_the_fix

from environments.sandboxes.bubblewrap import BubblewrapSandbox, host_root
from environments.sandboxes.contract import SandboxError
from environments.trees.scrub import scrub
from environments.trees.worktree import one_commit

PROGRAMS = "/evil"
"""In the sandbox: programs that a hostile repository names; each leaves a mark when it is run."""


@pytest.fixture
def layer(tmp_path):
    """What a published image holds: history with the fix in it, the base checked out, an install, one commit more."""
    layer = tmp_path / "layer"
    layer.mkdir()
    testbed = layer / "testbed"
    base = make_history(testbed)
    git(testbed, "stash", "list")
    git(testbed, "checkout", "-q", "-f", base)
    (testbed / ".gitignore").write_text("*.so\nbuild/\n")
    (testbed / ".gitattributes").write_text("*.bat text eol=crlf\n")
    (testbed / "run.bat").write_bytes(b"echo\r\n")
    (testbed / "tracked.so").write_bytes(b"tracked although ignored\n")
    git(testbed, "add", "-f", "tracked.so")
    commit(testbed, "SWE-bench")
    (testbed / "build").mkdir()
    (testbed / "build" / "ext.so").write_bytes(b"\0made by the install")
    (testbed / "pkg.egg-info").mkdir()
    (testbed / "pkg.egg-info" / "PKG-INFO").write_text("Version: 1\n")
    (testbed / "code.py").write_text((testbed / "code.py").read_text() + "# changed by the install\n")
    return layer


@pytest.fixture
def opened(layer):
    """Make a sandbox over the layer."""
    made = []

    def opened(**options):
        made.append(BubblewrapSandbox.create([layer], root=host_root(), run_id="test", **options))
        return made[-1]

    yield opened
    for sandbox in made:
        sandbox.close()


def taken_out(sandbox, folder):
    """Copy the tree of a sandbox to the host: what a command in it can see."""
    assert sandbox.run("tar -cf /tmp/tree.tar -C / testbed", cwd="/").exit_code == 0
    with tarfile.open(fileobj=BytesIO(sandbox.read("/tmp/tree.tar"))) as archive:
        archive.extractall(folder, filter=_ours)
    return folder / "testbed"


def _ours(member, _):
    return member.replace(uid=os.getuid(), gid=os.getgid(), uname="", gname="")


def test_the_image_shows_the_fix_before(opened, tmp_path):
    found = places_of_the_fix(taken_out(opened(), tmp_path / "out"))
    assert {"log", "objects"} <= set(found)


def test_the_fix_cannot_be_found_afterwards(opened, tmp_path):
    sandbox = opened()
    head = scrub(sandbox)
    seen = sandbox.run("git rev-list --all --reflog; git status --porcelain; git remote; git tag; git stash list").text
    assert seen == f"{head}\n"
    assert sandbox.run("grep -rls REPAIRED-BY-UPSTREAM /testbed /tmp /run /var /home /root /opt").output == b""
    tree = taken_out(sandbox, tmp_path / "out")
    assert places_of_the_fix(tree) == []
    assert identify(tree) == head
    git(tree, "fsck", "--full", "--strict")
    left = {path.name for path in (tree / ".git").iterdir()}
    assert left <= {"HEAD", "config", "index", "info", "objects", "refs"}
    assert sandbox.run("ls -A /tmp").text.split() == ["home", "tree.tar"]


def test_the_commit_holds_what_was_tracked_and_what_the_install_changed(opened, layer):
    sandbox = opened()
    scrub(sandbox)
    names = set(sandbox.run("git ls-files").text.split())
    assert names == {
        *(".gitignore", ".gitattributes", "run.bat", "tracked.so", "pkg.egg-info/PKG-INFO", "code.py"),
    }
    assert sandbox.run("git show HEAD:code.py").output == (layer / "testbed" / "code.py").read_bytes()
    assert sandbox.run("git cat-file blob HEAD:run.bat").output == b"echo\r\n"
    assert sandbox.read("build/ext.so") == b"\0made by the install"
    assert sandbox.run("git status --porcelain --ignored").text == "!! build/\n"
    assert sandbox.run("git log --format=%an%n%ct").text == "Runoff\n946684800\n"


def test_scrubbing_again_changes_nothing_and_the_id_depends_on_the_files(opened):
    sandbox = opened()
    head = scrub(sandbox)
    assert scrub(sandbox) == head
    other = opened()
    assert scrub(other) == head
    other.write("code.py", b"x = 1\n")
    assert scrub(other) != head


def test_the_id_is_that_of_the_same_files_laid_by_the_host(opened, tmp_path):
    sandbox = opened()
    sandbox.run("rm -rf build tracked.so")
    head = scrub(sandbox)
    tree = taken_out(sandbox, tmp_path / "out")
    shutil.rmtree(tree / ".git")
    assert one_commit(tree, tmp_path / "laid") == head


def test_nothing_differs_from_the_new_head_until_something_changes(opened):
    head = scrub(opened())
    sandbox = opened(head=head)
    assert scrub(sandbox) == head
    assert sandbox.diff() == ""
    with sandbox.fork() as fork:
        fork.write("code.py", b"x = 1\n")
        assert "+x = 1" in fork.diff()
        assert "pkg.egg-info" not in fork.diff()
    assert sandbox.diff() == ""


def test_a_sandbox_over_the_frozen_result_needs_no_head_and_stands_without_its_repository(opened, tmp_path):
    first = opened()
    scrub(first)
    taken_out(first, tmp_path / "frozen")
    with BubblewrapSandbox.create([tmp_path / "frozen"], root=host_root(), run_id="test") as sandbox:
        assert sandbox.diff() == ""
        sandbox.run("rm -rf .git; echo 'x = 1' > code.py")
        assert "+x = 1" in sandbox.diff()


# Hostile and odd repositories


def _hooks(testbed):
    for hook in ("post-index-change", "reference-transaction", "post-commit", "pre-commit", "post-checkout"):
        (testbed / ".git" / "hooks").mkdir(exist_ok=True)
        shutil.copy(testbed.parent / "evil", testbed / ".git" / "hooks" / hook)


def _settings(testbed):
    for key in ("core.fsmonitor", "filter.evil.clean", "filter.evil.process", "diff.external", "core.editor"):
        git(testbed, "config", key, PROGRAMS)
    git(testbed, "config", "core.worktree", "/tmp")
    git(testbed, "config", "core.excludesFile", "/testbed/.gitattributes")
    (testbed / ".git" / "info" / "attributes").write_text("* filter=evil\n")


def _alternates(testbed):
    store = testbed.parent / "opt" / "store.git"
    store.parent.mkdir()
    git(testbed.parent, "clone", "-q", "--bare", "--no-local", str(testbed), str(store))
    for name in ("pack", "info"):
        shutil.rmtree(testbed / ".git" / "objects" / name)
        (testbed / ".git" / "objects" / name).mkdir()
    (testbed / ".git" / "objects" / "info" / "alternates").write_text("/opt/store.git/objects\n")


def _work_trees(testbed):
    (testbed.parent / "opt").mkdir()
    git(testbed, "worktree", "add", "-q", "-f", str(testbed.parent / "opt" / "other"), "main")
    for pointer in (testbed / ".git" / "worktrees" / "other" / "gitdir", testbed.parent / "opt" / "other" / ".git"):
        pointer.write_text(pointer.read_text().replace(str(testbed.parent), ""))


def _submodule(testbed):
    inner = testbed.parent.parent / "inner"
    make_history(inner)
    git(testbed, "submodule", "add", "-q", str(inner), "deps/inner")
    base = identify(inner, "v1.2^{commit}")
    git(testbed / "deps" / "inner", "checkout", "-q", "-f", base)
    git(testbed, "add", "-A")


def _separate(testbed):
    (testbed.parent / "opt").mkdir()
    (testbed / ".git").rename(testbed.parent / "opt" / "elsewhere")
    (testbed / ".git").write_text("gitdir: ../opt/elsewhere\n")


def _linked(testbed):
    (testbed.parent / "opt").mkdir()
    (testbed / ".git").rename(testbed.parent / "opt" / "elsewhere")
    (testbed / ".git").symlink_to("/opt/elsewhere")


def _split_index(testbed):
    git(testbed, "update-index", "--split-index")


def _sparse(testbed):
    git(testbed, "sparse-checkout", "set", "--cone", "--sparse-index", "pkg")


def _broken_settings(testbed):
    (testbed / ".git" / "config").write_text("[core\nnonsense")


def _locked(testbed):
    for name in ("index.lock", "HEAD.lock", "config.lock", "refs/heads/main.lock"):
        (testbed / ".git" / name).touch()


def _link_for_a_folder(testbed):
    (testbed / "folder").mkdir()
    (testbed / "folder" / "file").write_text("tracked\n")
    git(testbed, "add", "-A")
    (testbed / "folder").rename(testbed / "moved")
    (testbed / "folder").symlink_to("moved")


@pytest.mark.parametrize(
    "spoil",
    [
        *(_hooks, _settings, _alternates, _work_trees, _submodule, _separate, _linked, _split_index, _sparse),
        *(_broken_settings, _locked, _link_for_a_folder),
    ],
)
def test_no_state_of_the_old_repository_keeps_the_fix_or_runs_a_program(layer, opened, tmp_path, spoil):
    evil = layer / "evil"
    evil.write_text("#!/bin/sh\ntouch /tmp/ran /testbed/ran\ncat\n")
    evil.chmod(0o755)
    spoil(layer / "testbed")
    sandbox = opened()
    head = scrub(sandbox)
    assert sandbox.run("ls /tmp/ran /testbed/ran 2>/dev/null").output == b""
    assert sandbox.run("git rev-parse HEAD; git status --porcelain").text == f"{head}\n"
    assert sandbox.run("find / -xdev -name '*.pack' -not -path '/proc/*' -not -path '/usr/*'", cwd="/").output == b""
    assert sandbox.run("grep -rls REPAIRED-BY-UPSTREAM /opt /testbed /tmp").output == b""
    assert places_of_the_fix(taken_out(sandbox, tmp_path / "out")) == []


def test_files_of_a_submodule_are_plain_files(layer, opened):
    _submodule(layer / "testbed")
    sandbox = opened()
    scrub(sandbox)
    listing = sandbox.run("git ls-files -s").text
    assert "deps/inner/code.py" in listing
    assert "160000" not in listing
    assert sandbox.run("find . -mindepth 2 -name .git").output == b""


@pytest.mark.parametrize(
    "break_it, why",
    [
        ("rm -rf .git", "holds no git repository"),
        ("rm -rf .git; echo nonsense > .git", "leads to no repository"),
        ("rm -rf .git; ln -s /nowhere .git", "leads to no repository"),
        ("rm .git/index", "leads to no repository with an index"),
        ("echo nonsense > .git/index", "cannot scrub /testbed"),
        ("echo '../x' > .git/commondir", "a linked work tree"),
        ("mkdir objects; touch index HEAD; rm -rf .git; ln -s . .git", "a folder around it"),
    ],
)
def test_what_cannot_be_scrubbed_is_one_clear_line(opened, break_it, why):
    sandbox = opened()
    sandbox.run(break_it)
    with pytest.raises(SandboxError, match=why) as raised:
        scrub(sandbox)
    assert "\n" not in str(raised.value)
