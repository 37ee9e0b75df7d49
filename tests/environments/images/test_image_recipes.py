import os
import re
import subprocess
import tarfile
from dataclasses import replace
from pathlib import Path

import pytest

from environments.images.build_recipe import (
    BuildRecipeError,
    ContextFile,
    base_recipe,
    environment_recipe,
    python_recipe,
    suite,
    task_recipe,
)
from environments.images.tree_tar import write_tree_tar
from environments.specs import find_spec, layer_key
from environments.trees.worktree import one_commit

DOCKER = Path(__file__).parents[3] / "docker"
FLASK = find_spec("pallets/flask", "2.3")
REQUESTS = find_spec("psf/requests", "2.4")
TREE = ContextFile.of("testbed.tar", b"an archive")
ABOUT = {"instance_id": "pallets__flask-5014", "base_commit": "7ee9ceb71e868944a46e1ff00b506772a53a4f1d", "tree": TREE}


def recipes(spec=FLASK, **task):
    base = base_recipe()
    python = python_recipe(spec.python, base.tag)
    environment = environment_recipe(spec, python.tag)
    return base, python, environment, task_recipe(spec, environment.tag, **{**ABOUT, **task})


def content(recipe, name):
    (found,) = (file for file in recipe.files if file.name == name)
    return found.content.decode()


def test_each_layer_stands_on_the_one_below():
    base, python, environment, task = recipes()
    assert base.build_args == {"BASE_IMAGE": "debian:bookworm-slim"}
    below = [above.build_args["BASE_IMAGE"] for above in (python, environment, task)]
    assert below == [base.tag, python.tag, environment.tag]
    for recipe in (base, python, environment, task):
        assert re.fullmatch(rf"runoff/{recipe.layer}:[0-9a-f]{{12}}", recipe.tag)
        assert recipe.labels["dev.runoff.layer"] == recipe.layer
        assert "dev.runoff.sandbox" not in recipe.labels  # what has that is swept away with the sandboxes


def test_equal_recipes_have_equal_tags_and_a_change_below_shows_in_all_above():
    tags = [recipe.tag for recipe in recipes()]
    assert tags == [recipe.tag for recipe in recipes()]
    other = base_recipe("debian:trixie-slim")
    assert other.tag != tags[0]
    assert python_recipe("3.11", other.tag).tag != tags[1]


@pytest.mark.parametrize(
    "change",
    [
        {"instance_id": "pallets__flask-1"},
        {"base_commit": "0" * 40},
        {"tree": ContextFile.of("testbed.tar", b"another archive")},
        {"tag": "2.2.2"},
    ],
)
def test_a_task_s_tag_depends_on_all_that_goes_into_it(change):
    assert recipes(**change)[-1].tag != recipes()[-1].tag
    assert [below.tag for below in recipes(**change)[:3]] == [below.tag for below in recipes()[:3]]


def test_only_the_context_and_the_arguments_make_the_tag():
    recipe = recipes()[-1]
    assert replace(recipe, files=recipe.files[::-1]).tag == recipe.tag
    assert replace(recipe, dockerfile=recipe.dockerfile + "\n").tag != recipe.tag


def test_versions_with_the_same_packages_share_the_environment():
    python = python_recipe("3.9", base_recipe().tag).tag
    first, second = (find_spec("sympy/sympy", version) for version in ("1.0", "1.13"))
    assert environment_recipe(first, python).tag == environment_recipe(second, python).tag
    assert environment_recipe(first, python).labels["dev.runoff.environment"] == layer_key(second)


def test_complete_pins_are_installed_as_they_are_and_others_resolved():
    assert environment_recipe(FLASK, "x").build_args["PIP_OPTIONS"] == "--no-deps"
    assert environment_recipe(find_spec("astropy/astropy", "4.3"), "x").build_args["PIP_OPTIONS"] == ""
    pins = content(environment_recipe(FLASK, "x"), "environment/pins.txt").splitlines()
    assert sorted(pins) == sorted(FLASK.pins)


