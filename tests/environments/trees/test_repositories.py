import contextlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hidden_fix import commit, git, identify, make_history, places_of_the_fix

from environments.errors import RepositoryError
from environments.trees.repositories import Repositories, version_of
from environments.trees.repositories.tags import read_tags

PROJECT = Path(__file__).parents[3]


@pytest.fixture
def history(tmp_path):
    """A repository with a later fix, and its base commit."""
    place = tmp_path / "repos" / "owner__name"
    place.parent.mkdir()
    return place, make_history(place)


@pytest.fixture
def repositories(tmp_path):
    return Repositories(tmp_path / "repos", tmp_path / "cache", clone_url=f"file://{tmp_path}/none/{{repo}}")


def new_repository(folder):
    folder.mkdir(parents=True)
    git(folder, "init", "-q")
    return folder


def raw_tree(folder, *entries):
    """Write a tree object as given, whatever git thinks of its names; return its id."""
    body = b"".join(b"%s %s\0%s" % (mode, name, bytes.fromhex(target)) for mode, name, target in entries)
    return git(folder, "hash-object", "-t", "tree", "--literally", "-w", "--stdin", stdin=body).decode().strip()


def raw_commit(folder, tree):
    return git(folder, "commit-tree", tree, "-m", "raw").decode().strip()


def blob(folder, content):
    return git(folder, "hash-object", "-w", "--stdin", stdin=content).decode().strip()


# Leak-proof


def test_the_search_finds_the_fix_where_it_is(history):
    place, _ = history
    found = places_of_the_fix(place)
    assert {"log", "objects", "stash"} <= set(found)
    assert str(place / "code.py") in found
    assert any("/.git/objects/" in name for name in found)


def test_the_fix_cannot_be_found_in_a_tasks_tree(history, repositories, tmp_path):
    base = history[1]
    tree = repositories.tree("owner/name", base, tmp_path / "tree")
    assert places_of_the_fix(tmp_path / "tree") == []
    assert (tmp_path / "tree" / "code.py").read_text() == "def f():\n    return 'broken'\n"
    made = tmp_path / "tree" / ".git"
    assert git(tmp_path / "tree", "rev-list", "--all").decode().split() == [tree.head]
    objects = git(tmp_path / "tree", "cat-file", "--batch-all-objects", "--batch-check").decode().split("\n")[:-1]
    assert len(objects) == 3  # a commit, a tree, a file
    absent = ("objects/info/alternates", "logs", "packed-refs", "refs/stash", "refs/notes", "hooks", "ORIG_HEAD")
    assert [name for name in absent if (made / name).exists()] == []
    assert git(tmp_path / "tree", "status", "--porcelain", "--ignored") == b""


def test_the_tree_does_not_depend_on_the_repository_once_it_is_made(history, repositories, tmp_path):
    place, base = history
    tree = repositories.tree("owner/name", base, tmp_path / "tree")
    shutil.rmtree(place)
    git(tmp_path / "tree", "fsck", "--full", "--strict")
    assert b"broken" in git(tmp_path / "tree", "show", f"{tree.head}:code.py")


# Where repositories lie


@pytest.mark.parametrize("bare", [True, False])
@pytest.mark.parametrize("where", ["owner__name", "owner__name.git", "owner/name", "owner/name.git"])
def test_every_usual_place_is_looked_at(tmp_path, where, bare):
    base = make_history(tmp_path / "source")
    place = tmp_path / "repos" / where
    place.parent.mkdir(parents=True)
    git(tmp_path, "clone", "-q", *(["--bare"] if bare else []), str(tmp_path / "source"), str(place))
    Repositories(tmp_path / "repos", tmp_path / "cache").tree("owner/name", base, tmp_path / "tree")
    assert "broken" in (tmp_path / "tree" / "code.py").read_text()
    assert not (tmp_path / "cache").exists()


def test_a_folder_that_is_a_repository_serves_every_name(tmp_path):
    base = make_history(tmp_path / "source")
    git(tmp_path, "clone", "-q", "--bare", str(tmp_path / "source"), str(tmp_path / "some-snapshot"))
    found = Repositories(tmp_path / "some-snapshot", tmp_path / "cache")
    assert found.tree("owner/name", base[:12], tmp_path / "tree").submodules == ()


