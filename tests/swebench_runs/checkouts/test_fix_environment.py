"""What a checkout needs, read without running it; nothing in it can steer pip."""

import sys

import pytest

from swebench_runs.checkouts.project_environment import infer
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
    ],
)
def test_options_paths_urls_and_repositories_are_refused_in_one_line(tmp_path, line):
    (tmp_path / "requirements.txt").write_text(f"{line}\n")
    with pytest.raises(UsageError, match=r"requirements\.txt: .*runoff\.yaml") as caught:
        infer(tmp_path)
    assert "\n" not in str(caught.value)


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
