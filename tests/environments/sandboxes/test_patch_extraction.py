"""What an agent may do to its tree and its repository, and the patch that must come of it all the same.

The contract suite holds the plain cases and the hostile ones of every sandbox; here are the odd ones, each checked by
the harness's own way to apply a patch.
"""

import os

import pytest

from agent.patch import read_change, sections
from environments.sandboxes.bubblewrap import BubblewrapSandbox, host_root
from environments.sandboxes.contract import TreeLost
from environments.trees.apply_chain import CHAINS, apply_as_harness
from environments.trees.worktree import one_commit

IDENTITY = "git config user.name a; git config user.email a@a;"
CHANGE = "sed -i 's/return 1/return 2/' pkg/code.py; printf 'x = 1\\n' > pkg/new.py;"
"""A fix as agents make them: one file changed, one added."""
TREE = {
    "pkg/code.py": b"def f():\n    return 1\n",
    "pkg/other.py": b"y = 1\n",
    "README": b"read me\n",
    ".gitignore": b"*.log\nbuild/\n",
    "run.bat": b"echo\r\necho\r\n",
    "image.png": b"\x89PNG\r\n\x1a\n" + bytes(range(256)),
    "link": None,
}
ATTRIBUTES = {
    "text eol=crlf": b"a\r\nb\r\n",
    "text": b"a\r\nb\r\n",
    "text=auto": b"a\r\nb\n",
    "ident": b"$Id: expanded $\n",
    "working-tree-encoding=UTF-16": b"plain\n",
    "working-tree-encoding=nonsense": b"plain\n",
    "filter=lfs diff=lfs merge=lfs": b"pointer\n",
    "-diff": b"generated\n",
    "diff=python merge=ours": b"def f():\n    pass\n",
    "binary": b"text\n",
}
"""Attribute of ``odd`` -> what lies in it, in the commit and in the tree."""


def lay(folder, tree):
    for name, content in tree.items():
        path = folder / "source" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if content is None:
            path.symlink_to("pkg")
        else:
            path.write_bytes(content)
    one_commit(folder / "source", folder / "layer" / "testbed")
    return BubblewrapSandbox.create([folder / "layer"], root=host_root(), run_id="test")


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    with lay(tmp_path_factory.mktemp("extraction"), TREE) as base:
        yield base


@pytest.fixture
def sandbox(base):
    with base.fork() as fork:
        yield fork


def taken(patch, base):
    """Assert that the harness's first command takes a patch, whole; return the files that it gives other contents."""
    with base.fork() as clean:
        applied = apply_as_harness(clean, patch)
        assert applied.command == CHAINS["5"].commands[0], (applied.output, patch[:2000])
        assert clean.diff() == patch
        return {name: clean.read(f"/testbed/{name}") for name in files_of(patch) if _is_file(clean, name)}


def _is_file(sandbox, name):
    return sandbox.run(["test", "-f", name]).exit_code == 0


@pytest.fixture
def remade(base):
    return lambda patch: taken(patch, base)


def files_of(patch):
    return sorted({section.path for section in sections(patch)})


FIX = ["pkg/code.py", "pkg/new.py"]


def test_a_tree_that_nothing_was_done_to_has_no_patch(sandbox):
    assert sandbox.diff() == ""


@pytest.mark.parametrize("attribute", ATTRIBUTES)
def test_attributes_of_the_tree_neither_make_a_patch_nor_cost_one(tmp_path, attribute):
    tree = {**TREE, "odd": ATTRIBUTES[attribute], ".gitattributes": f"odd {attribute}\n".encode()}
    with lay(tmp_path, tree) as base:
        assert base.diff() == ""
        with base.fork() as fork:
            fork.run(f"{CHANGE} printf 'more\\r\\n' >> odd")
            patch = fork.diff()
        contents = taken(patch, base)
    assert sorted(contents) == ["odd", *FIX]
    assert contents["odd"] == ATTRIBUTES[attribute] + b"more\r\n"


