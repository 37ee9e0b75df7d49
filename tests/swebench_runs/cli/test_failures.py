"""Whatever ends a command is one line, and no byte of it can steer a terminal."""

import subprocess
import sys

import pytest

from environments.text import one_line
from swebench_runs.cli import app, run_command


def ended(raised, *more):
    code = (
        "import sys\nfrom swebench_runs.cli import app, main\n"
        f"def broken(arguments):\n    raise {raised}\n"
        f"app.run_app = broken\nmain({list(more)!r})"
    )
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)


@pytest.mark.parametrize(
    "raised, code, said",
    [
        (KeyError("what\x1b[31m\nnext"), 1, "this is a bug in Runoff: KeyError"),
        (AttributeError("\x9b31m\u202e"), 1, "--debug"),
        (RuntimeError("Could not determine home directory."), 1, "set HOME"),
        (RuntimeError("can't start new thread"), 1, "ulimit -u"),
        (ImportError("cannot import name x"), 3, "environment of its own"),
        (RecursionError("deep"), 1, "RecursionError: deep"),
        (MemoryError(), 1, "not enough memory"),
        (PermissionError(13, "Permission denied", "a\x1bb"), 1, "Permission denied"),
    ],
)
def test_any_error_is_one_line(raised, code, said, monkeypatch, capsys):
    def broken(arguments):
        raise raised

    monkeypatch.setattr(app, "run_app", broken)
    assert run_command([]) == code
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert said in told
    assert told.rstrip("\n").isprintable()


def test_debug_shows_where_a_bug_is():
    assert "Traceback" in ended("KeyError('x')", "--debug").stderr


def test_ctrl_c_is_quiet():
    done = ended("KeyboardInterrupt")
    assert (done.returncode, done.stderr) == (130, "")


def test_a_reader_that_has_gone_is_quiet():
    code = (
        "from swebench_runs.cli import app, main\n"
        "def many(arguments):\n    for _ in range(100_000):\n        print('x' * 100)\n"
        "app.run_app = many\nmain([])"
    )
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    process.stdout.readline()
    process.stdout.close()
    assert process.stderr.read() == b""
    assert process.wait() == 141


def test_one_line_writes_control_characters_out():
    assert one_line("a\x1b[31m\nb\u202e\ud800c") == "a\\x1b[31m b\\u202e\\ud800c"
    assert len(one_line("x" * 9999)) < 2100
