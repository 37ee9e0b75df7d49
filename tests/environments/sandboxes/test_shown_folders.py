"""A sandbox is shown folders of a list, and nothing that lies beside them on the host."""

import pytest

from environments.sandboxes.bubblewrap import BubblewrapSandbox, host_root, shown_folders
from environments.sandboxes.bubblewrap.shown_folders import Shown, python_folders, system_folders


@pytest.fixture
def lay(tmp_path, monkeypatch):
    """Return what lays files of a system, which is then the host's."""

    def laid(*names):
        for name in names:
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).touch()
        monkeypatch.setattr(shown_folders, "_PROGRAMS", ())
        monkeypatch.setattr(shown_folders, "_LIBRARIES", (str(tmp_path / "lib"),))
        monkeypatch.setattr(shown_folders, "_DATA", ())
        return tmp_path

    return laid


def test_folders_among_the_libraries_are_shown_by_name(lay):
    top = lay("lib/x86_64-linux-gnu/libc.so.6", "lib/git-core/git", "lib/python3.11/os.py", "lib/cloud/copies/yaml.py")
    shown = [Shown(top / "lib" / name) for name in ("git-core", "python3.11", "x86_64-linux-gnu")]
    assert list(system_folders("python3.11")) == shown


def test_where_libraries_lie_in_no_folder_of_their_own_other_folders_appear_empty(lay):
    top = lay("lib/libc.so.6", "lib/gcc/cc1", "lib/python3.12/os.py", "lib/cloud/copies/yaml.py")
    assert list(system_folders("python3.11")) == [Shown(top / "lib", ("cloud", "python3.12"))]


def test_a_python_of_its_own_is_shown_without_what_is_installed_beside_it(lay):
    top = lay("bin/python3.11", "lib/libpython3.11.so", "lib/python3.11/os.py", "lib/cmake/x", "pkgs/yaml/yaml.py")
    assert list(python_folders(top, "python3.11")) == [Shown(top / "bin"), Shown(top / "lib", ("cmake",))]


def test_a_sandbox_sees_no_other_folder_of_the_host():
    with BubblewrapSandbox.create([], root=host_root(), run_id="test") as sandbox:
        seen = set(sandbox.run("ls /usr /usr/share /usr/local 2>/dev/null", cwd="/").text.split())
        assert sandbox.run("git --version && python -c 'import ssl' && sh -c true", cwd="/").exit_code == 0
    headings = {"/usr:", "/usr/share:"}
    folders = {"bin", "sbin", "lib", "lib32", "lib64", "libx32", "libexec", "include", "share"}
    assert seen <= headings | folders | {"git-core", "terminfo", "zoneinfo"}
