"""The browser in the terminal: walked through by keys; what it draws of hostile records only shows them."""

import asyncio

import pytest
from hostile_run import NAME, hostile_everywhere, hostile_run
from textual.widgets import DataTable, Input

from swebench_runs.inspector.browser import Browser
from verifiers.ballot import Ballot


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


async def at(pilot, depth):
    """Wait for the level: the titles of run, task and trajectory stand in its."""
    await until(pilot, lambda: pilot.app.level.title.count(" > ") == depth)


def walked(run, body):
    async def walk():
        app = Browser(run)
        async with app.run_test(size=(400, 40), notifications=True) as pilot:
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
        await at(pilot, 1)
        await seen(pilot, "edit-0")
        await pilot.press("ctrl+end", "up", "enter")
        await at(pilot, 2)
        await seen(pilot, "Please 0")
        assert "Please 1" not in drawn(app)
        await pilot.press("down")
        await seen(pilot, "Please 1")
        await pilot.press("down", "down")
        await seen(pilot, "printed")
        await pilot.press("escape")
        await at(pilot, 1)
        await seen(pilot, "Enter shows its steps")  # of the trajectory that was left
        await pilot.press("escape")
        await at(pilot, 0)
        await seen(pilot, "abstained (abc)")

    walked(run, body)


def test_every_part_shows_hostile_records_as_text(run):
    async def body(app, pilot):
        await pilot.press("enter")
        await at(pilot, 1)
        for words in ("It breaks. [bold", "+new", "existing tests broken", "candidate abc (edit-0)"):
            await seen(pilot, words)
            assert "[bold red]B[/]" in drawn(app)
            assert "[@click=app.quit]" in drawn(app)
            await pilot.press("down")

    walked(run, body)


def test_every_row_of_every_level_is_text_whichever_field_is_hostile(tmp_path):
    run, kept = hostile_everywhere(tmp_path / "run")
    assert sum(map(len, kept.values())) > 100

    async def body(app, pilot):
        await seen(pilot, NAME)
        await pilot.press("enter")
        await at(pilot, 1)
        for row in range(len(app.level.rows)):
            app.query_one(DataTable).move_cursor(row=row)
            await pilot.pause()
            assert "[bold red]B[/]" in drawn(app)
        for number in range(3):
            await pilot.press("ctrl+end", *["up"] * (2 - number), "enter")
            await at(pilot, 2)
            for row in range(len(app.level.rows)):
                app.query_one(DataTable).move_cursor(row=row)
                await pilot.pause()
                drawn(app)
            await pilot.press("escape")
            await at(pilot, 1)

    walked(run, body)


def test_a_ballot_of_many_candidates_has_them_as_lines(run):
    folder = run.task(NAME)
    one = folder.read("ballot.json", Ballot)
    many = tuple(one.candidates[0].model_copy(update={"id": f"c{number}"}) for number in range(20))
    folder.write("ballot.json", one.model_copy(update={"candidates": many}))

    async def body(app, pilot):
        await pilot.press("enter", "down", "down")
        await seen(pilot, "c19")
        assert [line for line in drawn(app).splitlines() if "c19" in line and "not run" in line]

    walked(run, body)


def test_a_record_of_another_form_is_shown_as_it_stands(run):
    async def body(app, pilot):
        await pilot.press("enter")
        await at(pilot, 1)
        await pilot.press("ctrl+end", "enter")
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
        await at(pilot, 0)
        ballot.unlink()
        await pilot.press("enter")
        await at(pilot, 1)
        await pilot.press("ctrl+end", "up", "enter")
        await seen(pilot, "move it away")
        await at(pilot, 1)

    walked(run, body)


def test_the_list_is_filtered_by_words_and_is_so_again_on_the_way_back(run):
    async def body(app, pilot):
        table = app.query_one(DataTable)
        await pilot.press("slash", *"zzzz")
        await until(pilot, lambda: table.row_count == 0)
        await pilot.press(*["backspace"] * 4, *"pkg abst", "enter")
        await until(pilot, lambda: table.row_count == 1 and app.focused is table)
        await pilot.press("enter")
        await at(pilot, 1)
        await until(pilot, lambda: table.row_count > 1)
        await pilot.press("escape")
        await at(pilot, 0)
        await until(pilot, lambda: app.query_one(Input).value == "pkg abst" and table.row_count == 1)

    walked(run, body)
