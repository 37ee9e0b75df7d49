"""Each way that projects write down what they need, read without running any of it."""

import pytest

from swebench_runs.checkouts.project_environment import read_environment
from swebench_runs.checkouts.project_environment.poetry import specifier


def project(folder, files):
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return read_environment(folder)


def packages(folder, files):
    return [package for package in project(folder, files).spec.packages if package != "pytest>=7"]


POETRY = """
[tool.poetry]
name = "p"
packages = [{include = "p", from = "lib"}]
[tool.poetry.dependencies]
python = ">=3.9"
attrs = ">=23"
idna = {version = "^3.1", extras = ["all"], python = ">=3.8"}
orjson = {version = "*", optional = true}
six = [{version = "~1.16", markers = "python_version >= '3'"}]
other = {path = "../other"}
[tool.poetry.extras]
test = ["orjson"]
[tool.poetry.group.test.dependencies]
pytest = "^8.1"
[tool.poetry.group.docs.dependencies]
sphinx = "*"
"""
GROUPS = """
[project]
name = "p"
dependencies = ["attrs"]
[dependency-groups]
test = [{include-group = "more"}, "pytest"]
more = ["idna", {include-group = "test"}]
lint = ["ruff"]
"""
COMPUTED = {
    "list of a file": ('setup(install_requires=[l.strip() for l in open("reqs.txt")])', ["attrs", "idna"]),
    "filtered": (
        'setup(install_requires=[l for l in open("reqs.txt").read().splitlines() if l and not l.startswith("#")])',
        ["attrs", "idna"],
    ),
    "variable and sum": ('BASE = ["attrs"]\nsetup(install_requires=BASE + ["idna"])', ["attrs", "idna"]),
    "table": ('d = {"a": ["attrs"], "b": ["idna"]}\nsetup(install_requires=d["a"] + d["b"])', ["attrs", "idna"]),
    "with a file": (
        "import os\nhere = os.path.abspath(os.path.dirname(__file__))\n"
        'with open(os.path.join(here, "reqs.txt"), encoding="utf-8") as f:\n    r = f.read().split("\\n")\n'
        "setup(install_requires=r)",
        ["attrs", "idna"],
    ),
    "path": (
        "from pathlib import Path\nhere = Path(__file__).parent\n"
        'setup(install_requires=(here / "reqs.txt").read_text().splitlines())',
        ["attrs", "idna"],
    ),
    "own function": (
        'def read(name):\n    """Doc."""\n    out = []\n    with open(name) as f:\n        for l in f:\n'
        '            out.append(l.strip())\n    return out\nsetup(install_requires=read("reqs.txt"))',
        ["attrs", "idna"],
    ),
    "pip's": ('setup(install_requires=[str(r) for r in parse_requirements("reqs.txt")])', ["attrs", "idna"]),
    "conditional": (
        'import sys\nr = ["attrs"]\nif sys.version_info < (3,):\n    r.append("mock")\nr += ["idna"]\n'
        "if __name__ == '__main__':\n    setup(install_requires=r)",
        ["attrs", "idna"],
    ),
    "all at once": ('kw = dict(name="p", install_requires=["attrs"])\nsetup(**kw)', ["attrs"]),
    "in a function": ('def main():\n    r = ["attrs"]\n    setup(install_requires=r)\nmain()', ["attrs"]),
    "extras": ('e = {"test": ["idna"]}\nsetup(install_requires=["attrs"], extras_require=e)', ["attrs", "idna"]),
}
SOURCES = {
    "poetry": (
        {"pyproject.toml": POETRY, "lib/p.py": ""},
        [
            *("attrs>=23", 'idna[all]<4,>=3.1; python_version >= "3.8"', 'six<1.17,>=1.16; python_version >= "3"'),
            *("orjson", "pytest<9,>=8.1"),
        ],
    ),
    "poetry's old dev table": (
        {"pyproject.toml": '[tool.poetry]\nname="p"\n[tool.poetry.dev-dependencies]\nidna="1.2"'},
        ["idna==1.2"],
    ),
    "poetry 2": (
        {
            "pyproject.toml": '[project]\nname="p"\ndependencies=["attrs"]\n[tool.poetry]\n'
            '[tool.poetry.group.dev.dependencies]\nidna = "*"'
        },
        ["attrs", "idna"],
    ),
    "pipfile": (
        {"Pipfile": '[packages]\nattrs = "*"\n[dev-packages]\nidna = {version = "==3.7"}'},
        ["attrs", "idna==3.7"],
    ),
    "groups": ({"pyproject.toml": GROUPS}, ["attrs", "idna", "pytest"]),
    "pdm": (
        {"pyproject.toml": '[project]\nname="p"\n[tool.pdm.dev-dependencies]\ntest = ["idna", "-e file:///x"]'},
        ["idna"],
    ),
    "uv": ({"pyproject.toml": '[project]\nname="p"\n[tool.uv]\ndev-dependencies = ["idna"]'}, ["idna"]),
    "hatch": (
        {
            "pyproject.toml": '[project]\nname="p"\n[project.optional-dependencies]\nx = ["six"]\n'
            '[tool.hatch.envs.test]\ndependencies = ["idna"]\nfeatures = ["x"]'
        },
        ["idna", "six"],
    ),
    "flit": (
        {
            "pyproject.toml": '[tool.flit.metadata]\nmodule="p"\nrequires=["attrs"]\n'
            '[tool.flit.metadata.requires-extra]\ntest = ["idna"]'
        },
        ["attrs", "idna"],
    ),
    "dynamic files": (
        {
            "pyproject.toml": '[project]\nname="p"\ndynamic=["dependencies", "optional-dependencies"]\n'
            '[tool.setuptools.dynamic]\ndependencies = {file = ["reqs.txt"]}\n'
            'optional-dependencies.test = {file = ["t.txt"]}',
            "reqs.txt": "attrs\n",
            "t.txt": "idna\n",
        },
        ["attrs", "idna"],
    ),
    "folder": (
        {
            "requirements/base.txt": "attrs\n",
            "requirements/dev.txt": "-r base.txt\nidna\n-c constraints.txt\n-e .\n",
            "requirements/constraints.txt": "idna<3.8\n",
            "requirements/docs.txt": "sphinx\n",
        },
        ["attrs", "idna<3.8"],
    ),
    "folder of .in files": ({"requirements/main.in": "attrs\n", "requirements/test.in": "idna\n"}, ["attrs", "idna"]),
    "pip-compile": (
        {
            "requirements.txt": "--index-url https://pypi.org/simple\n"
            "attrs==23.1 \\\n    --hash=sha256:00 \\\n    --hash=sha256:11\n"
        },
        ["attrs==23.1"],
    ),
    "setup.cfg with a file": (
        {
            "setup.cfg": "[metadata]\nname = p\n[options]\ninstall_requires = file: r.txt\ntests_require = idna",
            "r.txt": "attrs",
        },
        ["attrs", "idna"],
    ),
    "conda": (
        {
            "environment.yml": "dependencies:\n  - python=3.10\n  - numpy>=1.2\n"
            "  - conda-forge::pytorch=2.1\n  - cmake\n  - pip:\n    - idna\n    - -e .\n"
        },
        ["numpy>=1.2", "torch==2.1.*", "idna"],
    ),
    "tox": (
        {
            "pyproject.toml": '[project]\nname="p"\ndependencies=["attrs"]',
            "tox.ini": "[testenv]\ndeps =\n    idna\n    py38: mock\n    -r{toxinidir}/t.txt\n    .[x]\n",
            "t.txt": "six\n",
        },
        ["attrs", "six", "idna"],
    ),
    "nox": (
        {"noxfile.py": 'def tests(session):\n    session.install("idna", "-r", "t.txt")\n', "t.txt": "six"},
        ["six", "idna"],
    ),
    "metadata and test requirements": (
        {"setup.py": 'setup(name="p", install_requires=["attrs"])', "requirements-test.txt": "idna\np[x]\n"},
        ["attrs", "idna"],
    ),
    "egg-info": (
        {"setup.py": "setup(install_requires=compute())", "p.egg-info/requires.txt": "attrs\n\n[x]\nsix\n"},
        ["attrs"],
    ),
    **{
        f"setup.py, {name}": ({"setup.py": text, "reqs.txt": "attrs\nidna\n"}, expected)
        for name, (text, expected) in COMPUTED.items()
    },
}


