"""The browser in the terminal: walked through by keys; what it draws of hostile records only shows them."""

import asyncio

import pytest
from hostile_run import NAME, hostile_run
from textual.widgets import DataTable, TabbedContent

from swebench_runs.inspector.browser import Browser, TaskScreen, TasksScreen, TrajectoryScreen


def drawn(app):
    """Return the text on the screen, and see that nothing of it steers or marks up."""
    lines = ["".join(segment.text for segment in strip) for strip in app.screen._compositor.render_strips()]
    text = "\n".join(lines)
    assert not {"\x1b", "\x07", "\u202e"} & set(text)
    return text


async def until(pilot, holds):
    """Wait for what a key leads to: its messages go from widget to widget."""
    for _ in range(500):
        if holds():
            return
        await pilot.pause(0.01)
    raise AssertionError(drawn(pilot.app))


async def seen(pilot, words):
    await until(pilot, lambda: words in drawn(pilot.app))


async def on(pilot, screen):
    await until(pilot, lambda: isinstance(pilot.app.screen, screen) and bool(pilot.app.screen.query(DataTable)))


def walked(run, body):
    async def walk():
        app = Browser(run)
        async with app.run_test(size=(200, 40), notifications=True) as pilot:
            await pilot.pause()
            await body(app, pilot)
            assert app.is_running
            assert app.return_code in (None, 0)

    asyncio.run(walk())


@pytest.fixture
def run(tmp_path):
    return hostile_run(tmp_path / "run")


def test_from_the_tasks_to_a_step_and_back(run):
    async def body(app, pilot):
        await seen(pilot, "abstained (abc)")
        await pilot.press("enter")
        await on(pilot, TaskScreen)
        await seen(pilot, "edit-0")
        await pilot.press("enter")
        await on(pilot, TrajectoryScreen)
        await seen(pilot, "Please 0")
        assert "Please 1" not in drawn(app)
        await pilot.press("down")
        await seen(pilot, "Please 1")
        await pilot.press("down", "down")
        await seen(pilot, "printed")
        await pilot.press("escape")
        await on(pilot, TaskScreen)
        await pilot.press("escape")
        await on(pilot, TasksScreen)

    walked(run, body)


def test_every_tab_shows_hostile_records_as_text(run):
    async def body(app, pilot):
        await pilot.press("enter")
        await on(pilot, TaskScreen)
        for name, words in (
            ("issue", "It breaks."),
            ("ballot", "existing tests broken"),
            ("decision", "+new"),
            ("candidates", "candidate abc (edit-0)"),
        ):
            app.screen.query_one(TabbedContent).active = name
            await seen(pilot, words)
            assert "[bold red]B[/]" in drawn(app)
            assert "[@click=app.quit]" in drawn(app)

    walked(run, body)


def test_a_record_of_another_form_is_shown_as_it_stands(run):
    async def body(app, pilot):
        await pilot.press("enter")
        await on(pilot, TaskScreen)
        await pilot.press("down", "enter")
        await seen(pilot, "a line of another form")
        assert '"choices": 7' in drawn(app)

    walked(run, body)


def test_what_cannot_be_read_is_told_and_the_browser_goes_on(run):
    ballot = run.task(NAME).path / "ballot.json"
    ballot.write_text("{")
    run.task(NAME).journal_path("edit", 0).write_text("[1]\n")

    async def body(app, pilot):
        await pilot.press("enter")
        await seen(pilot, "is damaged")
        assert isinstance(app.screen, TasksScreen)
        ballot.unlink()
        await pilot.press("enter")
        await on(pilot, TaskScreen)
        await seen(pilot, "is no record of a trajectory")
        await pilot.press("enter")
        await seen(pilot, "move it away")
        assert isinstance(app.screen, TaskScreen)

    walked(run, body)


def test_the_list_is_filtered_by_words(run):
    async def body(app, pilot):
        table = app.screen.query_one(DataTable)
        await pilot.press("slash", *"zzzz")
        await until(pilot, lambda: table.row_count == 0)
        await pilot.press(*["backspace"] * 4, *"pkg abst", "enter")
        await until(pilot, lambda: table.row_count == 1 and app.focused is table)

    walked(run, body)
