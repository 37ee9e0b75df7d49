"""The loop: what is asked, what is told, and how it ends."""

import re
from itertools import pairwise

import pytest
from tools_driver import BASELINE, BREAKS, RIGHT, SUBMIT, TEST, bash, called, edit

from agent.models.contract import Choice, ContextOverflow, Usage
from agent.trajectory.budget import FixedCeilings, Ledger
from agent.trajectory.journal import read_journal
from agent.trajectory.trajectory import Ending

LOOK = called(bash("ls"))


def test_what_is_changed_and_confirmed_is_the_patch_and_the_harness_says_what_it_is_worth(drive):
    answers = [called(bash("grep -n prices shop/price.py")), called(RIGHT), called(SUBMIT), called(SUBMIT)]
    trajectory = drive(answers, test=TEST, baseline=BASELINE)
    assert trajectory.ending == Ending.SUBMITTED
    assert trajectory.verified
    assert trajectory.reproduces
    assert "-    for price in prices[1:]:\n+    for price in prices:\n" in trajectory.patch
    assert "`import shop` works" in drive.result(0)
    assert "exit code 0\n1:def total(prices):" in drive.result(1)
    confirm = drive.result(3)
    assert "+    for price in prices:" in confirm
    assert "(the issue is gone)" in confirm
    assert "All 2 tests of the repository" in confirm
    assert drive.made[-1].patch == trajectory.patch


def test_functions_and_thinking_go_to_the_endpoint_and_history_only_grows(drive):
    thought = ({"type": "thinking", "thinking": "hm", "signature": "s"},)
    drive([called(bash("ls"), bash("pwd"), thinking=thought), called(RIGHT), called(SUBMIT), called(SUBMIT)])
    asked = drive.model.requests
    assert [tool["function"]["name"] for tool in asked[0].options["tools"]] == ["bash", "edit", "check", "submit"]
    for before, after in pairwise(asked):
        assert after.messages[: len(before.messages)] == before.messages
    said, first, second = asked[1].messages[2:]
    assert said.thinking == thought
    assert (first.role, first.tool_call_id, second.tool_call_id) == ("tool", "id0", "id1")
    assert second.content.startswith("exit code 0\n/testbed")


def test_a_model_without_functions_calls_by_blocks(drive):
    answers = [
        "I look.\n\n```view shop/price.py 1-6\n```\n",
        "```replace shop/price.py\n<<<<<<< SEARCH\n    for price in prices[1:]:\n=======\n"
        "    for price in prices:\n>>>>>>> REPLACE\n```\n\n"
        "```bash\npython -c 'import shop; print(shop.total([3, 4]))'\n```",
        "```submit\n```",
        "```submit\n```",
    ]
    trajectory = drive(answers, native=False)
    assert "+    for price in prices:" in trajectory.patch
    assert "```replace shop" in drive.result(0)
    assert drive.model.requests[0].options["tools"] == ()
    assert "     4\t    for price in prices[1:]:" in drive.result(1)
    assert "exit code 0\n7" in drive.result(2)
    assert [message.role for message in drive.model.requests[2].messages[2:]] == ["assistant", "user"] * 2


def test_malformed_calls_are_left_out_of_the_history_with_a_remark(drive):
    answers = [
        called(("bash", '{"command": "ls'), text="cut JSON"),
        called(("shell", {"command": "ls"})),
        called(bash("echo kept"), ("edit", {"command": "insert", "path": "a"}), ("bash", {"cmd": "ls"})),
        called(SUBMIT),
        called(SUBMIT),
    ]
    drive(answers)
    first, second, third = (drive.result(number) for number in (1, 2, 3))
    assert "the arguments of `bash` are no JSON" in first
    assert "cut JSON" not in drive.model.requests[1].prompt
    assert "there is no tool `shell`: there are `bash`, `edit`" in second
    assert "insert needs insert_line" in third
    assert "cmd: Extra inputs are not permitted" in third
    assert "exit code 0\nkept" in third
    kept = drive.model.requests[3].messages[-2]
    assert [call["function"]["name"] for call in kept.tool_calls] == ["bash"]