def test_a_service_has_an_environment_of_its_own_and_is_prepared_before_the_commit():
    environment = environment_recipe(REQUESTS, "x")
    assert "httpbin==0.7.0" in content(environment, "environment/services/httpbin.txt")
    assert "httpbin" not in content(environment, "environment/pins.txt")
    assert environment.build_args["SYSTEM_PACKAGES"] == "iproute2"
    commands = content(task_recipe(REQUESTS, "x", **ABOUT), "set_up/commands").splitlines()
    assert "cacert.pem" in commands[-2]
    assert commands[-1] == "python -m pip install ."


def test_an_old_python_gets_what_it_can_run():
    old, new = python_recipe("3.6", "x"), python_recipe("3.9", "x")
    assert (old.build_args["PIP"], old.build_args["SETUPTOOLS"]) == ("21.3.1", "59.6.0")
    assert old.build_args["PYTHON_IMAGE"] == "python:3.6-slim-bullseye"
    assert suite("3.6") == "bullseye"
    assert new.build_args["PYTHON_IMAGE"] == "python:3.9-slim-bookworm"
    assert python_recipe("3.9", "x", "runoff/cpython:3.9").build_args["PYTHON_IMAGE"] == "runoff/cpython:3.9"


def test_certificates_go_into_the_base_by_plain_names_alone():
    recipe = base_recipe(certificates={"corporate.crt": b"PEM"})
    assert content(recipe, "ca/corporate.crt") == "PEM"
    assert recipe.tag != base_recipe().tag
    for name in ("../x.crt", "a/b.crt", ".crt", "x.pem", "x.crt\n", ""):
        with pytest.raises(BuildRecipeError):
            base_recipe(certificates={name: b""})


NO_TAGS = ["-f", "a b", "a..b", "a.lock", "a.lock/b", "a/", "/a", "a//b", "$(x)", "a\nb", "", ".a", "a~1", "x" * 101]


@pytest.mark.parametrize("tag", NO_TAGS)
def test_a_tag_that_git_or_a_shell_would_read_otherwise_is_refused(tag):
    with pytest.raises(BuildRecipeError) as error:
        recipes(tag=tag)
    assert "\n" not in str(error.value)


def test_the_archive_has_the_name_that_the_dockerfile_adds():
    with pytest.raises(BuildRecipeError, match=r"testbed\.tar"):
        recipes(tree=ContextFile.of("tree.tar", b""))


@pytest.mark.parametrize("path", sorted(DOCKER.glob("*.Dockerfile")), ids=lambda path: path.name)
def test_the_oldest_builder_takes_every_dockerfile(path):
    text = path.read_text()
    assert text.splitlines()[0].startswith("# ")  # no syntax directive
    assert not re.search(r"^# *syntax *=|--mount|--secret|--security|--network|--chmod|--link|<<", text, re.MULTILINE)
    lines = text.replace("\\\n", " ").splitlines()
    instructions = {line.split()[0] for line in lines if line and not line.startswith("#")}
    plain = {"ADD", "ARG", "COPY", "ENV", "FROM", "RUN", "USER", "WORKDIR"}
    assert instructions <= plain | {"CMD", "ENTRYPOINT", "HEALTHCHECK"}
    assert "FROM ${BASE_IMAGE}" in text


def test_every_argument_of_a_dockerfile_is_given_and_no_other():
    for recipe in recipes():
        assert set(re.findall(r"^ARG (\w+)", recipe.dockerfile, re.MULTILINE)) == set(recipe.build_args)
    # Whatever a Dockerfile takes from the context lies there.
    for recipe in recipes():
        names = [file.name for file in recipe.files]
        for sources in re.findall(r"^(?:COPY|ADD) (?!--from)(.+) \S+$", recipe.dockerfile, re.MULTILINE):
            assert all(any(name.startswith(source) for name in names) for source in sources.split())


