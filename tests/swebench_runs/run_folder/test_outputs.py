"""Where the user wants something written: never a link, a stream or a folder replaced, never a stranger's file hit."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import yaml

from environments.errors import DataError
from environments.record_file import RecordFile, append_line
from swebench_runs.errors import UsageError
from swebench_runs.run_folder.files import write_whole
from swebench_runs.run_folder.folder_lock import FolderLock
from swebench_runs.run_folder.outputs import is_stream, output_file, output_folder, write_output
from swebench_runs.run_folder.store import Run


def test_a_file_is_made_and_replaced(tmp_path):
    for text in ("first", "second"):
        write_output(tmp_path / "new" / "out", text)
        assert (tmp_path / "new" / "out").read_text() == text
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["out"]


def test_a_fifo_is_written_through(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    got = []
    reader = threading.Thread(target=lambda: got.append((tmp_path / "pipe").read_text()))
    reader.start()
    while not got:
        try:
            write_output(tmp_path / "pipe", "x" * 200_000)  # more than a pipe holds
        except UsageError:  # the reader has not opened it yet
            continue
        reader.join()
    assert got == ["x" * 200_000]
    assert (tmp_path / "pipe").is_fifo()
    with pytest.raises(UsageError, match="nobody reads it"):
        write_output(tmp_path / "pipe", "x")


@pytest.mark.parametrize("path", ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"])
def test_standard_output_is_written_through(path, tmp_path):
    code = "from pathlib import Path; from swebench_runs.run_folder.outputs import write_output; "
    code += f"print('a', flush=True); write_output(Path({path!r}), 'b')"
    with (tmp_path / "all").open("wb") as file:
        subprocess.run([sys.executable, "-c", code], stdout=file, check=True)
    assert (tmp_path / "all").read_text() == "a\nb"


def test_a_device_is_written_through_and_stays():
    assert is_stream(Path("/dev/null"))
    write_output(Path("/dev/null"), "x")
    assert Path("/dev/null").is_char_device()


@pytest.mark.parametrize("target", ["file", "nowhere", "folder", "/dev/stdout"])
def test_a_link_is_refused_and_stays(tmp_path, target):
    (tmp_path / "file").write_text("precious")
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to(target)
    for act in (output_file, lambda path: write_output(path, "x"), lambda path: write_whole(path, "x")):
        with pytest.raises(UsageError, match="a link"):
            act(tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "file").read_text() == "precious"


def test_what_cannot_be_a_file_or_a_folder_is_refused_before_any_work(tmp_path):
    (tmp_path / "file").write_text("")
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UsageError, match="a folder"):
        output_file(tmp_path)
    for name in ("file", "pipe"):
        with pytest.raises(UsageError, match="no folder"):
            output_folder(tmp_path / name)
    with pytest.raises(UsageError, match="a FIFO"):
        write_whole(tmp_path / "pipe", "x")
    for option in (output_file, output_folder):
        with pytest.raises(UsageError, match="is no folder"):
            option(tmp_path / "file" / "new" / "x")
    assert output_folder(tmp_path) == tmp_path
    assert output_folder(tmp_path / "new") == tmp_path / "new"
    assert output_file(None) is None


def test_a_folder_that_takes_nothing_is_told_before_any_work(tmp_path, monkeypatch):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "old").write_text("")
    # Root may write anywhere: what the kernel says to others is put into its mouth.
    monkeypatch.setattr(os, "access", lambda place, mode: Path(place) == tmp_path / "mine")
    for option, path in (
        (output_file, tmp_path / "x"),
        (output_folder, tmp_path / "x" / "y"),
        (output_folder, tmp_path),
    ):
        with pytest.raises(UsageError, match="may not be written to; name another place"):
            option(path)
    assert output_file(tmp_path / "mine" / "old")
    assert output_folder(tmp_path / "mine") == tmp_path / "mine"
    assert output_folder(tmp_path / "mine" / "new") == tmp_path / "mine" / "new"


def test_a_link_beside_a_file_is_not_written_through(tmp_path):
    (tmp_path / "victim").write_text("precious\nunfinished")
    (tmp_path / ".out.tmp").symlink_to(tmp_path / "victim")
    write_output(tmp_path / "out", "x")
    for name in (".lock", "record.jsonl"):
        (tmp_path / name).symlink_to(tmp_path / "victim")
    for act in (
        lambda: FolderLock(tmp_path),
        lambda: RecordFile(tmp_path / "record.jsonl"),
        lambda: append_line(tmp_path / "record.jsonl", {}),
    ):
        with pytest.raises(OSError, match="symbolic links"):
            act()
    assert (tmp_path / "victim").read_text() == "precious\nunfinished"


HEADER = {"schema": 1, "run_id": "r", "config": {"subset": "starter", "model": "m"}, "instances": ["a-1"]}


def folder(tmp_path, **changed):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "run.yaml").write_text(yaml.safe_dump({**HEADER, **changed}))
    return tmp_path / "run"


@pytest.mark.parametrize("run_id", ["../../victim", "/victim", "..", ".", "", "a/b", "a\0b"])
def test_a_run_that_names_itself_elsewhere_is_refused(tmp_path, run_id):
    with pytest.raises(UsageError, match="run's id"):
        Run.load(folder(tmp_path, run_id=run_id))


@pytest.mark.parametrize("name", ["../../victim", "/victim", "..", "a/b", "-x", ""])
def test_a_run_with_an_instance_that_lies_elsewhere_is_refused(tmp_path, name):
    with pytest.raises(UsageError, match="instance id"):
        Run.load(folder(tmp_path, instances=["a-1", name]))


@pytest.mark.parametrize("place", ["tasks", "tasks/a-1", "tasks/a-1/events.jsonl", "grading", "logs", "preds.json"])
def test_a_run_with_a_link_in_it_is_refused(tmp_path, place):
    run = folder(tmp_path)
    assert Run.load(run).id == "r"
    (run / place).parent.mkdir(parents=True, exist_ok=True)
    (run / place).symlink_to(tmp_path)
    with pytest.raises(UsageError, match="is a link"):
        Run.load(run)


@pytest.mark.parametrize(
    "header", ["a: &a [x, x]\nb: [" + "*a, " * 60_000 + "]", "[" * 5000, "a: [", "schema: 1\nconfig: {}"]
)
def test_a_run_whose_header_is_damaged_or_without_measure_is_refused_in_one_line(tmp_path, header):
    (folder(tmp_path) / "run.yaml").write_text(header)
    with pytest.raises(UsageError, match=r"run\.yaml (cannot be read|is damaged).*: name another run's folder$"):
        Run.load(tmp_path / "run")


def test_a_trajectory_that_lies_elsewhere_is_not_read(tmp_path):
    task = Run.load(folder(tmp_path)).task("a-1")
    with pytest.raises(DataError, match=r"not a plain name|leads out"):
        task.journal_path("../../../secret")
