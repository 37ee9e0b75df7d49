import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from environments.sandboxes import leftovers
from environments.sandboxes.contract import SandboxError
from environments.sandboxes.removal import remove_tree


@pytest.fixture
def state(tmp_path, monkeypatch):
    monkeypatch.setenv("RUNOFF_STATE", str(tmp_path / "state"))
    return tmp_path / "state"


def relabel(folder, **changes):
    path = folder / leftovers.LABEL
    label = leftovers.Label.model_validate_json(path.read_text())
    path.write_text(label.model_copy(update=changes).model_dump_json())


def ended_process():
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        started = leftovers.start_time(process.pid)
        process.communicate(b"\n")
    return {"pid": process.pid, "started": started}


def folders(removed):
    return [line for line in removed if line.startswith("folder")]


def test_a_living_owners_folder_stays(state):
    folder = leftovers.claim("alive")
    assert folders(leftovers.clean()) == []
    assert folder.is_dir()


def test_a_dead_owners_folder_goes_and_nothing_beside_it(state):
    dead, alive = leftovers.claim("dead"), leftovers.claim("alive")
    (state / "stranger").mkdir()
    (dead / "deep").mkdir()
    (dead / "deep" / "file").write_text("x")
    relabel(dead, **ended_process())
    assert folders(leftovers.clean()) == [f"folder {dead} of run dead"]
    assert sorted(path.name for path in state.iterdir()) == sorted([alive.name, "stranger"])


_KEEPS_ONE = """
import sys
from environments.sandboxes.leftovers import temporary
with temporary("tree-") as folder:
    (folder / "file").write_text("x")
    print(folder, flush=True)
    sys.stdin.read()
"""


@pytest.mark.parametrize("killed", [True, False])
def test_a_temporary_folder_goes_with_its_process(state, killed):
    with subprocess.Popen([sys.executable, "-c", _KEEPS_ONE], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        folder = Path(process.stdout.readline().decode().strip())
        assert (folder / "file").is_file()
        assert folders(leftovers.clean()) == []
        if killed:
            process.kill()
        process.communicate()
    assert len(folders(leftovers.clean())) == killed
    assert not list(state.iterdir())


def test_a_process_id_that_another_process_has_now_is_no_owner(state):
    folder = leftovers.claim("recycled")
    relabel(folder, started=1)
    assert len(folders(leftovers.clean())) == 1


def test_after_a_reboot_nobody_owns_anything(state):
    relabel(leftovers.claim("before"), boot="another boot")
    assert len(folders(leftovers.clean())) == 1


def test_an_owner_in_another_container_is_believed_until_the_expiry(state):
    folder = leftovers.claim("elsewhere")
    relabel(folder, namespace=1, pid=1)
    assert folders(leftovers.clean()) == []
    relabel(folder, expires=time.time() - 1)
    assert folders(leftovers.clean()) == [f"folder {folder} of run elsewhere"]


@pytest.mark.parametrize("label", ["", "{", "[]", '{"run_id": 1}'])
def test_a_folder_with_a_broken_label_goes_only_when_it_is_old(state, label):
    folder = leftovers.claim("broken")
    (folder / leftovers.LABEL).write_text(label)
    assert folders(leftovers.clean()) == []
    os.utime(folder, (1, 1))
    assert folders(leftovers.clean()) == [f"folder {folder} of run unknown"]


def test_a_folder_that_others_can_write_is_refused(state):
    state.mkdir(mode=0o777)
    state.chmod(0o777)
    with pytest.raises(SandboxError, match="is not a private folder"):
        leftovers.state_home()


def test_a_link_in_place_of_the_folder_is_refused(state, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    state.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(SandboxError, match="is not a private folder"):
        leftovers.state_home()


def test_a_zombie_does_not_run():
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert leftovers.start_time(process.pid) is None


def test_a_tree_of_any_depth_and_mode_is_removed_and_links_are_not_followed(tmp_path):
    top, outside = tmp_path / "top", tmp_path / "outside"
    outside.mkdir()
    (outside / "kept").write_text("x")
    top.mkdir()
    (top / "link").symlink_to(outside)
    closed = top / "closed"
    (closed / "inner").mkdir(parents=True)
    (closed / "inner" / "file").write_text("x")
    (closed / "inner").chmod(0)
    closed.chmod(0)
    deep = "import os, sys; os.chdir(sys.argv[1])\nfor _ in range(1200): os.mkdir('d'); os.chdir('d')"
    subprocess.run([sys.executable, "-c", deep, str(top)], check=True)
    remove_tree(top)
    assert not top.exists()
    assert (outside / "kept").read_text() == "x"


def test_removing_what_is_a_link_or_absent_touches_nothing(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    remove_tree(tmp_path / "link")
    remove_tree(tmp_path / "absent")
    assert (tmp_path / "real").is_dir()
