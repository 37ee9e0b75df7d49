"""What goes where a window is nearly full."""

from agent.models.contract import Message, Usage
from agent.scaffolds.tools.window.gate import make_room, too_full
from agent.scaffolds.tools.window.history import History

OPENING = [Message(role="system", content="S"), Message(role="user", content="the issue")]


def history_of(*sizes):
    history = History()
    for message in OPENING:
        history.add(message)
    for number, size in enumerate(sizes):
        call = {"id": f"c{number}", "function": {"name": "bash", "arguments": f"command {number}"}}
        history.add(Message(role="assistant", content=f"step {number}", tool_calls=(call,)))
        history.add(Message(role="tool", content=str(number) * size, tool_call_id=f"c{number}"))
    return history


def results(history):
    return [len(message.content) for message in history.messages if message.role == "tool"]


def test_the_largest_results_go_first_and_the_latest_stay():
    history = history_of(3000, 40_000, 2000, 3000, 6000, 6000, 6000)
    assert too_full(history, 2000, 24_000)
    assert make_room(history, 2000, 24_000, 2, "").startswith("1 results cut")
    assert results(history) == [3000, results(history)[1], 2000, 3000, 6000, 6000, 6000]
    assert results(history)[1] < 800
    assert "39,400 characters left out later" in history.messages[5].content
    assert history.messages[:2] == OPENING
    assert not too_full(history, 2000, 24_000)


def test_what_is_not_enough_becomes_a_summary_and_no_call_loses_its_result():
    history = history_of(*[1000] * 40)
    said = make_room(history, 500, 4000, 2, "the diff")
    assert said.startswith("summary of what was done")
    summary, first, *_ = history.messages[2:]
    assert "without the first 54" in summary.content
    assert f"- step 27\n- command 27 -> {'27' * 40} ... " in summary.content
    assert "the diff" in summary.content
    assert first.role == "assistant"
    assert history.messages[4].tool_call_id == first.tool_calls[0]["id"]
    assert not too_full(history, 500, 4000)
    for message in history_of(*[1000] * 12).messages[2:]:
        history.add(message)
    make_room(history, 500, 4000, 2, "the diff")
    again = history.messages[2].content
    assert again.index("command 36") < again.rindex("command 2")
    assert again.count("The talk up to here") == 1


def test_a_summary_tells_how_calls_ended_by_functions_and_by_blocks():
    history = history_of(*[1000] * 40)
    long = "y\n" * 2000
    history.messages[3] = history.messages[3].model_copy(update={"content": f"exit code 1\n{long}1 failed, 2 passed\n"})
    history.messages[5] = Message(
        role="user", content=f"[result of bash ls]\nexit code 0\n{long}\n\n[result of check]\nAll"
    )
    rest = history.messages[2:12]
    history.rewrite(lambda messages: [*OPENING, *rest, *messages[-6:]])
    make_room(history, 500, 3000, 2, "")
    summary = history.messages[2].content
    assert "- command 0 -> exit code 1 ... 1 failed, 2 passed\n" in summary
    assert "- bash ls -> exit code 0 ... y\n- check -> All\n" in summary


def test_results_of_several_calls_stay_with_them_or_go_with_them():
    history = history_of(*[1000] * 40)
    for answers in range(2):
        calls = tuple({"id": f"d{answers}{n}", "function": {"name": "bash", "arguments": "x"}} for n in range(4))
        history.add(Message(role="assistant", content="four", tool_calls=calls))
        for call in calls:
            history.add(Message(role="tool", content="y", tool_call_id=call["id"]))
    make_room(history, 500, 4000, 2, "")
    assert [message.role for message in history.messages[2:]] == ["user", "assistant", *["tool"] * 4]


def test_where_nothing_can_go_it_says_nothing():
    history = history_of()
    assert make_room(history, 500, 10, 2, "") == ""


def test_the_endpoints_count_counts_and_only_what_is_new_is_estimated():
    history = history_of(3000)
    history.counted(Usage(prompt_tokens=5000))
    assert history.tokens == 5000
    history.said("x" * 300)
    assert 5100 <= history.tokens <= 5120