@pytest.mark.parametrize("source", SOURCES)
def test_what_is_declared_is_taken(tmp_path, source):
    files, expected = SOURCES[source]
    assert packages(tmp_path, files) == expected


@pytest.mark.parametrize(
    "constraint, expected",
    [
        ("^1.2.3", ">=1.2.3,<2"),
        ("^0.2.3", ">=0.2.3,<0.3"),
        ("^0.0.3", ">=0.0.3,<0.0.4"),
        ("^0", ">=0,<1"),
        ("~1.2.3", ">=1.2.3,<1.3"),
        ("~1", ">=1,<2"),
        ("~=1.4", "~=1.4"),
        ("1.2", "==1.2"),
        ("1.*", "==1.*"),
        (">=1.0, <2.0", ">=1.0,<2.0"),
        (">=1.0 <2.0", ">=1.0,<2.0"),
        ("^1.0 || ^2.0", ">=2.0,<3"),
        ("*", ""),
        ("!= 1.3", "!=1.3"),
    ],
)
def test_poetry_s_constraints_in_pip_s_form(constraint, expected):
    assert specifier(constraint) == expected


@pytest.mark.parametrize(
    "files, said",
    [
        ({"setup.py": "setup(name='p', install_requires=compute())"}, "computes install_requires"),
        ({"setup.py": "setup(install_requires=open('gone.txt').readlines())"}, "'gone.txt', which is no file"),
        ({"setup.py": "setup(install_requires=['a'], ext_modules=[Extension('x', ['x.c'])])"}, "extension modules"),
        ({"pyproject.toml": '[build-system]\nbuild-backend = "mesonpy"\n[project]\nname = "p"'}, "mesonpy builds it"),
        ({"pyproject.toml": POETRY}, "'other' comes from a path"),
        ({"environment.yml": "dependencies: [cmake, numpy]"}, "cmake of conda's"),
        ({"Pipfile": '[packages]\na = "*"\n[requires]\npython_version = "3.7"'}, "asks for Python 3.7"),
    ],
)
def test_what_is_left_out_or_not_known_is_said(tmp_path, files, said):
    assert said in " ".join(project(tmp_path, files).notes)


