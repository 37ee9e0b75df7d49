"""What a checkout needs, read without running it; nothing in it can steer pip."""

import sys

import pytest

from swebench_runs.checkouts.project_environment import infer, read_environment
from swebench_runs.checkouts.project_environment.install_record import install_record
from swebench_runs.errors import UsageError

RUNNING = f"3.{sys.version_info.minor}"


def test_a_bare_folder_needs_pytest_only(tmp_path):
    spec = infer(tmp_path)
    assert (spec.python, spec.packages, spec.python_path) == (RUNNING, ("pytest>=7",), (".",))


def test_pyproject_with_extras_groups_and_src_layout(tmp_path):
    (tmp_path / "src").mkdir()
    (tmp_path / "pyproject.toml").write_text(
        '[project]\nname = "My.Pkg"\nrequires-python = ">=3.9"\ndependencies = ["attrs>=23", "idna"]\n'
        '[project.optional-dependencies]\nfast = ["orjson"]\ntest = ["my-pkg[fast]", "pytest>=8", "attrs>=23"]\n'
        '[dependency-groups]\nlint = [{include-group = "test"}, "ruff"]\n'
    )
    spec = infer(tmp_path)
    assert spec.packages == ("attrs>=23", "idna", "pytest>=8", "orjson")
    assert spec.python_path == ("src", ".")


def test_dynamic_dependencies_fall_through_to_setup_cfg(tmp_path):
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "p"\ndynamic = ["dependencies"]\n')
    (tmp_path / "setup.cfg").write_text(
        "[metadata]\nname = p\n[options]\ninstall_requires =\n    idna  # names\n    attrs\n"
        "[options.extras_require]\ntests =\n    hypothesis\n"
    )
    assert infer(tmp_path).packages == ("idna", "attrs", "hypothesis", "pytest>=7")


def test_setup_py_is_read_and_never_run(tmp_path):
    (tmp_path / "setup.py").write_text(
        f"open({str(tmp_path / 'ran')!r}, 'w')\nimport setuptools\n"
        "setuptools.setup(name='p', version=compute(), install_requires=['idna'], extras_require={'test': ['attrs']})\n"
    )
    assert infer(tmp_path).packages == ("idna", "attrs", "pytest>=7")
    assert not (tmp_path / "ran").exists()


def test_requirement_files(tmp_path):
    (tmp_path / "requirements.txt").write_text("# what it needs\nidna==3.7 ; python_version > '3'\n\n")
    (tmp_path / "requirements-dev.txt").write_text("pytest==8.4.0\n")
    assert infer(tmp_path).packages == ('idna==3.7; python_version > "3"', "pytest==8.4.0")


def test_another_python_is_taken_when_the_running_one_is_ruled_out(tmp_path):
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "p"\nrequires-python = "<3.10"\n')
    assert infer(tmp_path).python == "3.9"


@pytest.mark.parametrize(
    "line",
    [
        "--index-url https://evil.example/simple",
        "-e ./other",
        "-r other.txt",
        "idna @ file:///etc/passwd",
        "idna @ git+https://evil.example/x.git",
        "git+https://evil.example/x.git",
        "./local-folder",
        "idna --hash=sha256:00 --global-option=x",
        "https://evil.example/x-1.0-py3-none-any.whl",
        "idna; " + "(" * 20_000,
    ],
)
def test_options_paths_urls_and_repositories_are_refused_in_one_line(tmp_path, line):
    (tmp_path / "requirements.txt").write_text(f"{line}\n")
    with pytest.raises(UsageError, match=r"requirements\.txt: .*runoff\.yaml") as caught:
        infer(tmp_path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("spaces", [1, 500_000])
@pytest.mark.parametrize("hashes", ["--hash=sha256:00", "--hash sha256:00 --hash=sha256:11"])
def test_hashes_are_left_out_however_far_they_stand(tmp_path, spaces, hashes):
    """Looking for them took minutes where many spaces stand before none."""
    (tmp_path / "requirements.txt").write_text(
        f"idna==3.7{' ' * spaces}{hashes}\nattrs{' ' * spaces}; python_version > '3'\n"
    )
    assert infer(tmp_path).packages == ("idna==3.7", 'attrs; python_version > "3"', "pytest>=7")


@pytest.mark.parametrize("line", ["-e .", ".", "-e .[dev]", "--editable=.", "--editable ./", "file:."])
def test_the_project_s_own_entry_is_left_out(tmp_path, line):
    (tmp_path / "requirements.txt").write_text(f"{line}\nidna\n")
    assert infer(tmp_path).packages == ("idna", "pytest>=7")


def test_the_repositorys_own_file_wins_and_is_checked(tmp_path):
    (tmp_path / "requirements.txt").write_text("-e .\n")
    (tmp_path / "runoff.yaml").write_text(
        "environment:\n  python: '3.12'\n  packages: [idna==3.7, pytest==8.4.0]\n  test_paths: [tests]\n"
    )
    spec = infer(tmp_path)
    assert (spec.python, spec.packages, spec.test_paths) == ("3.12", ("idna==3.7", "pytest==8.4.0"), ("tests",))


@pytest.mark.parametrize(
    "environment",
    [
        "{packages: ['--index-url=x']}",
        "{packages: ['x @ file:///etc']}",
        "{python: '../../evil'}",
        "{python_path: ['../outside']}",
        "{python_path: ['/etc']}",
        "{test_paths: ['-p evil']}",
        "{unknown: 1}",
        "[1]",
        "{packages: [",
    ],
)
def test_a_hostile_or_broken_own_file_is_refused(tmp_path, environment):
    (tmp_path / "runoff.yaml").write_text(f"environment: {environment}\n")
    with pytest.raises(UsageError, match=r"runoff\.yaml"):
        infer(tmp_path)


def test_a_link_out_of_the_tree_is_not_followed(tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("idna\n")
    checkout = tmp_path / "checkout"
    checkout.mkdir()
    (checkout / "requirements.txt").symlink_to(secret)
    assert infer(checkout).packages == ("pytest>=7",)


@pytest.mark.parametrize("name, text", [("pyproject.toml", "= ["), ("setup.cfg", "no section")])
def test_malformed_files_are_named(tmp_path, name, text):
    (tmp_path / name).write_text(text)
    with pytest.raises(UsageError, match=name):
        infer(tmp_path)


def test_a_dockerfile_is_built_only_if_the_user_says_so(tmp_path):
    (tmp_path / "requirements.txt").write_text("private @ https://example.org/private.whl\n")
    assert infer(tmp_path, "Dockerfile").dockerfile == "Dockerfile"
    (tmp_path / "runoff.yaml").write_text("environment: {dockerfile: ci/Dockerfile, test_paths: [unit]}\n")
    for allowed in ("", "Dockerfile"):
        with pytest.raises(UsageError, match="allow that by --dockerfile ci/Dockerfile"):
            infer(tmp_path, allowed)
    spec = infer(tmp_path, "ci/Dockerfile")
    assert (spec.dockerfile, spec.test_paths) == ("ci/Dockerfile", ("unit",))


ALIASES = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 40))
VALUES = ("!!bool x", "!!int ''", "!!float x", "!!timestamp x", "2020-99-99", "1" * 5000, "[" * 900, "&a [*a]")