@pytest.mark.parametrize("repo", ["name", "../name", "owner/..", "a/b/c", "-x/name", "owner/na me", "", "owner/\n"])
def test_what_is_no_name_is_refused(repositories, history, tmp_path, repo):
    with pytest.raises(RepositoryError, match="owner/name"):
        repositories.tree(repo, history[1], tmp_path / "tree")


@pytest.mark.parametrize("name", ["HEAD", "main", "--output=x", "abc", "g" * 40, "", "v1.2"])
def test_what_is_no_commits_id_is_refused(repositories, history, tmp_path, name):
    with pytest.raises(RepositoryError, match="not a commit's id"):
        repositories.tree("owner/name", name, tmp_path / "tree")


def test_a_commit_that_is_not_there_is_one_clear_line(repositories, history, tmp_path):
    with pytest.raises(RepositoryError, match=f"has no commit {'0' * 40}"):
        repositories.tree("owner/name", "0" * 40, tmp_path / "tree")
    tree = identify(history[0], "HEAD^{tree}")
    with pytest.raises(RepositoryError, match="has no commit"):
        repositories.tree("owner/name", tree, tmp_path / "tree")
    assert not (tmp_path / "tree").exists()


def test_no_folder_is_one_clear_line(tmp_path):
    with pytest.raises(RepositoryError, match="no folder of repositories"):
        Repositories(tmp_path / "missing", tmp_path).tree("owner/name", "0" * 40, tmp_path / "tree")


def test_an_existing_destination_is_not_touched(repositories, history, tmp_path):
    (tmp_path / "tree").mkdir()
    with pytest.raises(FileExistsError):
        repositories.tree("owner/name", history[1], tmp_path / "tree")


# Bytes as they are


def test_bytes_modes_links_and_names_are_those_of_the_commit(repositories, tmp_path):
    place = new_repository(tmp_path / "repos" / "owner__name")
    (place / ".gitattributes").write_text(
        "*.bat text eol=crlf\n*.id ident\n*.u16 working-tree-encoding=UTF-16\n"
        "left-out export-ignore\nsubst export-subst\n*.bin filter=lfs diff=lfs merge=lfs -text\n"
    )
    pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"0" * 64 + b"\nsize 12\n"
    contents = {
        b"lf.bat": b"echo\n",
        b"crlf.bat": b"echo\r\n",
        b"mixed.txt": b"a\r\nb\nc\r",
        b"name.id": b"$Id: kept $\n$Id$\n",
        b"text.u16": "é\n".encode(),
        b"left-out": b"still here\n",
        b"subst": b"$Format:%H$\n",
        b"data.bin": pointer,
        b"README": b"upper\n",
        b"readme": b"lower\n",
        b"empty": b"",
        b"all": bytes(range(256)) * 300,
        b"large": os.urandom(3 << 20),
        b"\xff\n\"odd'": b"odd name\n",
        b"-n": b"dash\n",
    }
    entries = [(b"100644", name, blob(place, content)) for name, content in contents.items()]
    entries += [
        (b"100755", b"run.sh", blob(place, b"#!/bin/sh\n")),
        (b"100664", b"old-mode", blob(place, b"as git once wrote it\n")),
        (b"120000", b"link", blob(place, b"lf.bat")),
        (b"120000", b"out", blob(place, b"/etc/passwd")),
        (b"100644", b".gitattributes", blob(place, (place / ".gitattributes").read_bytes())),
        (b"100644", b".gitignore", blob(place, b"empty\nlarge\n")),
    ]
    tree = raw_tree(place, *sorted(entries, key=lambda entry: entry[1]))
    repositories.tree("owner/name", raw_commit(place, tree), tmp_path / "tree")
    made = tmp_path / "tree"
    assert {name: (made / os.fsdecode(name)).read_bytes() for name in contents} == contents
    assert (made / "link").readlink() == Path("lf.bat")
    assert (made / "out").readlink() == Path("/etc/passwd")
    assert os.access(made / "run.sh", os.X_OK)
    assert not os.access(made / "old-mode", os.X_OK)
    assert git(made, "status", "--porcelain") == b""
    assert len(list(made.iterdir())) == len(entries) + 1


