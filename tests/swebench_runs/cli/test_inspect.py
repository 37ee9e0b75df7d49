"""``runoff inspect`` in a pipe, in a terminal, and as pages."""

import os
import pty
import select
import subprocess
import sys

import pytest
from hostile_run import NAME, hostile_run

COMMAND = [sys.executable, "-c", "from swebench_runs.cli import main; main()", "inspect"]


@pytest.fixture
def run(tmp_path):
    return hostile_run(tmp_path / "run").path


def test_in_a_pipe_it_prints_lines_and_with_html_it_writes_pages(run, tmp_path):
    lines = subprocess.run([*COMMAND, run], capture_output=True, text=True, check=True).stdout
    assert NAME in lines
    assert "\x1b" not in lines
    told = subprocess.run([*COMMAND, run, "--html", tmp_path / "pages"], capture_output=True, text=True, check=True)
    assert (tmp_path / "pages" / NAME / "edit-0.html").is_file()
    assert "index.html" in told.stdout
    refused = subprocess.run([*COMMAND, run, NAME, "--html", tmp_path / "pages"], capture_output=True, text=True)
    assert refused.returncode == 2
    assert "leave the task out" in refused.stderr


def test_in_a_terminal_the_browser_opens_until_q(run):
    outer, inner = pty.openpty()
    with subprocess.Popen(
        [*COMMAND, run], stdin=inner, stdout=inner, stderr=inner, env={**os.environ, "TERM": "xterm-256color"}
    ) as browser:
        os.close(inner)
        shown = b""
        while b"abstained" not in shown:
            assert select.select([outer], [], [], 60)[0], shown
            shown += os.read(outer, 65536)
        assert b"\x1b[?1049h" in shown  # a screen of its own
        os.write(outer, b"q")
        while select.select([outer], [], [], 60)[0]:
            try:
                os.read(outer, 65536)
            except OSError:  # it has closed the terminal
                break
        assert browser.wait(60) == 0
    os.close(outer)
