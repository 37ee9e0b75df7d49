"""A child interpreter of Runoff's runs nothing of the folder in which the user stands."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

from environments.host_programs import find_program, host_environment
from environments.host_python import host_python, python_module
from environments.task import EnvironmentSpec
from environments.workbench.python_env import PythonEnvironmentError, site_packages

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("agent", "environments", "verifiers", "selection", "swebench_runs", "github_bot")
ALLOWED = {"environments/host_python.py", "environments/host_programs.py"}
NAMES = ("pip", "agent", "environments", "swebench_runs", "sitecustomize", "usercustomize", "runpy", "typer", "yaml")


@pytest.fixture
def trap(tmp_path, monkeypatch):
    """A checkout whose modules shadow ours; the user stands in it. What one of them runs leaves a mark."""
    checkout, mark = tmp_path / "checkout", tmp_path / "PWNED"
    for name in NAMES:
        (checkout / name).mkdir(parents=True)
        for file in ("__init__.py", "__main__.py"):
            (checkout / name / file).write_text(f"open({str(mark)!r}, 'a').write({name!r})\n")
    monkeypatch.chdir(checkout)
    return mark


def run(child):
    return subprocess.run(
        child.command, env=child.environment, cwd=child.folder, capture_output=True, text=True, timeout=120
    )


@pytest.mark.parametrize(
    "arguments",
    [("-m", "pip", "--version"), ("-c", "import agent, environments, swebench_runs"), ("-m", "swebench_runs.errors")],
)
def test_a_child_interpreter_imports_nothing_of_the_current_folder(trap, monkeypatch, arguments):
    monkeypatch.setenv("PYTHONPATH", str(Path.cwd()))
    monkeypatch.setenv("PYTHONSTARTUP", str(Path.cwd() / "pip" / "__main__.py"))
    done = run(host_python(*arguments))
    assert done.returncode == 0, done.stderr
    assert not trap.exists()


def test_another_interpreter_runs_a_module_of_ours_and_nothing_of_the_current_folder(trap):
    child = python_module("swebench_runs.errors", found_in=ROOT, python=Path(sys.executable))
    assert run(child).returncode == 0
    assert not trap.exists()


def test_installing_a_checkouts_packages_runs_no_pip_of_the_checkout(trap, monkeypatch, tmp_path):
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    with pytest.raises(PythonEnvironmentError, match="could not install"):
        site_packages(EnvironmentSpec(packages=("no-such-package==1",)), tmp_path / "cache")
    assert not trap.exists()


def test_pip_lets_rustup_write_nothing_into_the_home(tmp_path, monkeypatch):
    home, programs = tmp_path / "home", tmp_path / "bin"
    programs.mkdir()
    rustc = programs / "rustc"
    rustc.write_text('#!/bin/sh\ntouch "$0.asked"\nmkdir -p "${RUSTUP_HOME:-$HOME/.rustup}"\n')
    rustc.chmod(0o755)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    run(host_python("-m", "pip", "download", "--no-index", "-d", str(tmp_path), "nothing-is-called-so"))
    assert (programs / "rustc.asked").exists()
    assert not (home / ".rustup").exists()


def test_the_command_itself_imports_nothing_of_the_current_folder(trap):
    runoff = Path(sys.executable).with_name("runoff")
    git = Path("git")  # importing GitPython runs it by its bare name
    git.write_text(f"#!/bin/sh\ntouch {trap}\n")
    git.chmod(0o755)
    path = f".{os.pathsep}{os.environ['PATH']}"
    asked = "from swebench_runs.cli import main\ntry: main(['--help'])\nexcept SystemExit: import git"
    program = f"import sys; sys.path.insert(0, {str(ROOT)!r})\n{asked}"
    assert (
        subprocess.run([sys.executable, "-c", program], env={**os.environ, "PATH": path}, timeout=120).returncode == 0
    )
    assert not trap.exists()
    done = subprocess.run(
        [runoff, "--help"], env={**os.environ, "PYTHONPATH": ""}, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0
    started = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from swebench_runs.cli import main; main(['--help'])"
    run_here = subprocess.run([sys.executable, "-c", started], capture_output=True, text=True, timeout=120)
    assert run_here.returncode == 0
    assert not trap.exists()


def test_no_env_file_of_a_checkout_names_the_endpoint(tmp_path, monkeypatch):
    (tmp_path / ".env").write_text("OPENAI_BASE_URL=http://evil.invalid\n")
    asked = "import os; from agent.models.litellm_import import litellm; litellm(); print(os.getenv('OPENAI_BASE_URL'))"
    started = f"import sys; sys.path.insert(0, {str(ROOT)!r}); {asked}"
    environment = {name: value for name, value in os.environ.items() if name != "OPENAI_BASE_URL"}
    done = subprocess.run(  # litellm looks into the current folder when there is no script
        [sys.executable, "-c", started], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120
    )
    assert done.stdout.strip() == "None", done.stderr


def test_programs_are_not_looked_for_in_the_current_folder(tmp_path, monkeypatch):
    trap = tmp_path / "no-such-program"
    trap.write_text("#!/bin/sh\n")
    trap.chmod(0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", f".{os.pathsep}{os.pathsep}bin{os.pathsep}/usr/bin{os.pathsep}/bin")
    assert find_program("no-such-program") is None
    assert find_program("sh") in ("/usr/bin/sh", "/bin/sh")
    assert host_environment()["PATH"] == "/usr/bin:/bin"


def test_variables_that_steer_children_are_dropped(monkeypatch):
    for name in ("PYTHONHOME", "PYTHONINSPECT", "GIT_DIR", "GIT_CONFIG_COUNT", "BASH_ENV", "ENV", "BASH_FUNC_ls%%"):
        monkeypatch.setenv(name, "x")
    monkeypatch.setenv("PIP_INDEX_URL", "https://index.invalid")
    kept = host_environment()
    assert not [name for name in kept if name.startswith(("PYTHON", "GIT_", "BASH_", "ENV"))]
    assert kept["PIP_INDEX_URL"] == "https://index.invalid"


def test_interpreters_and_programs_are_started_by_the_one_function():
    """A rule over the packages' code: nobody else names the interpreter or looks along PATH."""
    found = []
    for path in (path for package in PACKAGES for path in (ROOT / package).rglob("*.py")):
        name = str(path.relative_to(ROOT))
        found += [f"{name}:{line}" for line in _breaches(path.read_text()) if name not in ALLOWED]
    assert found == []