def test_submodules_are_empty_folders_and_named(repositories, tmp_path):
    inner = new_repository(tmp_path / "inner")
    (inner / "module").write_text("inside\n")
    commit(inner, "inner")
    place = new_repository(tmp_path / "repos" / "owner__name")
    (place / "code.py").write_text("x = 1\n")
    git(place, "submodule", "add", "-q", str(inner), "deps/inner")
    git(place, "submodule", "add", "-q", str(inner), "top")
    base = commit(place, "with submodules")
    tree = repositories.tree("owner/name", base, tmp_path / "tree")
    assert tree.submodules == ("deps/inner", "top")
    assert list((tmp_path / "tree" / "deps" / "inner").iterdir()) == []
    assert (tmp_path / "tree" / ".gitmodules").is_file()
    assert "160000" not in git(tmp_path / "tree", "ls-tree", "-r", "HEAD").decode()
    assert git(tmp_path / "tree", "status", "--porcelain") == b""


# Hostile repositories


@pytest.mark.parametrize("name", [b".git", b".GIT", b"..", b".", b"a/../../x", b"/etc"])
def test_a_name_that_leads_elsewhere_is_refused(repositories, tmp_path, name):
    place = new_repository(tmp_path / "repos" / "owner__name")
    inner = raw_tree(place, (b"100755", b"hook", blob(place, b"#!/bin/sh\n")))
    evil = raw_commit(place, raw_tree(place, (b"40000", name, inner)))
    with pytest.raises(RepositoryError, match="cannot write the files"):
        repositories.tree("owner/name", evil, tmp_path / "a" / "tree")
    assert list((tmp_path / "a").iterdir()) == []
    assert not (tmp_path / "hook").exists()


def test_a_link_and_a_folder_of_one_name_write_nothing_through_the_link(repositories, tmp_path):
    place = new_repository(tmp_path / "repos" / "owner__name")
    outside = tmp_path / "outside"
    outside.mkdir()
    link = blob(place, str(outside).encode())
    folder = raw_tree(place, (b"100644", b"written", blob(place, b"escaped\n")))
    evil = raw_commit(place, raw_tree(place, (b"120000", b"x", link), (b"40000", b"x", folder)))
    with contextlib.suppress(RepositoryError):
        repositories.tree("owner/name", evil, tmp_path / "tree")
    assert list(outside.iterdir()) == []


def test_nothing_that_the_repository_names_is_run(repositories, history, tmp_path):
    place, base = history
    program = tmp_path / "evil"
    program.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    program.chmod(0o755)
    keys = (
        *(
            "core.fsmonitor",
            "core.sshCommand",
            "core.pager",
            "core.askPass",
            "core.editor",
            "uploadpack.packObjectsHook",
        ),
        *("filter.evil.smudge", "filter.evil.clean", "filter.evil.process", "diff.evil.textconv", "diff.external"),
        *("gpg.program", "credential.helper", "core.alternateRefsCommand", "core.gitProxy", "remote.origin.uploadpack"),
    )
    for key in keys:
        git(place, "config", key, str(program))
    git(place, "config", "remote.origin.url", f"ext::{program}")
    git(place, "config", "remote.origin.promisor", "true")
    git(place, "config", "extensions.partialClone", "origin")
    git(place, "config", "core.repositoryFormatVersion", "1")
    git(place, "config", "core.hooksPath", str(tmp_path / "hooks"))
    (place / ".git" / "info").mkdir(exist_ok=True)
    (place / ".git" / "info" / "attributes").write_text("* filter=evil diff=evil\n")
    (tmp_path / "hooks").mkdir()
    for hook in ("post-checkout", "post-index-change", "reference-transaction", "pre-auto-gc", "post-commit"):
        for folder in (tmp_path / "hooks", place / ".git" / "hooks"):
            folder.mkdir(exist_ok=True)
            shutil.copy(program, folder / hook)
    repositories.tree("owner/name", base, tmp_path / "tree")
    assert repositories.nearest_tag("owner/name", base) == "v1.2"
    with pytest.raises(RepositoryError):  # an object that its remote would be asked for
        repositories.tree("owner/name", "1" * 40, tmp_path / "other")
    assert not (tmp_path / "ran").exists()


