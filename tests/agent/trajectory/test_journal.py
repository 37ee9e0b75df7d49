import json

import pytest

from agent.trajectory.journal import Journal, JournalEnded, JournalMismatch, read_journal

HEADER = {"trajectory": "edit-0"}


def record(path, answers, *, ending=None, final=True):
    with Journal(path, HEADER) as journal:
        for number, answer in enumerate(answers):
            journal.step("model", {"ask": number}, lambda answer=answer: {"said": answer})
        if ending:
            journal.end({"ending": ending}, final=final)


def never():
    raise AssertionError("a recorded step was performed again")


def test_a_recorded_step_is_replayed_and_not_performed(tmp_path):
    record(tmp_path / "j.jsonl", ["one", "two"])
    with Journal(tmp_path / "j.jsonl", HEADER) as journal:
        assert journal.step("model", {"ask": 0}, never) == ({"said": "one"}, True)
        assert journal.step("model", {"ask": 1}, never) == ({"said": "two"}, True)
        assert journal.step("model", {"ask": 2}, lambda: {"said": "new"}) == ({"said": "new"}, False)


@pytest.mark.parametrize("kept", range(1, 60, 7))
def test_a_line_cut_off_anywhere_costs_that_step_only(tmp_path, kept):
    path = tmp_path / "j.jsonl"
    record(path, ["one", "two"])
    whole = path.read_bytes()
    last = whole.rstrip(b"\n").rfind(b"\n") + 1
    path.write_bytes(whole[: last + kept])
    with Journal(path, HEADER) as journal:
        assert journal.step("model", {"ask": 0}, never)[1]
        assert journal.step("model", {"ask": 1}, lambda: {"said": "again"}) == ({"said": "again"}, False)
    assert [line["answer"]["said"] for line in read_journal(path)[1:]] == ["one", "again"]


def test_a_step_that_raises_leaves_nothing(tmp_path):
    path = tmp_path / "j.jsonl"
    with Journal(path, HEADER) as journal, pytest.raises(ZeroDivisionError):
        journal.step("model", {"ask": 0}, lambda: {"x": 1 // 0})
    assert len(read_journal(path)) == 1


def test_another_request_than_the_recorded_one_is_refused(tmp_path):
    record(tmp_path / "j.jsonl", ["one"])
    with Journal(tmp_path / "j.jsonl", HEADER) as journal, pytest.raises(JournalMismatch, match="redo-existing"):
        journal.step("model", {"ask": "something else"}, never)


def test_a_record_that_nobody_answered_in_is_begun_anew_under_another_header(tmp_path):
    path = tmp_path / "j.jsonl"
    with Journal(path, {"model": "wrong"}) as journal:
        journal.step("run", {"test": 1}, lambda: {"outcome": "fail"})
        journal.end({"ending": "context_limit"}, final=True)
    with Journal(path, HEADER) as journal:
        assert journal.ending is None
        journal.step("model", {"ask": 0}, lambda: {"said": "one"})
    assert [line.get("header") for line in read_journal(path)] == [HEADER, None]


def test_another_header_is_refused(tmp_path):
    record(tmp_path / "j.jsonl", ["one"])
    with pytest.raises(JournalMismatch, match="redo-existing"):
        Journal(tmp_path / "j.jsonl", {"trajectory": "edit-1"})


def test_a_final_ending_stops_further_steps(tmp_path):
    record(tmp_path / "j.jsonl", ["one"], ending="time_limit")
    with Journal(tmp_path / "j.jsonl", HEADER) as journal:
        journal.step("model", {"ask": 0}, never)
        with pytest.raises(JournalEnded) as over:
            journal.step("model", {"ask": 1}, never)
    assert over.value.ending == {"ending": "time_limit"}


def test_an_ending_by_failure_of_the_machine_is_gone_on_from(tmp_path):
    record(tmp_path / "j.jsonl", ["one"], ending="model_error", final=False)
    with Journal(tmp_path / "j.jsonl", HEADER) as journal:
        journal.step("model", {"ask": 0}, never)
        assert journal.step("model", {"ask": 1}, lambda: {"said": "two"}) == ({"said": "two"}, False)


def test_a_growing_conversation_is_written_once(tmp_path):
    path = tmp_path / "j.jsonl"
    messages = [{"role": "user", "content": "x" * 1000}]
    with Journal(path, HEADER) as journal:
        for turn in range(5):
            journal.step("model", {"messages": list(messages)}, lambda: {"said": "y"})
            messages.append({"role": "assistant", "content": f"turn {turn}"})
    assert path.read_text().count("x" * 1000) == 1
    assert json.loads(path.read_text().splitlines()[3])["request"]["messages_kept"] == 2


def test_lone_surrogates_survive(tmp_path):
    record(tmp_path / "j.jsonl", ["\udcff"])
    with Journal(tmp_path / "j.jsonl", HEADER) as journal:
        assert journal.step("model", {"ask": 0}, never)[0]["said"] == "\udcff"


def test_a_recorded_answer_that_is_no_answer_is_asked_for_again_and_replaced(tmp_path):
    path, usable = tmp_path / "j.jsonl", lambda answer: bool(answer["choices"])
    with Journal(path, {}) as journal:
        journal.step("model", {"q": 1}, lambda: {"choices": ["one"]})
        journal.step("model", {"q": 2}, lambda: {"choices": []})  # as older versions recorded it
    for says in (lambda: {"choices": ["two"]}, pytest.fail):
        with Journal(path, {}) as journal:
            assert journal.step("model", {"q": 1}, pytest.fail, usable=usable) == ({"choices": ["one"]}, True)
            assert journal.step("model", {"q": 2}, says, usable=usable)[0] == {"choices": ["two"]}
    assert [line["answer"]["choices"] for line in read_journal(path)[1:]] == [["one"], ["two"]]


def test_a_refusal_is_raised_again_without_being_asked_for(tmp_path):
    def refuse():
        raise KeyError("no")

    for perform in (refuse, pytest.fail):
        with Journal(tmp_path / "j.jsonl", {}) as journal:
            with pytest.raises(KeyError, match="no"):
                journal.step("model", {"q": 1}, perform, refusals=[KeyError])
            assert journal.step("model", {"q": 2}, lambda: {"a": 1})[0] == {"a": 1}