@pytest.mark.parametrize(
    "files",
    [
        {"requirements/dev.txt": "-r ../../../etc/passwd"},
        {"requirements.txt": "-r /etc/passwd"},
        {"Pipfile": '[packages]\n"a @ https://evil.example/x.whl" = "*"'},
        {"Pipfile": '[packages]\n"--index-url=https://evil.example" = "*"'},
        {"environment.yml": "dependencies:\n  - pip:\n    - --extra-index-url https://evil.example\n"},
        {"setup.py": "setup(install_requires=['a @ file:///etc/passwd'])"},
        {"pyproject.toml": '[project]\nname="p"\n[tool.pdm.dev-dependencies]\ntest=["-e file:///x"]'},
    ],
)
def test_whatever_the_file_nothing_but_names_of_the_index_is_taken(tmp_path, files):
    found = project(tmp_path, files)
    assert found.refused
    assert "runoff.yaml" in found.refused[0]
    assert found.spec.packages == ("pytest>=7",)


def test_files_outside_the_tree_are_not_read_by_a_computation(tmp_path):
    (tmp_path / "secret.txt").write_text("secret-package\n")
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "link.txt").symlink_to(tmp_path / "secret.txt")
    for name in ("../secret.txt", str(tmp_path / "secret.txt"), "link.txt"):
        assert packages(tree, {"setup.py": f"setup(install_requires=open({name!r}).readlines())"}) == []


