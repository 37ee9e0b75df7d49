"""Scripts in two parts: what is judged apart, and that the repository's code cannot change what passes there."""

import subprocess
import sys

import pytest

from environments.workbench.scripts.judged_apart import parts_of
from environments.workbench.scripts.start import start_of
from environments.workbench.scripts.test_script import Claim, build_script

SCRIPT = "from pkg import add\nr = add(1, 2)\nif r != 3:\n    print('bad', r)\n    issue_present()\n"
CLAIM = build_script(Claim("add(1, 2)", "from pkg import add", expected="3", wrong="-1"))
SHOWN = build_script(Claim("print(add(1, 2))", "from pkg import add", expected="3", wrong="-1"))
WRONG = "def add(a, b): return a - b\n"
EQUAL = (
    "class E(int):\n    def __eq__(self, o): return True\n    def __ne__(self, o): return False\n"
    "    def __repr__(self): return '3'\n    __hash__ = int.__hash__\ndef add(a, b): return E(a - b)\n"
)


def run(folder, source, package, *, same_python=True):
    (folder / "pkg.py").write_text(package)
    parts = parts_of(source)
    given = "\0".join(["TOKEN", parts.tail, f"{' '.join(parts.values)}\n{parts.head}"]).encode()
    start = start_of(same_python=same_python)
    command = [sys.executable, "-c", start.program, str(folder / "x" / "s.py")]
    done = subprocess.run(
        command, input=start.sent + given, env={"PYTHONPATH": str(folder)}, capture_output=True, timeout=120
    )
    return done.returncode, done.stdout.decode().split("TOKEN ")[-1].strip(), done.stdout.decode()


@pytest.mark.parametrize(
    "source, values",
    [(SCRIPT, ("r",)), (CLAIM, ("_result",)), (SHOWN, ("_result",))],
)
def test_what_compares_is_parted_from_what_runs(source, values):
    parts = parts_of(source)
    assert parts.values == values
    assert "import pkg" not in parts.tail
    assert "from pkg" in parts.head
    assert "issue_present()" in parts.tail


@pytest.mark.parametrize(
    "source",
    [
        "from pkg import f\nif f() != 2:\n    issue_present()\n",
        "import pkg\ntry:\n    pkg.f()\nexcept ValueError:\n    issue_present()\n",
        "from pkg import C\nc = C()\nif c.value() and pkg.f():\n    issue_present()\n",
        "x = 1\n",
        "def f(:",
    ],
)
def test_what_cannot_be_parted_stays_whole(source):
    assert parts_of(source).head == source
    assert not parts_of(source).tail


@pytest.mark.parametrize(
    "source, package, told",
    [
        (SCRIPT, WRONG, (2, "F apart")),
        (CLAIM, "def add(a, b): return a + b\n", (0, "E apart")),
        (CLAIM, EQUAL, (2, "F apart")),
        (SCRIPT, "import os; os._exit(0)\n", (0, "- shared")),
        (SCRIPT, "import sys; sys.exit = lambda *a: None\n" + WRONG, (2, "F apart")),
        ("from pkg import add\nif add(1, 2) != 3: issue_present()\n", "def add(a, b): return 3\n", (0, "E shared")),
    ],
    ids=["wrong", "right", "equal-to-all", "ends-early", "no-exit", "shared"],
)
def test_the_parent_says_what_came_of_it(tmp_path, source, package, told):
    assert run(tmp_path, source, package)[:2] == told


def test_another_python_gets_the_texts_and_they_do_the_same(tmp_path):
    code, told, output = run(tmp_path, SCRIPT, WRONG, same_python=False)
    assert (code, told) == (2, "F apart")
    assert output.startswith("bad -1\n")


def test_the_expected_value_is_not_in_the_childs_process(tmp_path):
    looks = "import os\nprint('stdin', os.read(0, 9))\nprint('7777' in open('/proc/self/cmdline').read())\n"
    script = SCRIPT.replace("r != 3", "r != 7777")
    _, told, output = run(
        tmp_path, script, looks + "def add(a, b): return open('%s').read()" % (tmp_path / "x" / "s.py")
    )
    assert told == "F apart"
    assert "stdin b''\nFalse\n" in output
    assert "7777" not in output.split("bad")[1]


@pytest.mark.parametrize(
    "source",
    [
        SCRIPT,
        "from pkg import add\nexpected = (\n    3\n)  # 3 is right\nr = add(1, 2)\nif r != expected: issue_present()\n",
        CLAIM,
    ],
    ids=["in-the-comparison", "in-a-name", "claim"],
)
def test_the_expected_value_is_not_in_the_script_that_the_child_can_read(tmp_path, source):
    reads = (
        "import re\nimport __main__\ndef add(a, b):\n"
        "    return int(re.findall('[3-9]', open(__main__.__file__).read())[0])\n"
    )
    assert parts_of(source).head.count("\n") == source[: source.index("if ")].count("\n")
    assert run(tmp_path, source, reads)[0] != 0
    assert run(tmp_path, source, "def add(a, b): return a + b\n")[:2] == (0, "E apart")


def test_a_literal_that_the_code_under_test_is_given_stays_with_it():
    source = "from pkg import order\ndata = [3, 1]\nr = order(data)\nif r != data:\n    issue_present()\n"
    assert parts_of(source).values == ("data", "r")


@pytest.mark.parametrize("said", [b"1\nE", b"1\nV1\nE"])
def test_who_writes_to_the_pipe_without_the_word_says_nothing(tmp_path, said):
    every = (
        f"import os\nfor n in range(3, 1000):\n    try:\n        os.write(n, {said!r})\n"
        "    except OSError:\n        pass\nraise SystemExit(0)\n"
    )
    assert run(tmp_path, CLAIM, every)[1].startswith("- ")


def test_the_token_is_not_in_the_childs_memory(tmp_path):
    looks = """
import re
def add(a, b):
    with open("/proc/self/maps") as maps, open("/proc/self/mem", "rb", 0) as memory:
        for line in maps:
            first, last = (int(x, 16) for x in line.split()[0].split("-"))
            if "rw-p" in line:
                memory.seek(first)
                if re.search(b"TO[K]EN", memory.read(last - first)):
                    return 3
    return 0
"""
    assert run(tmp_path, SCRIPT, looks)[:2] == (2, "F apart")
