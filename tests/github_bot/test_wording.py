import pytest

from github_bot.artifact import Evidence, Spending
from github_bot.errors import NotConfigured
from github_bot.publish.texts import text_problem, title_problem
from github_bot.wording.comments import (
    SENTENCES,
    abstained_comment,
    failed_comment,
    patch_comment,
    pull_request_comment,
    refused_comment,
)
from github_bot.wording.inert import as_shown, code_block, inert_text, inert_title
from github_bot.wording.pull_request import pull_request_body, pull_request_title

HOSTILE = (
    "@octocat and &#64;octocat fix ![x](https://evil.example/x.png) <img src=https://evil.example/y> "
    "fixes #8, GH-9 resolves octo/other#3 https://evil.example [click](javascript:alert(1)) <!-- hidden --> "
    "`code` | cell **bold** <details> \u202egnp.exe www.evil.example fixes https://github.com/octo/shop/issues/4"
)
EVIDENCE = Evidence(
    **dict.fromkeys(("reproduction_before", "reproduction_after", "regression", "votes", "reason"), HOSTILE[:490]),
    tried=HOSTILE[:490],
    not_checked=(HOSTILE[:490],),
)


def problem(text):
    return text_problem(text, issue=7, links=("https://github.com/octo/shop/",))


def test_a_terminal_shows_what_the_page_shows():
    assert as_shown(f"Asked by {inert_text('@mia: `a*b` < c & d')}.") == "Asked by @mia: `a*b` < c & d."
    assert as_shown("\x1b[31m") == "\\x1b[31m"


def test_what_is_hostile_would_act_if_it_stood_there_as_it_is():
    assert problem(HOSTILE)


@pytest.mark.parametrize("place", ["{}", "- {}", "| {} |", "**x** {}", "# {}", "> {}"])
@pytest.mark.parametrize("text", [HOSTILE, "#1 heading", "- item", "1. item", "===", "~~~", "    code", "@a", "\\@a"])
def test_an_inert_text_does_nothing_wherever_it_is_put(place, text):
    assert problem(place.format(inert_text(text))) == ""


def test_an_inert_text_is_read_as_it_was_written():
    assert inert_text("`a` returns 3 (not 4), a_b") == "&#96;a&#96; returns 3 (not 4), a&#95;b"


def test_a_title_mentions_and_closes_nothing():
    assert problem(inert_title("fixes #8 by @octocat")) == ""
    assert "\n" not in pull_request_title("a\nb")


@pytest.mark.parametrize(
    "word",
    [
        "[skip ci]",
        "[ci skip]",
        "[no ci]",
        "[skip actions]",
        "[actions skip]",
        "***NO_CI***",
        "skip-checks: true",
        "skip-checks:true",
        "[CI Skip]",
        "[skip-ci]",
        "[skip azp]",
        "[skip travis ci]",
        "[CF-Pages-Skip]",
        "[pre-commit.ci skip]",
        "[[skip ci]]",
        "[x [no-ci]",
    ],
)
def test_a_title_switches_no_checks_off(word):
    title = pull_request_title(f"total loses {word} a price")
    assert word not in title
    assert word in title.replace("\u2060", "")
    assert title_problem(title, issue=7) == ""


@pytest.mark.parametrize("letter", ["@", "#", "GH-", "\u202e", "\ue000", "@\ue000", "[skip]"])
def test_a_title_of_marks_alone_still_fits(letter):
    for count in range(1, 90):
        title = pull_request_title(letter * count)
        assert len(title) <= 200
        assert title_problem(f"{title}5", issue=7) == ""
    title = pull_request_title("@" * 64 + "\ue000" * 16)
    assert len(title) <= 200


def test_a_title_stays_as_it_is_where_nothing_in_it_acts():
    for title in ("[Bug] skip() loses a price", "no ci at all", "a[0] skips"):
        assert inert_title(title) == title


@pytest.mark.parametrize("text", [HOSTILE, "1https://x.example _https://x.example", "a/b#5 .@mia @@mia GH-5 fixes:#5"])
def test_a_hostile_issues_title_may_be_posted(text):
    assert title_problem(pull_request_title(text), issue=7) == ""


def test_a_code_block_cannot_be_closed_from_inside():
    block = code_block("a\n````\n@octocat\n```\n![x](y)", "diff")
    assert problem(block) == ""
    assert block.startswith("`````diff\n")


def test_every_comment_and_description_is_inert_with_hostile_evidence():
    spending = Spending(cost=0.01, tokens=5, seconds=3.0, trajectories=2)
    said = [
        pull_request_comment(EVIDENCE, spending, "high"),
        patch_comment(EVIDENCE, spending, "low", "medium", "+@octocat\n```\n<img src=x>\n"),
        abstained_comment(EVIDENCE, spending, had_patch=True, test="# @octocat\n```\n<img src=x>"),
        *(failed_comment(failure, HOSTILE, spending) for failure in SENTENCES),
        refused_comment(HOSTILE),
        pull_request_body(7, HOSTILE, EVIDENCE, spending, "high", 3),
    ]
    assert [problem(text) for text in said] == [""] * len(said)
    assert said[-1].startswith("Fixes #7\n")


def test_every_failure_has_a_sentence_of_its_own():
    said = [failed_comment(failure, "", Spending()) for failure in SENTENCES]
    assert len({text.partition("**")[2].partition("**")[0] for text in said}) == len(SENTENCES)


def test_a_repositorys_own_template_gets_inert_texts_and_no_way_out():
    template = b"Closes #{{ issue }}: {{ reason }}"
    body = pull_request_body(7, "x", EVIDENCE, Spending(), "high", 3, ("t.jinja", template))
    assert problem(body) == ""
    for wrong in (b"{{ nothing }}", b"{% if %}", b"{{ ''.__class__.__mro__ }}", b"{% include 'x' %}", b"", b"\xff"):
        with pytest.raises(NotConfigured, match=r"pull_request_template t\.jinja"):
            pull_request_body(7, "x", EVIDENCE, Spending(), "high", 3, ("t.jinja", wrong))