@pytest.mark.parametrize("attribute", ["text eol=crlf", "working-tree-encoding=UTF-16", "ident filter=lfs"])
def test_attributes_that_an_agent_writes_are_a_change_and_change_nothing_else(sandbox, remade, attribute):
    sandbox.run(f"echo '* {attribute}' > .gitattributes; {CHANGE}")
    patch = sandbox.diff()
    assert files_of(patch) == [".gitattributes", *FIX]
    remade(patch)


@pytest.mark.parametrize(
    "then",
    [
        "git add -A; git commit -qm fix",
        "git add -A; git commit -qm fix; git tag v9; git gc -q --prune=now",
        "git checkout -q -b fix; git add -A; git commit -qm fix",
        "git checkout -q --orphan fix; git add -A; git commit -qm fix; git branch -D main",
        "git checkout -q --detach; git commit -qam fix",
        "git stash -qu; git stash pop -q",
        "git stash -qu; git checkout -q -b other; git stash pop -q; git add -A",
        "git stash -q --keep-index; git stash apply -q",
        "git add -A; git commit -qm fix; git reset -q --soft HEAD~1",
        "git add -A; git commit -qm fix; git commit -q --amend -m again; git reflog expire --expire=now --all",
        "git worktree add -q /tmp/elsewhere; git -C /tmp/elsewhere rm -qr .",
        "git rm -rq --cached .",
        "git config core.sparseCheckout true; echo /README > .git/info/sparse-checkout",
        "git config core.bare true",
        "git config core.autocrlf true; git config core.eol crlf; git config core.fileMode false",
        "git config core.worktree /nowhere",
        "touch .git/index.lock .git/HEAD.lock .git/config.lock",
        "echo nonsense > .git/index",
        "echo nonsense > .git/config",
        "echo nonsense > .git/HEAD",
        "echo ref: refs/heads/nowhere > .git/HEAD",
        "rm -rf .git/objects",
        "find .git/objects -type f -exec chmod u+w {} + ; find .git/objects -type f -exec sh -c ': > $1' sh {} ';'",
        "mkdir -p .git/objects/info; echo /tmp > .git/objects/info/alternates",
        "rm -rf .git",
        "rm -rf .git; git init -q; git add -A; git commit -qm restart",
        "rm -rf .git; echo 'gitdir: /tmp/elsewhere' > .git",
        "rm -rf .git; mkfifo .git",
        "mv .git /tmp/moved",
        "git replace -f HEAD $(git commit-tree $(git write-tree) -m other); git add -A; git commit -qm x",
        "git update-ref refs/heads/main $(git commit-tree $(git mktree < /dev/null) -m empty)",
        "git notes add -m note; git bisect start -q; git rebase -q --onto HEAD HEAD HEAD",
    ],
)
def test_whatever_was_done_to_the_repository_the_fix_is_the_patch(sandbox, remade, then):
    sandbox.run(f"{IDENTITY} {CHANGE} {then}")
    if b"return 2" not in sandbox.read("pkg/code.py"):  # the agent's own doing: what lies in the tree counts
        pytest.fail("this case must leave the fix in the tree")
    patch = sandbox.diff()
    assert files_of(patch) == FIX
    assert remade(patch)["pkg/new.py"] == b"x = 1\n"


def test_what_was_stashed_is_no_part_of_the_tree_and_what_came_after_is(sandbox, remade):
    sandbox.run(f"{IDENTITY} {CHANGE} git stash -qu; echo later > later.py")
    patch = sandbox.diff()
    assert files_of(patch) == ["later.py"]
    remade(patch)


def test_an_aborted_merge_with_its_conflict_is_what_lies_in_the_tree(sandbox, remade):
    sandbox.run(
        f"{IDENTITY} git checkout -q -b one; echo one > README; git commit -qam one; git checkout -q main;"
        "echo two > README; git commit -qam two; git merge -q one"
    )
    patch = sandbox.diff()
    assert "+<<<<<<< HEAD" in patch
    remade(patch)


# Repositories inside of the repository