def test_words_without_a_call_stay_and_five_answers_in_a_row_for_nothing_end_it(drive):
    trajectory = drive(["I would look at shop/price.py."] * 5)
    assert trajectory.ending == Ending.FORMAT_ERRORS
    assert trajectory.answers == {"no_call": 4}
    assert trajectory.why == "the last answer: no call of a tool in it"
    assert "there is no call of a tool in your answer" in drive.result(1)
    assert drive.model.requests[1].messages[-2].content == "I would look at shop/price.py."


def test_an_answer_cut_by_its_length_is_asked_for_with_more_room_then_told_and_left_out(drive):
    cut = called(("bash", '{"command": "ec'), text="long", finish="length")
    drive([cut, cut, LOOK, called(SUBMIT), called(SUBMIT)], most=1500)
    assert [asked.options["max_tokens"] for asked in drive.model.requests[:3]] == [500, 1500, 500]
    assert "was cut off at 1500 tokens" in drive.result(2)
    assert "long" not in drive.model.requests[2].prompt


def test_the_same_call_with_the_same_result_is_told_at_three_and_the_end_at_five(drive):
    trajectory = drive([called(RIGHT), *[LOOK] * 9])
    assert trajectory.ending == Ending.STOPPED
    assert "the same call gave the same result 5 times: bash ls" in trajectory.why
    assert "You have made this very call" not in drive.result(3)
    assert "You have made this very call 3 times" in drive.result(4)
    asked = [request.options["temperature"] for request in drive.model.requests]
    assert asked == pytest.approx([0.5, 0.5, 0.5, 0.8, 1.1, 1.3])
    assert "+    for price in prices:" in trajectory.patch
    assert len(drive.model.requests) == 6


def test_the_same_call_on_another_tree_is_another_call(drive):
    answers = [
        one
        for number in range(3)
        for one in (
            called(bash("echo 'X = 1' >> shop/price.py; true")),
            called(bash("python -c 'import shop'")),
        )
    ]
    assert drive(answers * 2, turns=12).ending == Ending.TURN_LIMIT


def test_a_scratch_script_that_is_written_anew_and_comes_to_the_same_is_no_circle(drive):
    tried = [
        one
        for number in range(7)
        for one in (
            called(
                edit("create", path="/tmp/repro.py", file_text=f"import shop\nassert shop.total([{number}]) == 0\n")
            ),
            called(bash("python /tmp/repro.py")),
        )
    ]
    assert drive([called(RIGHT), *tried], turns=15).ending == Ending.TURN_LIMIT
    assert not any("You have made this very call" in drive.result(n) for n in range(1, 15))


def test_two_calls_by_turns_are_a_circle_too(drive):
    trajectory = drive([called(bash("touch /tmp/a")), called(bash("cat /tmp/a"))] * 9)
    assert trajectory.ending == Ending.STOPPED
    assert len(drive.model.requests) < 12


def test_nothing_to_hand_in_is_asked_back_once(drive):
    trajectory = drive([called(bash("echo 1 > tests/test_new.py")), called(SUBMIT), called(SUBMIT)])
    assert "none of a source file" in drive.result(2)
    assert trajectory.ending == Ending.SUBMITTED
    assert trajectory.patch == ""


def test_a_change_after_the_diff_was_shown_is_shown_again(drive):
    more = called(bash("sed -i 's/percent/share/' shop/price.py"))
    trajectory = drive([called(RIGHT), called(SUBMIT), more, called(SUBMIT), called(SUBMIT)])
    assert "share" in drive.result(4)
    assert "share" in trajectory.patch


def test_a_trajectory_that_runs_out_of_steps_yields_the_patch_that_the_harness_thinks_most_of(drive):
    answers = [called(RIGHT), called(("check", {})), called(BREAKS), called(("check", {}))]
    trajectory = drive(answers, turns=4, test=TEST, baseline=BASELINE)
    assert trajectory.ending == Ending.TURN_LIMIT
    assert trajectory.verified
    assert "result = 1" not in trajectory.patch


def test_what_is_left_is_told_in_time_and_a_budget_that_ends_keeps_the_patch(drive):
    trajectory = drive([called(RIGHT), *(called(bash(f"echo {n}")) for n in range(9))], turns=6)
    assert trajectory.ending == Ending.TURN_LIMIT
    assert "[At most 6 more answers are yours.]" in drive.result(0)
    assert "[5 more answers are yours; submit before they end" in drive.result(1)
    assert "more answers are yours" not in drive.result(2)
    assert "+    for price in prices:" in trajectory.patch


