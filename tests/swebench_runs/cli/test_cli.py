"""The command line as a user meets it: processes, exit codes, one line per error."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from swebench_runs.cli import spelled
from swebench_runs.cli.app import app


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
    for verb in ("run", "fix", "select", "grade", "report", "inspect", "clean", "doctor", "model", "synth", "bench"):
        assert f" {verb} " in done.stdout
    assert (
        "..." not in done.stdout.partition("Commands:")[2]
    )  # each verb's first sentence fits a terminal of 80 columns


@pytest.mark.parametrize("group", ["images", "model", "synth", "verifier", "bench", "bot"])
def test_help_of_a_group_tells_each_verb_in_a_whole_sentence(group):
    shown = CliRunner().invoke(app, [group, "--help"]).output.partition("Commands:")[2].strip().splitlines()
    assert shown
    assert [line for line in shown if not line.endswith(".") or line.endswith("...")] == []


def options_of(command):
    for inner in getattr(command, "commands", {}).values():
        yield from options_of(inner)
    yield from ((command.name, one) for one in command.params if not getattr(one, "is_flag", False))


def test_help_names_what_an_option_takes_in_words_and_not_by_its_type():
    assert [(verb, one.name) for verb, one in options_of(get_command(app)) if not one.metavar] == []


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
        (["run", "--turns", "0"], "turns must be greater than 0 (got 0)"),
        (["run", "--no-such-option"], "--no-such-option"),
        (["run", "--turns", "many"], "--turns"),
        (["run", "--redo", "faild"], "--redo faild: no such status; did you mean failed?"),
        (["fix", "."], "--issue"),
        (["no-such-verb"], "no command 'no-such-verb' (there are: "),
        (["resum"], "no command 'resum': a run goes on by the same command"),
        (["ru"], "did you mean 'run'"),
        (["bench", "modl"], "Did you mean 'model'"),
        (["grade", "no/such/run"], "no/such/run does not exist"),
        (["inspect", "no/such/run"], "no run.yaml"),
        (["report", "no/such/run"], "no run.yaml"),
        (["fix", "https://example.org/r.git", "--issue", "i.md", "--apply"], "--apply needs a local checkout"),
        (["fix", "absent", "--issue", "absent.md"], "absent is not a folder"),
        (["fix", ".", "--issue", "absent.md"], "cannot read the issue"),
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
    for verb in ("run", "fix", "select", "grade", "report", "inspect", "clean", "doctor", "model", "synth", "bench"):
        done = runoff(verb, "--help")
        assert done.returncode == 0, done.stderr
        assert "Usage: runoff" in done.stdout


def test_the_doctor_says_whether_this_host_can_sandbox(tmp_path):
    done = runoff("doctor")
    assert done.returncode in (0, 3), done.stderr
    assert (done.returncode == 0) == ("this host can sandbox" in done.stdout)
    assert "cores: " in done.stdout
    assert "model local" in done.stdout


def test_clean_removes_what_a_dead_owner_left(tmp_path):
    claim = "print(leftovers.claim('x'), flush=True)"
    code = f"import os; from environments.sandboxes import leftovers; {claim}; os.kill(os.getpid(), 9)"
    environment = {**os.environ, "RUNOFF_STATE": str(tmp_path / "s")}
    dead = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment)
    assert Path(dead.stdout.strip()).is_dir()
    command = [sys.executable, "-c", "from swebench_runs.cli import main; main(['clean'])"]
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert done.returncode == 0
    assert "left-overs removed" in done.stdout
    assert not Path(dead.stdout.strip()).is_dir()


def test_the_bench_writes_what_it_measured(tmp_path):
    done = runoff("bench", "sandbox", "-n", "1", "--at", "1", "--no-mini", "--json", tmp_path / "f.json")
    assert done.returncode == 0, done.stderr
    figures = json.loads((tmp_path / "f.json").read_text())
    assert figures["n"] == 1
    assert figures["bubblewrap"]["fork_run_close"]["p50_ms"] > figures["subprocess"]["run"]["p50_ms"] > 0


@pytest.mark.parametrize(
    "arguments, told",
    [
        (["model", "serve", "--port", "99999"], "65535"),
        (["model", "serve", "--slots", "0"], "greater than or equal to 1"),
        (["model", "fetch", "nosuch"], "there is no embedded model 'nosuch'"),
    ],
)
def test_what_the_embedded_server_cannot_be_told_is_a_usage_error(arguments, told):
    done = runoff(*arguments)
    assert (done.returncode, len(done.stderr.strip().splitlines())) == (2, 1)
    assert told in done.stderr