@pytest.fixture
def source(tmp_path):
    tree = tmp_path / "source"
    (tree / "pkg").mkdir(parents=True)
    (tree / "pkg" / "code.py").write_bytes(b"x = 1\r\n")
    (tree / "run.sh").write_text("#!/bin/sh\n")
    (tree / "run.sh").chmod(0o750)
    (tree / "link").symlink_to("pkg/code.py")
    (tree / "setup.cfg").write_text("requires = a\n")
    (tree / ".gitattributes").write_text("* text=auto eol=lf ident\n")
    (tree / ".gitignore").write_text("*.egg-info\nignored.txt\n")
    (tree / "ignored.txt").write_text("tracked although ignored\n")
    (tree / ".git").mkdir()
    (tree / ".git" / "secret").write_text("the fix\n")
    return tree


def test_an_archive_says_whose_its_files_are_and_depends_on_them_alone(source, tmp_path):
    first = write_tree_tar(source, tmp_path / "a.tar")
    os.utime(source / "run.sh", (1, 1))
    (source / "setup.cfg").chmod(0o600)
    assert write_tree_tar(source, tmp_path / "b.tar") == first
    with tarfile.open(tmp_path / "a.tar") as archive:
        entries = {entry.name: entry for entry in archive}
    assert {(entry.uid, entry.gid) for entry in entries.values()} == {(1000, 1000)}
    assert not any(".git" in Path(name).parts for name in entries)
    assert (entries["run.sh"].mode, entries["setup.cfg"].mode, entries["pkg"].mode) == (0o755, 0o644, 0o755)
    assert entries["link"].linkname == "pkg/code.py"
    (source / "run.sh").chmod(0o640)
    assert write_tree_tar(source, tmp_path / "c.tar") != first


def test_an_archive_keeps_odd_names_and_empty_folders(tmp_path):
    tree = tmp_path / "tree"
    names = [b"\xff.txt", "é".encode(), b"-rf", b"a\nb", b"l" * 200]
    for name in names:
        Path(os.fsdecode(os.fsencode(tree) + b"/x/" + name)).parent.mkdir(parents=True, exist_ok=True)
        Path(os.fsdecode(os.fsencode(tree) + b"/x/" + name)).write_bytes(name)
    (tree / "empty").mkdir()
    write_tree_tar(tree, tmp_path / "a.tar")
    (tmp_path / "out").mkdir()
    subprocess.run(["tar", "-C", tmp_path / "out", "--no-same-owner", "-xf", tmp_path / "a.tar"], check=True)
    assert sorted(os.fsencode(path.name) for path in (tmp_path / "out" / "x").iterdir()) == sorted(names)
    assert (tmp_path / "out" / "empty").is_dir()


def set_up(source, tmp_path, *commands, tag=None, environment=None):
    """Do what the task's Dockerfile does: unpack the archive, run set_up.sh with its files."""
    tree, folder = tmp_path / "testbed", tmp_path / "set_up"
    tree.mkdir()
    archive = tmp_path / "testbed.tar"
    digest = write_tree_tar(source, archive)
    subprocess.run(["tar", "-C", tree, "--no-same-owner", "-xf", archive], check=True)
    spec = FLASK.model_copy(update={"pre_install": commands, "install": "true", "environment": environment or {}})
    recipe = task_recipe(spec, "x", **{**ABOUT, "tree": ContextFile("testbed.tar", archive, digest)}, tag=tag)
    for file in recipe.files[1:]:
        (tmp_path / file.name).parent.mkdir(exist_ok=True)
        (tmp_path / file.name).write_bytes(file.content)
    (folder / "owner").write_text(str(os.getuid()))
    command = ["bash", folder / "set_up.sh", folder]
    return tree, subprocess.run(command, cwd=tree, capture_output=True, text=True, check=False)