def test_a_repository_without_all_its_files_is_one_clear_line(repositories, tmp_path):
    source = new_repository(tmp_path / "source")
    (source / "code.py").write_text("x = 1\n")
    base = commit(source, "base")
    git(source, "config", "uploadpack.allowFilter", "true")
    place = tmp_path / "repos" / "owner__name"
    place.parent.mkdir()
    git(tmp_path, "clone", "-q", "--bare", "--filter=blob:none", f"file://{source}", str(place))
    with pytest.raises(RepositoryError, match="cannot write the files"):
        repositories.tree("owner/name", base, tmp_path / "tree")


def test_objects_that_are_not_what_their_names_say_are_refused(repositories, tmp_path):
    place = new_repository(tmp_path / "repos" / "owner__name")
    (place / "code.py").write_text("x = 1\n")
    base = commit(place, "base")
    (place / "code.py").write_text("x = 2\n")
    other = blob(place, b"x = 2\n")
    real = identify(place, f"{base}:code.py")
    objects = place / ".git" / "objects"
    (objects / real[:2] / real[2:]).unlink()
    shutil.copy(objects / other[:2] / other[2:], objects / real[:2] / real[2:])
    with pytest.raises(RepositoryError):
        repositories.tree("owner/name", base, tmp_path / "tree")


@pytest.mark.parametrize("how", ["alternates", "quoted", "objects", "pack"])
def test_objects_of_a_repository_elsewhere_are_not_read(repositories, tmp_path, how):
    private = new_repository(tmp_path / "private")
    (private / "secret").write_text("hunter2\n")
    secret = commit(private, "private")
    git(private, "repack", "-adq")
    place = new_repository(tmp_path / "repos" / "owner__name")
    objects = place / ".git" / "objects"
    theirs = private / ".git" / "objects"
    if how in ("alternates", "quoted"):
        (objects / "info").mkdir(exist_ok=True)
        line = f'"{theirs}"' if how == "quoted" else str(theirs)
        (objects / "info" / "alternates").write_text(line + "\n")
    elif how == "objects":
        shutil.rmtree(objects)
        objects.symlink_to(theirs)
    else:
        shutil.rmtree(objects / "pack")
        (objects / "pack").symlink_to(theirs / "pack")
    with pytest.raises(RepositoryError) as raised:
        repositories.tree("owner/name", secret, tmp_path / "tree")
    assert "\n" not in str(raised.value)
    assert not (tmp_path / "tree").exists()


def test_repositories_of_one_folder_may_share_objects(repositories, history, tmp_path):
    place, base = history
    fork = tmp_path / "repos" / "fork" / "name"
    fork.parent.mkdir()
    git(tmp_path, "clone", "-q", "--bare", "--shared", str(place), str(fork))
    repositories.tree("fork/name", base, tmp_path / "tree")
    assert places_of_the_fix(tmp_path / "tree") == []


def test_a_pointer_to_a_repository_elsewhere_is_refused(repositories, history, tmp_path):
    place, base = history
    git(place, "worktree", "add", "-q", "--detach", str(tmp_path / "repos" / "other__name"))
    with pytest.raises(RepositoryError, match="only points to a repository"):
        repositories.tree("other/name", base, tmp_path / "tree")


def test_settings_of_the_host_do_not_reach_in(repositories, history, tmp_path, monkeypatch):
    place, base = history
    (tmp_path / "config").write_text("[core]\n\tautocrlf = true\n[protocol]\n\tallow = never\n")
    for name, value in {
        "GIT_CONFIG_GLOBAL": str(tmp_path / "config"),
        "GIT_DIR": str(place / ".git"),
        "GIT_WORK_TREE": str(place),
        "GIT_INDEX_FILE": str(place / ".git" / "index"),
        "GIT_OBJECT_DIRECTORY": str(place / ".git" / "objects"),
    }.items():
        monkeypatch.setenv(name, value)
    before = (place / ".git" / "index").read_bytes()
    repositories.tree("owner/name", base, tmp_path / "tree")
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY"):
        monkeypatch.delenv(name)
    assert places_of_the_fix(tmp_path / "tree") == []
    assert (place / ".git" / "index").read_bytes() == before


# Tags


def test_the_nearest_tag_is_never_a_later_one(repositories, history):
    place, base = history
    assert repositories.nearest_tag("owner/name", base) == "v1.2"
    assert version_of("v1.2") == "1.2"
    assert repositories.nearest_tag("owner/name", identify(place, "v1.4^{commit}")) in ("v1.3", "v1.4")


