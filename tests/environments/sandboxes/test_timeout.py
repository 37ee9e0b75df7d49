"""A command's time limit counts only while it could run."""

import os
import subprocess
import sys

from environments.sandboxes.bubblewrap import BubblewrapSandbox, host_root, timeout
from environments.sandboxes.bubblewrap.timeout import MOST_GIVEN, Timeout

SPIN = "import os, time; os.sched_setaffinity(0, {%d})\nwhile time.process_time() < %s: pass"


def test_what_a_command_waited_for_a_core_is_given_back_once_and_not_without_end(monkeypatch):
    waited = 0.0
    monkeypatch.setattr(timeout, "waited_time", lambda init_pid: waited)
    limit = Timeout(100.0, 10.0)
    assert not limit.over(109.0, 1)
    assert limit.over(110.0, 1)
    waited = 6.0
    assert not limit.over(110.0, 1)
    assert limit.deadline == 116.0
    assert limit.over(116.0, 1)
    waited = 1e9
    assert not limit.over(116.0, 1)
    assert limit.deadline == 110.0 + MOST_GIVEN * 10.0
    assert limit.over(limit.deadline, 1)


def test_before_there_is_a_process_nothing_is_given_back():
    assert Timeout(0.0, 1.0).over(1.0, None)


def test_a_test_that_shares_its_core_does_not_time_out_for_it():
    core = min(os.sched_getaffinity(0))
    busy = [subprocess.Popen([sys.executable, "-c", SPIN % (core, 1000)]) for _ in range(3)]
    try:
        with BubblewrapSandbox.create([], root=host_root(), run_id="timeout") as sandbox:
            run = sandbox.run(["python", "-c", SPIN % (core, 0.6)], cwd="/", timeout=1.0)  # 2.4 s on a shared core
        assert run.exit_code == 0 or run.seconds > MOST_GIVEN  # where still more keeps the core busy
    finally:
        for one in busy:
            one.kill()
            one.wait()