def test_tokens_and_money_are_told_where_they_are_limited(drive):
    limits = FixedCeilings(tokens=3000)
    trajectory = drive([called(RIGHT), *(called(bash(f"echo {n}")) for n in range(50))], limits=limits, turns=60)
    assert trajectory.ending == Ending.TOKEN_LIMIT
    assert "3,000 tokens in all" in drive.result(0)
    assert any("tokens in all are yours; submit" in drive.result(n) for n in range(1, len(drive.model.requests)))
    assert "+    for price in prices:" in trajectory.patch


def test_what_is_left_of_the_tasks_money_and_time_is_told_before_it_ends(drive):
    clock = iter(range(0, 10_000, 40))
    task = Ledger(FixedCeilings(cost=2.0, seconds=3600.0), clock=lambda: float(next(clock)))
    task.charge(Usage(), 0.5)  # a sibling's
    drive([called(bash(f"echo {n}")) for n in range(30)], parent=task, turns=40)
    assert re.search(r"At most 40 more answers, 1\.50 US dollars, \d\d minutes are yours", drive.result(0))
    told = [drive.result(n) for n in range(1, len(drive.model.requests))]
    assert any(re.search(r"US dollars, \d+ minutes? are yours; submit before", one) for one in told)


def test_a_window_nearly_full_goes_on_from_a_summary_and_the_record_says_so(drive):
    def answers(request):
        return called(bash(f"yes {len(drive.model.requests)} | head -c 1500"), text="looking")

    drive(answers, turns=8, window=4000, room=400)
    assert max(drive.model.count_tokens(asked.messages) for asked in drive.model.requests) < 3600
    short = next(asked for asked in drive.model.requests if "The talk up to here was too long" in asked.prompt)
    assert short.messages[:2] == drive.model.requests[0].messages
    assert "- looking" in short.messages[2].content
    assert short.messages[3].role == "assistant"
    assert any("window nearly full" in text for text in drive.told)
    assert any(line.get("kind") == "window" for line in read_journal(drive.path))


def test_a_prompt_that_does_not_fit_after_all_is_cut_and_asked_again(drive):
    answers = [
        called(bash("yes | head -c 9000")),
        called(bash("yes no | head -c 9000")),
        *(called(bash(f"echo {n}")) for n in range(5)),
        ContextOverflow("too long"),
        called(RIGHT),
        called(SUBMIT),
        called(SUBMIT),
    ]
    trajectory = drive(answers)
    assert "+    for price in prices:" in trajectory.patch
    assert len(drive.model.requests[8].prompt) < len(drive.model.requests[7].prompt) / 2


def test_empty_and_withheld_answers_are_told_as_what_they_are(drive):
    empty, withheld = Choice(content=" ", finish_reason="stop"), Choice(content="x", finish_reason="content_filter")
    trajectory = drive([empty, withheld, called(RIGHT), called(SUBMIT), called(SUBMIT)])
    assert "Your last answer was empty" in drive.result(1)
    assert "withheld by a content filter" in drive.result(2)
    assert trajectory.answers == {"empty": 1, "filtered": 1}


def test_a_finished_record_is_replayed_without_a_model(drive):
    answers = [
        called(RIGHT),
        called(edit("undo")),
        called(RIGHT),
        called(("check", {})),
        called(SUBMIT),
        called(SUBMIT),
    ]
    first = drive(answers, test=TEST)
    again = drive([], test=TEST)
    assert drive.model.requests == []
    assert again == first


def test_a_trajectory_goes_on_with_other_limits_and_asks_for_nothing_twice(drive):
    first = drive([called(RIGHT), called(bash("ls tests"))], turns=6)
    assert (first.ending, first.final) == (Ending.MODEL_ERROR, False)  # the script ran out
    second = drive([called(SUBMIT), called(SUBMIT)], turns=40, limits=FixedCeilings(tokens=90_000))
    assert second.ending == Ending.SUBMITTED
    assert "At most 6 more answers" in drive.result(0, 1)
    assert "+    for price in prices:" in second.patch
    assert len(drive.model.requests) == 2