def test_tags_packed_and_loose_with_folders_and_without_digits(repositories, tmp_path):
    place = new_repository(tmp_path / "repos" / "owner__name")
    first = commit(place, "first")
    assert repositories.nearest_tag("owner/name", first) is None
    git(place, "tag", "release/1.0")
    git(place, "pack-refs", "--all")
    second = commit(place, "second")
    git(place, "tag", "latest")
    (place / ".git" / "refs" / "tags" / "broken-1").write_text("ref: refs/heads/main\n")
    (place / ".git" / "refs" / "tags" / "link-1").symlink_to(place / ".git" / "refs" / "tags" / "latest")
    (place / ".git" / "refs" / "tags" / "new\nline-1").write_text(f"{second}\n")
    assert read_tags(place / ".git") == {"release/1.0": first, "latest": second}
    assert repositories.nearest_tag("owner/name", second) == "release/1.0"


def test_a_shallow_clone_has_the_tags_that_it_has(tmp_path, history):
    place, base = history
    repos = tmp_path / "shallow"
    git(tmp_path, "clone", "-q", "--bare", "--depth=1", f"file://{place}", str(repos / "owner__name"))
    repositories = Repositories(repos, tmp_path / "cache")
    assert repositories.nearest_tag("owner/name", identify(place, "main")) in (None, "v1.3", "v1.4")
    with pytest.raises(RepositoryError, match="has no commit"):
        repositories.tree("owner/name", base, tmp_path / "tree")


@pytest.mark.parametrize(
    "tag, version",
    [
        ("v2.27.1", "2.27.1"),
        ("5.4.0", "5.4.0"),
        ("sympy-1.12", "1.12"),
        ("release/v1.0rc1", "1.0rc1"),
        ("1.0-rc1", "1.0rc1"),
        ("v5.2.dev", "5.2.dev0"),
        ("1.0-1", "1.0.post1"),
        ("latest", None),
        ("rel_1_4_0", None),
        ("v", None),
        ("1.0; rm -rf /", None),
    ],
)
def test_the_version_that_a_tag_names(tag, version):
    assert version_of(tag) == version


# Clones


@pytest.fixture
def remote(tmp_path):
    """Repositories that are cloned from ``remote/owner/name``, and the base commit there."""
    place = tmp_path / "remote" / "owner" / "name"
    place.parent.mkdir(parents=True)
    base = make_history(place)
    return Repositories(None, tmp_path / "cache", clone_url=f"file://{tmp_path}/remote/{{repo}}"), base, place


def test_a_clone_is_made_once_bare_and_whole(remote, tmp_path):
    repositories, base, place = remote
    repositories.tree("owner/name", base, tmp_path / "tree")
    assert places_of_the_fix(tmp_path / "tree") == []
    clone = tmp_path / "cache" / "repositories" / "owner__name.git"
    assert (clone / "HEAD").is_file()
    git(clone, "rev-list", "--objects", "--all", "--missing=error")
    assert not (clone / "hooks").exists()
    place.rename(tmp_path / "gone")
    assert repositories.nearest_tag("owner/name", base) == "v1.2"
    repositories.tree("owner/name", base, tmp_path / "again")


def test_a_commit_that_came_later_is_fetched(remote, tmp_path):
    repositories, base, place = remote
    repositories.tree("owner/name", base, tmp_path / "tree")
    (place / "code.py").write_text("later\n")
    later = commit(place, "later")
    repositories.tree("owner/name", later[:10], tmp_path / "later")
    assert (tmp_path / "later" / "code.py").read_text() == "later\n"
    (place / "code.py").write_text("on no branch\n")
    lost = commit(place, "lost")
    git(place, "reset", "-q", "--hard", later)
    git(place, "config", "uploadpack.allowAnySHA1InWant", "true")
    repositories.tree("owner/name", lost, tmp_path / "lost")
    assert (tmp_path / "lost" / "code.py").read_text() == "on no branch\n"
    with pytest.raises(RepositoryError, match="has no commit"):
        repositories.tree("owner/name", "0" * 40, tmp_path / "none")