def git(tree, *arguments):
    command = ["git", "-c", "safe.directory=*", *arguments]
    return subprocess.run(command, cwd=tree, capture_output=True, text=True, check=True).stdout.strip()


def test_without_commands_the_commit_is_the_one_that_every_tree_of_runoff_s_has(source, tmp_path):
    (tmp_path / "image").mkdir()
    tree, done = set_up(source, tmp_path / "image")
    assert done.returncode == 0, done.stderr
    (source / ".git" / "secret").unlink()
    (source / ".git").rmdir()
    assert done.stdout.splitlines()[-1] == one_commit(source, tmp_path / "host") == git(tree, "rev-parse", "HEAD")
    assert git(tree, "status", "--porcelain") == ""
    assert "ignored.txt" in git(tree, "ls-files").splitlines()


def test_what_the_commands_change_and_make_is_in_the_one_commit_and_nothing_else_is_stored(source, tmp_path):
    commands = [
        "sed -i 's/a/b/' setup.cfg",
        "mkdir build pkg.egg-info && cp -r pkg build/ && touch pkg.egg-info/PKG-INFO version.py",
        "rm run.sh",
        "git describe --tags > described",
        'echo "$LANG" > language',
    ]
    tree, done = set_up(source, tmp_path, *commands, tag="v2.2.2", environment={"LANG": "en_US.UTF-8"})
    assert done.returncode == 0, done.stderr
    assert (tree / "described").read_text() == "v2.2.2\n"
    assert (tree / "language").read_text() == "en_US.UTF-8\n"
    assert git(tree, "rev-list", "--all", "--count") == "1"
    assert git(tree, "tag", "--points-at", "HEAD") == git(tree, "tag") == "v2.2.2"
    assert git(tree, "status", "--porcelain") == ""
    committed = git(tree, "ls-files").splitlines()
    assert {"described", "version.py", "setup.cfg"} < set(committed)
    assert not {"run.sh", "pkg.egg-info/PKG-INFO", "build/pkg/code.py"} & set(committed)
    assert (tree / "pkg.egg-info").is_dir()
    assert not (tree / "build").exists()
    assert git(tree, "show", "HEAD:setup.cfg") == "requires = b"
    # The first commit's trees and blobs are gone, and no object lies outside the one pack.
    stored = git(tree, "cat-file", "--batch-all-objects", "--batch-check").splitlines()
    reachable = git(tree, "rev-list", "--objects", "--all").splitlines()
    assert len(stored) == len(reachable)
    assert git(tree, "count-objects") == "0 objects, 0 kilobytes"
    assert not (tree / ".git" / "logs").exists()


def test_a_folder_called_build_that_belongs_to_the_repository_stays(source, tmp_path):
    (source / "build").mkdir()
    (source / "build" / "script.sh").write_text("")
    tree, done = set_up(source, tmp_path)
    assert done.returncode == 0, done.stderr
    assert "build/script.sh" in git(tree, "ls-files")
    assert (tree / "build" / "script.sh").exists()


def test_a_command_that_fails_fails_the_build(source, tmp_path):
    _, done = set_up(source, tmp_path, "false", "touch later")
    assert done.returncode != 0
    assert not (tmp_path / "testbed" / "later").exists()


def test_a_tree_s_own_filters_and_hooks_are_not_run(source, tmp_path):
    (source / ".gitattributes").write_text("* filter=evil\n")
    evil = f"git config --local filter.evil.clean 'touch {tmp_path}/ran; cat'"
    tree, done = set_up(source, tmp_path, evil, "echo y >> setup.cfg", "git tag extra")
    assert done.returncode == 0, done.stderr
    assert git(tree, "show", "HEAD:setup.cfg") == "requires = a\ny"
    assert not (tmp_path / "ran").exists()
    assert "evil" not in (tree / ".git" / "config").read_text()
    assert git(tree, "tag") == ""
    assert git(tree, "rev-list", "--all", "--count") == "1"


