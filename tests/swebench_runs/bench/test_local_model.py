"""Ratios within a round, what is there is not measured again, and what each setting changes."""

import io
import itertools

import pytest
from rich.console import Console
from typer.testing import CliRunner

from acceptance.models.local_server import judge
from acceptance.record import Record
from agent.models.local.options import ServerOptions
from swebench_runs.bench.local_model import measure as measuring
from swebench_runs.bench.local_model.measure import FIGURES, figures, measure
from swebench_runs.bench.local_model.settings import CHANGES, setting
from swebench_runs.bench.local_model.table import table
from swebench_runs.bench.local_model.works import infills
from swebench_runs.cli.bench.verbs import app
from swebench_runs.errors import UsageError

GIVEN = ServerOptions(slots=4, context=8192, threads=2)


def row(name, number, speed, text="x"):
    values = dict.fromkeys(FIGURES, speed)
    return {"setting": name, "round": number, "rewritten": text, "infilled": [], "load_average": 0.5, **values}


def test_ratios_are_taken_within_a_round():
    rows = [row("base", 0, 10.0), row("draft", 0, 20.0), row("base", 1, 40.0), row("draft", 1, 40.0, text="y")]
    told = figures("local", rows)["settings"]["draft"]
    assert told["ratios"]["rewrite_tokens_per_s"] == {"median": 1.5, "range": [1.0, 2.0]}
    assert (told["n"], told["rewrite_tokens_per_s"], told["same_text"]) == (2, 30.0, False)
    console = Console(width=200, file=io.StringIO())
    console.print(table(figures("local", rows)))
    assert "30.0 (x 1.50)" in console.file.getvalue()


def test_what_is_there_is_not_measured_again_and_every_row_is_kept(monkeypatch):
    speeds, kept = itertools.count(1), []
    monkeypatch.setattr(measuring, "_timed", lambda one, turn: row(one.name, turn, float(next(speeds))))
    rows = [row("base", 0, 7.0)]
    told = measure("local", ["draft", "1 slot"], rounds=2, rows=rows, keep=kept.append, options=GIVEN)
    assert [(one["setting"], one["round"]) for one in told["rows"]] == [
        *((name, 0) for name in ("base", "draft", "1 slot")),
        *((name, 1) for name in ("base", "draft", "1 slot")),
    ]
    assert next(speeds) == 6
    assert [len(one["rows"]) for one in kept] == [2, 3, 4, 5, 6]


def test_a_setting_changes_what_it_says_and_nothing_else():
    assert setting("base", "local", GIVEN).options == GIVEN
    assert setting("one thread less", "local", GIVEN).options.threads == 1
    assert setting("one thread less", "local", ServerOptions(4, 8192, 1)).options.threads == 1
    assert setting("local-small", "local", GIVEN).model == "local-small"
    assert {setting(name, "local", GIVEN).name for name in CHANGES} == set(CHANGES)


def test_neighbours_share_all_that_stands_before_their_line():
    prompts = [one["prompt"] for one in infills(0, ("<p>", "<s>", "<m>"))]
    for one, other in itertools.pairwise(prompts):
        before = one.partition("<s>")[0].rstrip(" ")
        assert other.startswith(before)


def test_an_unknown_setting_says_which_there_are():
    with pytest.raises(UsageError, match="there is no setting 'warp'; there are: base, 1 slot"):
        CliRunner().invoke(app, ["model", "--setting", "warp"], catch_exceptions=False)


def test_guessing_that_would_pay_for_samples_is_a_shortfall():
    def judged(guessing, text="x"):
        record = Record("local_server", n=1, unit="rounds")
        judge(record, figures("local", [row("base", 0, 20.0), row("ngram-mod", 0, guessing, text)]))
        return len(record.shortfalls)

    assert (judged(20.0), judged(22.0), judged(30.0), judged(20.0, "y")) == (0, 0, 2, 1)