@pytest.mark.parametrize(
    "bomb",
    [
        "x = ['a']\n" + "x = x + x\n" * 60,
        "x = ['a']\n" + "x.extend(x)\n" * 60,
        "x = 'a'\n" + "x = f'{x}{x}'\n" * 60,
        "def f(n):\n    return f(n)\nx = f(1)",
        "x = " + "(" * 300 + "1" + ")" * 300,
        "x = [a for a in ['x' for b in 'ab'.split() ]]\n" * 2000,
        "x = " + "-" * 100_000 + "1",
    ],
)
def test_a_computation_without_an_end_is_given_up(tmp_path, bomb):
    found = project(tmp_path, {"setup.py": f"{bomb}\nsetup(install_requires=[x])"})
    assert len(str(found.spec.packages)) < 1000


def test_the_sources_are_named_and_roots_are_on_the_path(tmp_path):
    found = project(tmp_path, {"pyproject.toml": POETRY, "lib/p.py": ""})
    assert found.sources == ("pyproject.toml",)
    assert found.spec.python_path == ("lib", ".")
    assert found.spec.python.startswith("3.")


@pytest.mark.parametrize("name, text", [("Pipfile", "= ["), ("environment.yml", "a: [")])
def test_other_malformed_files_are_named(tmp_path, name, text):
    from swebench_runs.errors import UsageError

    with pytest.raises(UsageError, match=name):
        project(tmp_path, {name: text})


@pytest.mark.parametrize("name", ["pyproject.toml", "Pipfile"])
@pytest.mark.parametrize("odd", ["3", '"x"', "[3]", "{a = 3}", "true"])
def test_values_of_another_kind_than_expected_end_in_no_error_of_ours(tmp_path, name, odd):
    keys = ["project", "tool.poetry", "tool.poetry.dependencies", "tool.poetry.packages", "tool.poetry.extras"]
    keys += ["tool.poetry.group", "tool.uv.sources", "dependency-groups", "project.dependencies", "project.name"]
    keys += ["project.optional-dependencies", "tool.hatch.envs", "build-system.requires", "tool.flit.metadata"]
    keys += ["packages", "dev-packages", "requires", "packages.a", "tool.setuptools.dynamic", "project.dynamic"]
    for key in keys:
        project(tmp_path, {name: f"{key} = {odd}\n"})


@pytest.mark.parametrize(
    "files",
    [
        {"pytest.ini": "[pytest]\naddopts = {}\n"},
        {"setup.cfg": "[tool:pytest]\naddopts = {}\n"},
        {"pyproject.toml": "[tool.pytest.ini_options]\naddopts = '''{}'''\n"},
        {"tox.ini": "[pytest]\naddopts = {}\n"},
    ],
)
def test_of_pytest_s_options_those_that_say_what_is_collected_are_kept(tmp_path, files):
    options = (
        '--cov=p -n auto --reruns 2 -x --doctest-modules --import-mode=importlib -m "not slow" '
        "--ignore docs --ignore=/etc --strict-markers --junitxml=x -p evil"
    )
    found = project(tmp_path, {name: text.format(options) for name, text in files.items()})
    assert found.spec.test_args == ("--doctest-modules", "--import-mode=importlib", "-m", "not slow", "--ignore=docs")


def test_a_django_project_is_told_what_its_tests_may_need(tmp_path):
    assert "pytest-django" in " ".join(project(tmp_path, {"manage.py": ""}).notes)