@pytest.fixture
def prefix(tmp_path):
    """A folder like a pyenv's, with the few kinds of files that matter."""
    top = tmp_path / "versions" / "3.9.18"
    files = {
        "bin/python3.9": "ELF",
        "bin/pip": f"#!{top}/bin/python3.9\n",
        "bin/python3.9-config": f"#!/bin/sh\nprefix={top}\n",
        "lib/libpython3.9.so.1.0": f"\0{top}\0",
        "lib/libpython3.9.a": "archive",
        "lib/python3.9/os.py": "",
        "lib/python3.9/test/test_os.py": "",
        "lib/python3.9/unittest/test/test_case.py": "",
        "lib/python3.9/ensurepip/_bundled/pip.whl": "",
        "lib/python3.9/site-packages/left/over.py": "",
        "lib/python3.9/_sysconfigdata__linux_x86_64-linux-gnu.py": f"build_time_vars = {{'prefix': '{top}'}}\n",
        "share/man/man1/python.1": "",
    }
    for name, text in files.items():
        (top / name).parent.mkdir(parents=True, exist_ok=True)
        (top / name).write_text(text)
    (top / "bin" / "python3.9").chmod(0o755)
    (top / "bin" / "python").symlink_to("python3.9")
    return top


def bootstrap(tmp_path, *arguments):
    client = tmp_path / "client"
    client.write_text(f'#!/bin/bash\necho "$@" > {tmp_path}/asked\ncat > {tmp_path}/imported.tar\n')
    client.chmod(0o755)
    settings = {**os.environ, "DOCKER": str(client), "PYENV_ROOT": str(tmp_path)}
    command = [DOCKER / "bootstrap.sh", *arguments]
    return subprocess.run(command, env=settings, capture_output=True, text=True, check=False)


def test_a_cpython_of_this_machine_becomes_an_image_that_names_its_new_place(prefix, tmp_path):
    done = bootstrap(tmp_path, "--python", "3.9", "runoff/cpython:3.9")
    assert (done.returncode, done.stdout) == (0, "runoff/cpython:3.9\n"), done.stderr
    assert (tmp_path / "asked").read_text() == "import - runoff/cpython:3.9\n"
    with tarfile.open(tmp_path / "imported.tar") as archive:
        entries = {entry.name: entry for entry in archive}
        texts = {name: archive.extractfile(entry).read().decode() for name, entry in entries.items() if entry.isfile()}
    assert all(name == "usr" or name.startswith("usr/local") for name in entries)
    assert {(entry.uid, entry.gid) for entry in entries.values()} == {(0, 0)}
    assert "'/usr/local'" in texts["usr/local/lib/python3.9/_sysconfigdata__linux_x86_64-linux-gnu.py"]
    assert "prefix=/usr/local\n" in texts["usr/local/bin/python3.9-config"]
    assert entries["usr/local/bin/python"].linkname == "python3.9"
    kept = {"usr/local/lib/python3.9/os.py", "usr/local/lib/python3.9/ensurepip/_bundled/pip.whl"}
    assert kept < set(texts)
    assert not [name for name in texts if re.search(r"/test/|left|bin/pip|\.a$|share", name)]


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        ((), 2, "name the image"),
        (("--python", "3.12", "x"), 3, "no CPython 3.12"),
        (("--python", "3.9; rm", "x"), 2, "minor version"),
        (("--python", "3.9", "--from", "/nowhere", "x"), 2, "/nowhere/bin/python3.9"),
        (("--frm", "x"), 2, "no option --frm"),
        (("x", "y"), 2, "one image"),
        (("--suite",), 2, "needs a value"),
    ],
)
def test_bootstrapping_says_what_it_lacks_in_one_line(tmp_path, arguments, code, words):
    done = bootstrap(tmp_path, *arguments)
    assert done.returncode == code
    assert words in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "asked").exists()