@pytest.mark.parametrize(
    "nest, files",
    [
        ("git init -q nested; echo x > nested/file", ["nested/file"]),
        ("git init -q nested; echo x > nested/file; cd nested; git add -A; git commit -qm x; cd ..", ["nested/file"]),
        ("git init -q nested; cd nested; git commit -q --allow-empty -m x; cd ..; git add nested", []),
        (
            "git init -q /tmp/other; cd /tmp/other; echo x > file; git add -A; git commit -qm x; cd /testbed;"
            "git -c protocol.file.allow=always submodule add -q /tmp/other sub",
            [".gitmodules", "sub/file"],
        ),
        ("mkdir nested; echo 'gitdir: /nowhere' > nested/.git; echo x > nested/file", ["nested/file"]),
        ("mkdir nested; ln -s /testbed/.git nested/.git; echo x > nested/file", ["nested/file"]),
        (
            "git init -q --bare nested.git; rm -rf nested.git/*s nested.git/info",
            ["nested.git/HEAD", "nested.git/config"],
        ),
    ],
)
def test_a_repository_in_the_tree_is_its_files_and_costs_nothing_of_the_patch(sandbox, remade, nest, files):
    sandbox.run(f"git config --global user.name a; git config --global user.email a@a; {nest}; {CHANGE} true")
    patch = sandbox.diff()
    assert [name for name in files_of(patch) if not name.endswith("description")] == sorted([*files, *FIX])
    remade(patch)
    assert read_change(patch).source
    assert "git init -q nested;" not in nest or _is_file(sandbox, "nested/.git/HEAD")  # its own is left alone


@pytest.mark.parametrize("then", ["true", "git add -A; git commit -qm inner", "git add code.py; git commit -qm inner"])
def test_a_repository_over_a_folder_of_the_tree_hides_nothing_in_it(sandbox, remade, then):
    who = "git config --global user.name a; git config --global user.email a@a"
    sandbox.run(f"{who}; cd pkg; git init -q; {then}; cd ..; {CHANGE}")
    patch = sandbox.diff()
    assert files_of(patch) == FIX
    remade(patch)


# Kinds of files


@pytest.mark.parametrize(
    "command, names",
    [
        ("ln -sfn /etc/passwd link", ["link"]),
        ("rm link; mkdir link; echo x > link/file", ["link", "link/file"]),
        ("rm -r pkg; ln -s . pkg", ["pkg", "pkg/code.py", "pkg/other.py"]),
        ("rm README; mkdir README; echo x > README/README", ["README", "README/README"]),
        ("ln -s loop loop; ln -s nowhere dangling", ["dangling", "loop"]),
        ("rm pkg/code.py; ln -s other.py pkg/code.py", ["pkg/code.py"]),
        ("chmod +x pkg/code.py; chmod 600 README; chmod 777 pkg", ["pkg/code.py"]),
        ("mv pkg/code.py pkg/moved.py", ["pkg/code.py", "pkg/moved.py"]),
        ("mv pkg moved", ["moved/code.py", "moved/other.py", "pkg/code.py", "pkg/other.py"]),
        ("mkfifo pipe; mkdir empty; echo x > file", ["file"]),
        ("echo x > readme; echo y > Readme", ["Readme", "readme"]),
        ("printf '\\001' >> image.png; head -c 70000 /dev/zero > zeros.bin", ["image.png", "zeros.bin"]),
        ("rm image.png", ["image.png"]),
        ("printf 'more\\r\\n' >> run.bat", ["run.bat"]),
        (
            "echo '*.py -text binary' > pkg/.gitattributes; echo 'y = 2' > pkg/other.py",
            ["pkg/.gitattributes", "pkg/other.py"],
        ),
        ("echo '*' > .gitignore; echo x > hidden; echo 'y = 2' > pkg/other.py", [".gitignore", "pkg/other.py"]),
        ("mkdir build; echo x > build/made; echo x > a.log; echo 'y = 2' > pkg/other.py", ["pkg/other.py"]),
        ("git add -f a.log 2>/dev/null; echo x > a.log; git add -f a.log; echo x > b", ["b"]),
        (
            "printf 'x\\0y' > nul.py; printf '\\351' > latin.py; printf '\\357\\273\\277x' > bom.py",
            ["bom.py", "latin.py", "nul.py"],
        ),
    ],
)
def test_every_kind_of_change_is_in_the_patch_and_goes_in(sandbox, remade, command, names):
    result = sandbox.run(command)
    patch = sandbox.diff()
    assert files_of(patch) == names, result.text
    remade(patch)


