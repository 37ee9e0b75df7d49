"""The command line as a user meets it: processes, exit codes, one line per error."""

import os
import subprocess
import sys

import pytest

from swebench_runs.cli import spelled


def runoff(*arguments, cwd=None):
    command = [sys.executable, "-c", "from swebench_runs.cli import main; main()", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, env={**os.environ, "COLUMNS": "120"})


def one_line(done):
    assert done.stderr.count("\n") == 1
    assert "Traceback" not in done.stderr
    return done.stderr


def test_help_names_every_verb():
    done = runoff("--help")
    assert done.returncode == 0
    for verb in ("run", "fix", "grade", "report", "inspect", "clean", "doctor", "model", "synth", "bench"):
        assert f" {verb} " in done.stdout


def test_help_imports_nothing_slow():
    code = (
        "import sys\nfrom swebench_runs.cli import run_command\nrun_command(['--help'])\n"
        "slow = {'litellm', 'openai', 'pydantic', 'numpy', 'xllamacpp', 'bm25s', 'tree_sitter'} & set(sys.modules)\n"
        "print(sorted(slow), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stderr.strip() == "[]"


def test_version():
    assert runoff("--version").stdout.startswith("runoff 0.")


@pytest.mark.parametrize(
    "arguments, said",
    [
        (["run", "-c", "trajectoriez=3"], "did you mean 'trajectories'"),
        (["run", "-c", "absent.yaml"], "no such file or built-in name"),
        (["run", "--turns", "0"], "turns: "),
        (["run", "--no-such-option"], "--no-such-option"),
        (["run", "--turns", "many"], "--turns"),
        (["fix", "."], "--issue"),
        (["no-such-verb"], "no-such-verb"),
        (["grade", "no/such/run"], "no/such/run"),
        (["inspect", "no/such/run"], "no run.yaml"),
        (["report", "no/such/run"], "no run.yaml"),
        (["fix", "https://example.org/r.git", "--issue", "i.md", "--apply"], "--apply needs a local checkout"),
        (["fix", "absent", "--issue", "absent.md"], "cannot read the issue"),
    ],
)
def test_usage_errors_are_one_line_and_exit_2(tmp_path, arguments, said):
    done = runoff(*arguments, cwd=tmp_path)
    assert said in one_line(done)
    assert done.returncode == 2
    assert list(tmp_path.iterdir()) == []


def test_debug_shows_the_traceback():
    done = runoff("inspect", "no/such/run", "--debug")
    assert "Traceback" in done.stderr


@pytest.mark.parametrize(
    "argument, meant",
    [
        ("--redo_existing", "--redo-existing"),
        ("--output=a_b", "--output=a_b"),
        ("a_b", "a_b"),
        ("-c", "-c"),
        ("--", "--"),
        ("limits.task.cost=1", "limits.task.cost=1"),
    ],
)
def test_options_may_be_spelled_with_underscores(argument, meant):
    assert spelled(argument) == meant


def test_every_verb_has_help():
    for verb in ("run", "fix", "grade", "report", "inspect", "clean", "doctor", "model", "synth", "bench"):
        done = runoff(verb, "--help")
        assert done.returncode == 0, done.stderr
        assert "Usage: runoff" in done.stdout