@pytest.mark.parametrize("value", VALUES)
def test_values_that_no_parser_foresees_are_refused_in_one_line(tmp_path, value):
    for name in ("runoff.yaml", "environment.yml"):
        (tmp_path / name).write_text(f"environment: {value}\n")
        with pytest.raises(UsageError, match=name):
            infer(tmp_path)
        (tmp_path / name).unlink()


def test_aliases_that_grow_without_end_are_refused(tmp_path):
    (tmp_path / "runoff.yaml").write_text(f"{ALIASES}environment: {{packages: *a39}}\n")
    with pytest.raises(UsageError, match="values"):
        infer(tmp_path)


@pytest.mark.parametrize("value", ["1" * 5000, "[" * 20000 + "]" * 20000])
def test_toml_that_no_parser_foresees_is_refused_and_leaves_no_record(tmp_path, value):
    (tmp_path / "pyproject.toml").write_text(f'[project]\nname = "p"\nx = {value}\n')
    with pytest.raises(UsageError, match=r"pyproject\.toml"):
        infer(tmp_path)
    (tmp_path / "runoff.yaml").write_text("environment: {packages: [pytest]}\n")
    assert infer(tmp_path).packages == ("pytest",)
    assert install_record(tmp_path) is None


@pytest.mark.parametrize(
    "said, python",
    [(">=3.6.*", RUNNING), (">=3.6,<3.9", RUNNING), ("any", RUNNING), ("3.10", "3.10"), (">=3", RUNNING)],
)
def test_no_requires_python_stops_a_project(tmp_path, said, python):
    (tmp_path / "setup.cfg").write_text(f"[metadata]\nname = p\n[options]\npython_requires = {said}\n")
    assert infer(tmp_path).python == python


def test_a_python_that_is_not_the_wanted_one_is_told(tmp_path):
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "p"\nrequires-python = "<3.9"\n')
    assert "--dockerfile" in read_environment(tmp_path).notes[0]


def test_what_tests_alone_need_stops_nothing_and_what_the_project_needs_does(tmp_path):
    line = "-e git+https://example.org/x#egg=x\n"
    (tmp_path / "requirements.txt").write_text("idna\n--extra-index-url https://example.org/simple\n")
    (tmp_path / "requirements-dev.txt").write_text(line)
    found = read_environment(tmp_path)
    assert (len(found.refused), found.stops) == (2, ())
    (tmp_path / "requirements.txt").write_text(line)
    assert len(read_environment(tmp_path).stops) == 1


def test_a_record_behind_a_link_is_not_read(tmp_path):
    (tmp_path / "host/p.egg-info").mkdir(parents=True)
    (tmp_path / "host/p.egg-info/requires.txt").write_text("secret\n")
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "src").symlink_to(tmp_path / "host")
    (tree / "setup.py").write_text("setup(install_requires=compute())\n")
    assert "secret" not in infer(tree).packages