def test_parallel_runs_clone_once(remote, tmp_path):
    repositories, base, _ = remote
    (tmp_path / "bin").mkdir()
    real = shutil.which("git")
    wrapper = tmp_path / "bin" / "git"
    wrapper.write_text(f'#!/bin/sh\n[ "$1" = clone ] && echo clone >> {tmp_path}/log\nexec {real} "$@"\n')
    wrapper.chmod(0o755)
    path = f"{tmp_path}/bin:{os.environ['PATH']}"
    code = (
        "import sys\nfrom pathlib import Path\nfrom environments.trees.repositories import Repositories\n"
        f"found = Repositories(None, Path({str(tmp_path / 'cache')!r}), {repositories.clone_url!r})\n"
        f"found.tree('owner/name', {base!r}, Path(sys.argv[1]))\n"
    )
    environment = {**os.environ, "PATH": path, "PYTHONPATH": os.pathsep.join([str(PROJECT), *sys.path])}
    runs = [
        subprocess.Popen([sys.executable, "-c", code, str(tmp_path / f"tree-{number}")], env=environment)
        for number in range(4)
    ]
    assert [run.wait() for run in runs] == [0] * 4
    assert (tmp_path / "log").read_text() == "clone\n"
    assert all((tmp_path / f"tree-{number}" / "code.py").is_file() for number in range(4))


def test_what_a_killed_clone_left_is_no_clone(remote, tmp_path):
    repositories, base, _ = remote
    (tmp_path / "bin").mkdir()
    wrapper = tmp_path / "bin" / "git"
    # It makes half a clone where it was told to, says so, and hangs until it is killed.
    wrapper.write_text(
        '#!/bin/sh\n[ "$1" = clone ] || exec ' + str(shutil.which("git")) + ' "$@"\n'
        f'for last; do :; done\nmkdir -p "$last/objects"; echo "ref: x" > "$last/HEAD"; mkfifo {tmp_path}/fifo\n'
        f"echo $$ > {tmp_path}/pid.new; mv {tmp_path}/pid.new {tmp_path}/pid; exec cat {tmp_path}/fifo\n"
    )
    wrapper.chmod(0o755)
    code = (
        "from pathlib import Path\nfrom environments.trees.repositories import Repositories\n"
        f"found = Repositories(None, Path({str(tmp_path / 'cache')!r}), {repositories.clone_url!r})\n"
        f"found.tree('owner/name', {base!r}, Path({str(tmp_path / 'tree')!r}))\n"
    )
    environment = {
        **os.environ,
        "PATH": f"{tmp_path}/bin:{os.environ['PATH']}",
        "PYTHONPATH": os.pathsep.join([str(PROJECT), *sys.path]),
    }
    run = subprocess.Popen([sys.executable, "-c", code], env=environment)
    while not (tmp_path / "pid").exists():
        assert run.poll() is None
    run.kill()
    run.wait()
    os.kill(int((tmp_path / "pid").read_text()), 9)
    shelf = tmp_path / "cache" / "repositories"
    assert len(list(shelf.glob(".cloning-*"))) == 1
    assert not (tmp_path / "tree").exists()
    repositories.tree("owner/name", base, tmp_path / "tree")
    assert list(shelf.glob(".cloning-*")) == []
    assert "broken" in (tmp_path / "tree" / "code.py").read_text()


def test_what_cannot_be_reached_is_one_clear_line(repositories, tmp_path):
    (tmp_path / "repos").mkdir()
    with pytest.raises(RepositoryError, match="check the network, or name a folder") as raised:
        repositories.tree("owner/name", "0" * 40, tmp_path / "tree")
    assert "\n" not in str(raised.value)
    assert list((tmp_path / "cache" / "repositories").glob("*owner__name.git")) == []


def test_a_password_in_the_address_is_not_shown(tmp_path):
    found = Repositories(None, tmp_path, clone_url="http://user:hunter2@127.0.0.1:1/{repo}")
    with pytest.raises(RepositoryError) as raised:
        found.tree("owner/name", "0" * 40, tmp_path / "tree")
    assert "hunter2" not in str(raised.value)


def test_an_address_that_runs_a_program_is_refused(tmp_path):
    found = Repositories(None, tmp_path, clone_url=f"ext::touch {tmp_path}/ran {{repo}}")
    with pytest.raises(RepositoryError, match="could run a program"):
        found.tree("owner/name", "0" * 40, tmp_path / "tree")
    assert not (tmp_path / "ran").exists()