def test_the_rule_sees_every_way_to_write_it():
    breaches = "sys.executable\nfrom sys import executable\nshutil.which('x')\nfrom shutil import which\nos.system('x')"
    breaches += "\nsubprocess.run(['git', 'status'])\nsubprocess.run('ls', shell=True)"
    assert sorted(_breaches(breaches)) == [1, 2, 3, 4, 5, 6, 7]


def _breaches(text):
    forbidden = {("sys", "executable"), ("shutil", "which"), ("os", "system"), ("os", "popen")}
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Attribute) and (getattr(node.value, "id", ""), node.attr) in forbidden:
            yield node.lineno
        if isinstance(node, ast.ImportFrom) and any((node.module, alias.name) in forbidden for alias in node.names):
            yield node.lineno
        if isinstance(node, ast.Call) and (_names_program(node) or any(k.arg == "shell" for k in node.keywords)):
            yield node.lineno


def _names_program(call):
    """Tell whether a child is started by a bare name, which PATH resolves: ``subprocess.run(["git", ...])``."""
    if not call.args or getattr(getattr(call.func, "value", None), "id", "") != "subprocess":
        return False
    command = call.args[0]
    first = command.elts[0] if isinstance(command, (ast.List, ast.Tuple)) and command.elts else command
    return isinstance(first, ast.Constant) and not str(first.value).startswith("/")