@pytest.mark.parametrize(
    "name", ["a b", "-x", 'qu"ote', "back\\slash", "tab\there", "new\nline", "é", "\udcff", "x" * 200]
)
def test_every_name_is_in_the_patch_and_goes_in(sandbox, remade, name):
    sandbox.write(f"/testbed/{name}", b"content\n")
    patch = sandbox.diff()
    assert remade(patch) == {name: b"content\n"}
    patch.encode()


def test_a_huge_file_is_in_the_patch_and_goes_in(sandbox, remade):
    noise = os.urandom(12 << 20)
    text = b"0123456789abcdef\n" * 600_000
    sandbox.write("noise.bin", noise)
    sandbox.write("large.txt", text)
    sandbox.run("echo 'y = 2' > pkg/other.py")
    made = remade(sandbox.diff())
    assert (made["noise.bin"], made["large.txt"]) == (noise, text)


def test_a_line_of_megabytes_is_in_the_patch_and_goes_in(sandbox, remade):
    line = b"x = '" + b"y" * (8 << 20) + b"'\n"
    sandbox.write("pkg/code.py", line)
    assert remade(sandbox.diff())["pkg/code.py"] == line


def test_thousands_of_files_are_in_the_patch(sandbox, remade):
    sandbox.run("mkdir many; cd many; for i in $(seq 3000); do echo $i > $i; done")
    patch = sandbox.diff()
    assert len(files_of(patch)) == 3000


def test_a_file_changed_behind_its_size_and_time_is_in_the_patch_and_one_touched_is_not(base):
    with base.fork() as fork:
        fork.diff()  # the index of the base is made
        fork.run("touch pkg/other.py; chmod 600 README; cp -p pkg/code.py /var/tmp/c; cp -p /var/tmp/c pkg/code.py")
        assert fork.diff() == ""
        fork.run("sed -i 's/return 1/return 3/' pkg/code.py; touch -r /var/tmp/c pkg/code.py")
        with fork.fork() as deeper:
            deeper.run("rm run.bat; printf 'y = 2\\n' > o; touch -r pkg/other.py o; cat o > pkg/other.py; rm o")
            changed = [part.path for part in sections(deeper.diff())]
        assert changed == ["pkg/code.py", "pkg/other.py", "run.bat"]
        assert [part.path for part in sections(fork.diff())] == ["pkg/code.py"]


def test_files_that_are_as_they_were_are_read_once_for_all_forks(tmp_path):
    with lay(tmp_path, TREE) as base:
        with base.fork() as fork:
            fork.run(CHANGE)
            fork.diff()
        index = base._tree.index._file
        with base.fork() as fork:
            fork.run(CHANGE)
            fork.diff()
        assert base._tree.index._file == index
        assert index.stat().st_mtime_ns > (tmp_path / "layer/testbed/README").stat().st_mtime_ns
        listed = os.popen(f"GIT_INDEX_FILE={index} git -C {tmp_path}/layer/testbed ls-files --debug README").read()
        assert f"ino: {(tmp_path / 'layer/testbed/README').stat().st_ino}" in listed


def test_a_tree_with_more_changes_than_any_patch_is_lost_in_one_line(sandbox, monkeypatch):
    monkeypatch.setattr("environments.sandboxes.tree_diff.LARGEST_ANSWER", 1 << 20)
    sandbox.run("seq 300000 > /testbed/much.txt")
    with pytest.raises(TreeLost, match="that is no patch"):
        sandbox.diff()
    assert sandbox.run("rm much.txt; echo alive").text == "alive\n"


def test_a_tree_of_holes_is_lost_in_one_line_and_not_read_for_hours(sandbox, monkeypatch):
    monkeypatch.setattr("environments.sandboxes.tree_diff.LONGEST", 1)
    sandbox.run("for i in $(seq 200); do truncate -s 60M hole$i; done")
    with pytest.raises(TreeLost, match="take git over 1 s of processor time: that is no patch"):
        sandbox.diff()
    assert sandbox.run("rm hole*; echo alive").text == "alive\n"
    assert sandbox.diff() == ""
