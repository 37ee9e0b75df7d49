"""Class 4: what a checkout's files say of its environment is read in bounded time and memory, or refused in one line.

Each of these took minutes, gigabytes or an error of ours before it was bounded.
"""

import pytest

from swebench_runs.checkouts.project_environment import read_environment
from swebench_runs.checkouts.project_environment.install_record import install_record
from swebench_runs.checkouts.project_environment.static_operations import MAX_MADE, Budget, GaveUp
from swebench_runs.errors import UsageError

DIGITS = "9" * 5000
POETRY = '[tool.poetry]\nname = "p"\n[tool.poetry.dependencies]\nfoo = "%s"\n'
DYNAMIC = '[project]\nname = "p"\ndynamic = ["dependencies"]\n[tool.setuptools.dynamic]\ndependencies = {file = [%s]}\n'
GROUPS = '[project]\nname = "p"\n[dependency-groups]\ntest = ["idna"]\n' + "".join(
    f"g{n} = [{', '.join([f'{{include-group = {chr(34)}g{n + 1}{chr(34)}}}'] * 9)}]\n" for n in range(18)
)
GROUPS += 'g18 = ["attrs"]\n'

REFUSED = {
    "dotted-key": {"pyproject.toml": "a." * 20_000 + "a = 1\n"},
    "dotted-header": {"pyproject.toml": "[" + '"a b" . ' * 100 + "a]\n"},
    "caret": {"pyproject.toml": POETRY % f"^{DIGITS}"},
    "signs": {"pyproject.toml": POETRY % ("=" * 200_000)},
    "files": {"pyproject.toml": DYNAMIC % ", ".join(f'"a{n}"' for n in range(60_000))},
    "lines": {"requirements.txt": "".join(f"a{n}\n" for n in range(100_000))},
    "included-lines": {"requirements.txt": "-r b.txt\n", "b.txt": "".join(f"a{n}\n" for n in range(100_000))},
    "base-60": {"environment.yml": "a: 1" + ":1" * 400_000 + "\n"},
    "ini": {"setup.cfg": "[a]\n" + "x\n" * 300_000},
}
TAKEN = {
    "python": {"pyproject.toml": f'[project]\nname = "p"\nrequires-python = ">={DIGITS}"\n'},
    "version": {"pyproject.toml": f'[project]\nname = "p"\nversion = "{DIGITS}"\n'},
    "comparison": {"requirements.txt": "-c c.txt\nidna\n", "c.txt": "idna==1; os_name ~= 'x'\n"},
    "depth": {"requirements.txt": "-c c.txt\nidna\n", "c.txt": f"idna==1; {'(' * 900}os_name=='x'{')' * 900}\n"},
    "blanks": {"requirements.txt": "-c c.txt\nidna\n", "c.txt": f"idna{' ' * 200_000}b\n"},
    "groups": {"pyproject.toml": GROUPS},
    "lists": {
        "setup.py": "".join(f"a{n} = list(open('f'))\n" for n in range(2000)) + "setup(name='p')\n",
        "f": "ab\n" * 300_000,
    },
}


def project(folder, files):
    for name, text in files.items():
        (folder / name).write_text(text)
    return folder


@pytest.mark.parametrize("kind", REFUSED)
def test_what_has_no_measure_is_refused_in_one_line(tmp_path, kind):
    with pytest.raises(UsageError) as refused:
        read_environment(project(tmp_path, REFUSED[kind]))
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("kind", TAKEN)
def test_what_cannot_be_read_is_no_error_of_ours(tmp_path, kind):
    found = read_environment(project(tmp_path, TAKEN[kind]))
    assert "pytest>=7" in found.spec.packages
    install_record(tmp_path)


def test_the_size_of_all_that_a_computation_makes_is_bounded():
    budget = Budget()
    budget.weighed("x" * MAX_MADE)
    with pytest.raises(GaveUp):
        budget.weighed([1])


def test_dots_in_texts_and_numbers_are_no_parts_of_keys(tmp_path):
    dots = ".".join("ab" * 200)
    text = f'[project]\nname = "p"\ndescription = "{dots}"\nx = """{dots}\n"{dots}""" # {dots}\ny = \'{dots}\'\n'
    numbers = ", ".join(["1.5"] * 200)
    assert read_environment(project(tmp_path, {"pyproject.toml": f"{text}z = [{numbers}]\n"})).sources
