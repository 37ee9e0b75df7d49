"""What others wrote is shown on a terminal and does not steer it."""

import pytest
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from swebench_runs.cli.terminal import terminal

EVIL = "a\x1b[2Jb\x1b]0;title\x07c\u202ed\x9b31me\bf"


def table():
    made = Table("name")
    made.add_row(EVIL)
    return made


@pytest.mark.parametrize("thing", [EVIL, Text(EVIL), table(), Syntax(EVIL, "diff")])
@pytest.mark.parametrize("stderr", [False, True])
def test_escape_sequences_are_shown_and_not_obeyed(capsys, thing, stderr):
    terminal(stderr=stderr).print(thing, markup=False)
    shown = capsys.readouterr().err if stderr else capsys.readouterr().out
    assert not any(c in shown for c in "\x1b\x07\u202e\x9b\b")
    assert "\\x1b[2J" in shown


def test_our_own_colours_stay(capsys, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    terminal().print(Text("red", "red"))
    assert "\x1b[31mred" in capsys.readouterr().out
