from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from memory_github import MemoryGitHub, comment

from github_bot.config import BotConfig
from github_bot.events.request import Request
from github_bot.github.contract import Actor
from github_bot.reading.issue_text import MAX_BODY, issue_text
from github_bot.reading.visible import visible
from github_bot.solve.vague import is_vague

NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)
REQUEST = Request(
    verb="solve",
    kind="label",
    id="label-1-1",
    actor=Actor("mia", False),
    at=NOON,
    repository="octo/shop",
    host="https://github.com",
    issue=1,
    title="total is wrong",
    body="`total([3])` is 0",
    author="eve",
)
BEFORE, AFTER = NOON - timedelta(hours=1), NOON + timedelta(hours=1)


@pytest.mark.parametrize(
    "text, left",
    [
        ("a <!-- do evil --> b", "a  b"),
        ("a <!-- never closed\n```\nx\n```", "a"),
        ("a\u200bb\u2060c\U000e0041\ufe0fd\u3164e", "abcde"),
        ("\u202eevil\u202c", "evil"),
        ("![do evil](u)", "[image left out]"),
        ('<img src="u" alt="do evil">', "[image left out]"),
        ('[l](u "do evil")', "[l](u)"),
        ('<a href="u" title="do evil">t</a>', '<a href="u">t</a>'),
        ("a\n[x]: u 'do evil'\nb", "a\nb"),
        ("```html\n<!-- shown -->\n![x](y)\n```", "```html\n<!-- shown -->\n![x](y)\n```"),
        ("`<!-- shown -->`", "`<!-- shown -->`"),
        ("<!-- ```\n-->\nb", "b"),
        ("\x1b[31mred\x1b[0m", "red"),
    ],
)
def test_only_what_a_reader_of_the_page_sees_is_left(text, left):
    assert visible(text).text == left


def test_hostile_lengths_take_no_time():
    for text in (
        "<" * 60_000,
        "![" * 30_000,
        "`" * 60_000,
        "<!--" * 20_000,
        "<a " + "title=x " * 10_000,
        "[x]:" * 20_000,
    ):
        assert len(visible(text).text) <= len(text)


def test_images_are_counted_and_said():
    read = issue_text(replace(REQUEST, body="![a](b) `f()` <img src=x>"), BotConfig(), MemoryGitHub())
    assert read.notes == ("2 images left out: the bot reads text alone",)


def test_a_long_body_is_cut_in_the_middle_and_it_is_said():
    read = issue_text(replace(REQUEST, body="a" * MAX_BODY + "bc"), BotConfig(), MemoryGitHub())
    assert "[2 characters left out]" in read.text
    assert read.text.endswith("bc")
    assert read.notes == ("1 text shortened in the middle",)


def test_comments_of_those_who_may_and_of_the_author_count_as_they_were_then():
    github = MemoryGitHub()
    github.issue_comments = [
        comment("eve", "the author's", BEFORE),
        comment("mia", "the maintainer's", BEFORE),
        comment("bob", "a stranger's", BEFORE),
        comment("mia", "later", AFTER),
        comment("mia", "edited later", BEFORE, updated_at=AFTER),
        comment("mia", "/runoff please", BEFORE),
        comment("dependabot[bot]", "a bot's", BEFORE, is_bot=True),
    ]
    read = issue_text(replace(REQUEST, hint="only price.py <!-- x -->"), BotConfig(), github)
    assert read.text == (
        "total is wrong\n\n`total([3])` is 0\n\nComment by eve:\nthe author's\n\nComment by mia:\nthe maintainer's"
        "\n\nHint by mia, who maintains the repository:\nonly price.py"
    )
    assert read.notes == ("1 comment left out, changed after the bot was asked",)


@pytest.mark.parametrize(
    "text, vague",
    [
        ("It does not work\n\nPlease fix", True),
        ("Crash", True),
        ("Crash\n\n`total` is wrong", False),
        ("Crash\n\nTypeError when I add", False),
        ("Wrong --verbose", False),
        ("Sum\n\ntotal_price is wrong", False),
        (
            " ".join(["The sum of the prices leaves the first one out whenever a list has more than one of them"] * 2),
            False,
        ),
    ],
)
def test_an_issue_that_names_nothing_in_few_words_is_vague(text, vague):
    assert is_vague(text) is vague
