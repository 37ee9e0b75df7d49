"""A folder carried by its changes: the other side always holds whole lines and whole files, and in the end all."""

import pytest

from environments.record_file import RecordFile
from environments.trees.beneath import OutsideError
from swebench_runs.many_tasks.cluster.mirror import Change, Mirror, apply


@pytest.fixture
def sides(tmp_path):
    here, there = tmp_path / "here", tmp_path / "there"
    for side in (here, there):
        side.mkdir()
    mirror = Mirror(here)

    def carry():
        changes = mirror.changes()
        apply(there, changes)
        return changes

    return here, there, carry


def content(folder):
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_records_are_carried_by_their_new_whole_lines_alone(sides):
    here, there, carry = sides
    (here / "trajectories").mkdir()
    record = here / "trajectories/edit-0.jsonl"
    record.write_bytes(b'{"a":1}\n')
    carry()
    with record.open("ab") as file:
        file.write(b'{"b":2}\n{"torn":')
    [change] = carry()
    assert (change.after, change.content) == (8, b'{"b":2}\n')
    assert (there / "trajectories/edit-0.jsonl").read_bytes() == b'{"a":1}\n{"b":2}\n'
    with RecordFile(record) as repaired:  # cuts the torn line
        repaired.append({"c": 3})
    carry()
    assert content(there) == content(here)
    assert carry() == ()


def test_a_record_begun_anew_a_file_replaced_and_one_set_aside_are_carried(sides):
    here, there, carry = sides
    record = here / "runoff.jsonl"
    record.write_text('{"old":1}\n{"old":2}\n')
    (here / "ballot.json").write_text("{}")
    carry()
    with RecordFile(record) as anew:
        anew.begin_anew()
        for number in range(9):
            anew.append({"new": number})
    (here / "superseded").mkdir()
    (here / "ballot.json").rename(here / "superseded/0-ballot.json")
    carry()
    assert content(there) == content(here)


def test_locks_and_half_written_files_stay_and_what_was_known_is_not_told(sides):
    here, _, carry = sides
    (here / ".lock").write_text("1")
    (here / ".ballot.json.tmp").write_text("{")
    assert carry() == ()
    (here / "task.json").write_text("{}")
    assert Mirror(here, known=True).changes() == ()


@pytest.mark.parametrize("path", ["../x", "/etc/x", "a/../../x"])
def test_no_change_leads_out_of_the_folder(tmp_path, path):
    with pytest.raises(OutsideError):
        apply(tmp_path, [Change(path, b"x")])
