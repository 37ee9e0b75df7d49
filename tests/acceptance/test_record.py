"""What an acceptance item writes, whatever came out."""

import json
import sys

import pytest

from acceptance.commands import run
from acceptance.record import Record, recording


def written(folder):
    return json.loads((folder / "thing.json").read_bytes())


def test_a_record_says_what_it_measured_on_what(tmp_path):
    with recording(Record("thing", n=3, unit="things", seed=5), tmp_path) as record:
        record.figures["speed"] = 7
        record.check("it is fast", True, "7\nper second")
    values = written(tmp_path)
    assert (values["passed"], values["n"], values["seed"], values["speed"]) == (True, 3, 5, 7)
    assert values["checks"] == [{"what": "it is fast", "holds": True, "found": "7 per second"}]
    assert values["machine"]["cores"] > 0
    assert values["versions"]["runoff"]


def test_a_failed_check_is_a_shortfall_and_fails_the_process(tmp_path, capsys):
    with pytest.raises(SystemExit) as ended, recording(Record("thing", n=1, unit="things"), tmp_path) as record:
        record.check("it is fast", False, "it is slow")
    assert ended.value.code == 1
    assert written(tmp_path)["shortfalls"] == ["it is fast: it is slow"]
    assert "FAIL it is fast: it is slow" in capsys.readouterr().out


def test_a_measurement_without_a_check_has_not_passed(tmp_path):
    with pytest.raises(SystemExit), recording(Record("thing", n=1, unit="things"), tmp_path):
        pass
    assert written(tmp_path)["passed"] is False


def test_a_measurement_that_breaks_is_written_with_what_it_has(tmp_path):
    record = Record("thing", n=1, unit="things", figures={"speed": 7})
    with pytest.raises(KeyError), recording(record, tmp_path):
        raise KeyError("speed")
    values = written(tmp_path)
    assert (values["passed"], values["speed"]) == (False, 7)
    assert "cut off" in values["shortfalls"][0]


def test_a_command_is_shown_kept_and_judged_by_its_exit_code(capfd):
    done = run(
        [sys.executable, "-c", "import sys; print('one'); print('two', file=sys.stderr); sys.exit(3)"], timeout=60
    )
    assert (done.exit_code, done.last_line in ("one", "two")) == (3, True)
    assert sorted(done.output.split()) == ["one", "two"] == sorted(capfd.readouterr().out.split())


def test_a_command_that_hangs_is_killed_with_what_it_started():
    script = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import time; time.sleep(600)'])"
    assert run([sys.executable, "-c", script], timeout=0.5, quiet=True).exit_code == -9
