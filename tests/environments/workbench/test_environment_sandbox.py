"""What the sandboxes of an environment share: byte code that is made once, and read by each run of pytest."""

import pytest

from environments.synthesis.catalogue import PYTEST
from environments.task import EnvironmentSpec
from environments.trees.worktree import one_commit
from environments.workbench import environment_sandbox as module
from environments.workbench.environment_sandbox import environment_sandbox
from environments.workbench.forks.bytecode import CACHE
from environments.workbench.python_env import site_packages

SPEC = EnvironmentSpec(packages=PYTEST)
COMPILES = f"""
import builtins, sys
sys.pycache_prefix = {CACHE!r}
compiled, compile = [], builtins.compile
import importlib._bootstrap_external as loader
ours = loader.SourceLoader.source_to_code
loader.SourceLoader.source_to_code = lambda self, data, path, **k: compiled.append(path) or ours(self, data, path, **k)
import pytest
print(len(compiled))
"""


@pytest.fixture
def layer(tmp_path):
    (tmp_path / "source").mkdir()
    (tmp_path / "source/mine.py").write_text("x = 1\n")
    (tmp_path / "layer").mkdir()
    one_commit(tmp_path / "source", tmp_path / "layer/testbed")
    return tmp_path / "layer"


@pytest.fixture
def cache(tmp_path):
    """An empty cache but for the packages, which are installed already."""
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache/site-packages").symlink_to(site_packages(SPEC).parent)
    return tmp_path / "cache"


def compiled(sandbox):
    return int(sandbox.run(["python", "-B", "-c", COMPILES]).text)


def test_nothing_that_pytest_imports_is_compiled_twice(layer, cache, monkeypatch):
    with environment_sandbox(layer, SPEC, run_id="test", cache=cache) as sandbox:
        assert compiled(sandbox) < 3
        assert sandbox.diff() == ""
        assert sandbox.run("stat -c %a /tmp && touch /tmp/mine").text.split() == ["1777"]
    monkeypatch.setattr(module, "compile_packages", lambda sandbox: pytest.fail("made already"))
    with environment_sandbox(layer, SPEC, run_id="test", cache=cache) as sandbox:
        assert compiled(sandbox) < 3


def test_an_environment_whose_byte_code_cannot_be_made_has_none_and_says_so(layer, cache, monkeypatch, caplog):
    monkeypatch.setattr(module, "compile_packages", lambda sandbox: None)
    with environment_sandbox(layer, SPEC, run_id="test", cache=cache) as sandbox:
        assert compiled(sandbox) > 50
    assert "each run compiles for itself" in caplog.text


def test_an_environment_without_packages_has_no_layer_for_them(layer, tmp_path):
    with environment_sandbox(layer, EnvironmentSpec(), run_id="test", cache=tmp_path / "cache") as sandbox:
        assert sandbox.run(["python", "-c", "import mine; print(mine.x)"]).text == "1\n"
    assert not (tmp_path / "cache/bytecode").exists()
