import errno
import os

import pytest

from swebench_runs.errors import UsageError
from swebench_runs.run_folder.folder_lock import FolderLock


def test_a_folder_that_another_holds_is_refused_in_one_line_and_free_again_afterwards(tmp_path):
    with FolderLock(tmp_path), pytest.raises(UsageError, match=f"is being run by process {os.getpid()}"):
        FolderLock(tmp_path)
    FolderLock(tmp_path).release()


def test_a_lock_that_found_no_room_is_not_held_by_nobody(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "pwrite", full)
        with pytest.raises(OSError, match="No space left"):
            FolderLock(tmp_path)
    FolderLock(tmp_path).release()
