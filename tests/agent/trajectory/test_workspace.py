"""A trajectory's own tree: real bubblewrap, real journals, crashes by opening the record again."""

import json
import threading
from math import inf

import pytest
from waiting import until

from agent.models.contract import Message, Request
from agent.models.scripted import ScriptedModel
from agent.trajectory.budget import Ledger
from agent.trajectory.journal import Journal, paid, read_journal
from agent.trajectory.recorded_workspace import _enough
from agent.trajectory.session import Interrupted, Session, Stopped
from agent.trajectory.trajectory import Ending
from environments.sandboxes.lease import NoLease
from environments.workbench.workbench import Workbench

HEADER = {"trajectory": "edit-0"}
FIX = b"def total(prices):\n    return sum(prices)\n"


def asked(session, text):
    return session.ask(Request((Message(role="user", content=text),))).choices[0].content


@pytest.fixture(scope="module")
def bench(shop, tmp_path_factory):
    """One for all: what is done in forks stays there."""
    record = tmp_path_factory.mktemp("bench") / "executions.jsonl"
    with Workbench(shop.base, shop.task, record=record, lease=NoLease()) as bench:
        yield bench


@pytest.fixture
def sit(bench, tmp_path):
    """Opens the trajectory's record as one sitting does: ``sit(answers)`` is a session."""
    opened = []

    def sitting(*answers):
        journal = Journal(tmp_path / "edit-0.jsonl", HEADER)
        opened.append(journal)
        return Session(journal, ScriptedModel(answers), bench, Ledger())

    yield sitting
    for journal in opened:
        journal.close()


def work(session):
    """Look, ask, edit, run, ask."""
    with session.workspace() as tree:
        seen = tree.run("ls shop; python -c 'import shop; print(shop.total([3, 4]))'", timeout=60).output
        first = asked(session, seen.decode())
        tree.write("shop/price.py", tree.read("shop/price.py").replace(b"prices[1:]", b"prices"))
        tests = tree.run("pytest -q 2>&1 | tail -1", timeout=60)
        return first, asked(session, tests.output.decode()[:9]), tree.diff()


def test_commands_and_edits_change_the_fork_alone_and_the_diff_tells_what(sit, bench):
    session = sit("one", "two")
    first, second, diff = work(session)
    assert (first, second) == ("one", "two")
    assert session.model.requests[0].prompt.splitlines() == ["__init__.py", "price.py", "4"]
    assert session.model.requests[1].prompt == "2 passed "
    assert "-    for price in prices[1:]:\n+    for price in prices:" in diff
    assert b"prices[1:]" in bench.read("shop/price.py")


def test_a_second_sitting_asks_nothing_again_and_works_in_a_fork_that_is_as_it_was(sit):
    first = sit("one", "two")
    with first.workspace() as tree:
        tree.run("echo kept > note; mkdir -p a/b; sleep 0.01; date +%s.%N > /dev/null", timeout=60)
        assert asked(first, "?") == "one"
        tree.write("a/b/c", b"\xff\r\n")
        tree.remove("shop/price.py")
    again = sit("two")
    with again.workspace() as tree:
        tree.run("echo kept > note; mkdir -p a/b; sleep 0.01; date +%s.%N > /dev/null", timeout=60)
        assert asked(again, "?") == "one"
        tree.write("a/b/c", b"\xff\r\n")
        tree.remove("shop/price.py")
        assert not again.model.requests
        assert tree.run("cat note; ls shop", timeout=60).output == b"kept\n__init__.py\n"
        assert tree.read("a/b/c") == b"\xff\r\n"
        assert asked(again, "!") == "two"


def test_a_trajectory_that_is_over_is_replayed_without_a_fork(sit, monkeypatch):
    session = sit("one", "two")
    results = []
    session.conclude(lambda: (results.append(work(session)), Ending.SUBMITTED)[1])
    again = sit()
    monkeypatch.setattr(again.bench._trees, "fork", lambda patch: pytest.fail("a fork was made"))
    assert again.conclude(lambda: (results.append(work(again)), Ending.SUBMITTED)[1]) == Ending.SUBMITTED
    assert results[0] == results[1]


def test_from_the_first_command_that_comes_out_otherwise_on_the_record_is_cut(sit, tmp_path, caplog):
    first = sit("one", "two", "three")
    with first.workspace() as tree:
        tree.run("echo the same", timeout=60)
        asked(first, "a")
        tree.run("cat /proc/sys/kernel/random/uuid", timeout=60)
        asked(first, "b")
        asked(first, "c")
    again = sit("four")
    with again.workspace() as tree:
        tree.run("echo the same", timeout=60)
        assert asked(again, "a") == "one"
        tree.run("cat /proc/sys/kernel/random/uuid", timeout=60)
        assert asked(again, "b") == "four"
    assert again.turns == again.ledger.spent.turns == 4
    cut = [line for line in read_journal(tmp_path / "edit-0.jsonl") if "cut" in line]
    assert [(line["cut"], line["steps"], len(line["unused"])) for line in cut] == [(2, 3, 2)]
    assert "the output has" in cut[0]["why"]
    assert "came out otherwise than on record" in caplog.text
    third = sit("five")
    with third.workspace() as tree:
        tree.run("echo the same", timeout=60)
        assert asked(third, "a") == "one"
    assert third.ledger.spent.turns == 3
    lines = read_journal(tmp_path / "edit-0.jsonl")
    assert sum(len(paid(line)) for line in lines) == 4
    assert [line["step"] for line in lines if "step" in line] == [0, 1, 2, 3]


def test_a_file_that_is_another_one_cuts_the_record_too(sit, tmp_path):
    first = sit("one", "two")
    with first.workspace() as tree:
        tree.run("date +%N > stamp", timeout=60)
        before = tree.read("stamp")
        asked(first, "a")
    again = sit("two")
    with again.workspace() as tree:
        tree.run("date +%N > stamp", timeout=60)
        assert tree.read("stamp") != before
        assert asked(again, "a") == "two"


def test_what_is_wrong_with_a_file_is_told_as_pythons_own_errors_and_replayed(sit):
    def errors(session):
        found = []
        with session.workspace() as tree:
            tree.run("mkdir folder; echo x > secret; chmod 0 secret; head -c 5000000 /dev/zero > big", timeout=60)
            for action in (
                lambda: tree.read("nothing"),
                lambda: tree.read("folder"),
                lambda: tree.read("secret"),
                lambda: tree.read("big"),
                lambda: tree.read("a\0b"),
                lambda: tree.read("\ud800"),
                lambda: tree.read("x" * 5000),
                lambda: tree.write("folder", b""),
                lambda: tree.write("/usr/bin/x", b""),
                lambda: tree.remove("folder"),
                lambda: tree.remove("nothing"),
            ):
                with pytest.raises(OSError, match="Errno") as error:
                    action()
                found.append((type(error.value).__name__, error.value.errno))
        return found

    session = sit()
    first = errors(session)
    assert [name for name, _ in first] == [
        *("FileNotFoundError", "IsADirectoryError", "PermissionError", "OSError", "OSError", "OSError", "OSError"),
        *("IsADirectoryError", "PermissionError", "IsADirectoryError", "FileNotFoundError"),
    ]
    session.journal.end({"ending": "submitted"}, final=True)
    assert errors(sit()) == first


def test_a_command_past_its_time_is_killed_and_the_fork_stays_usable(sit):
    session = sit()
    with session.workspace() as tree:
        result = tree.run("echo begun; sleep 1000", timeout=0.5)
        assert (result.timed_out, result.exit_code, result.output) == (True, 124, b"begun\n")
        assert tree.run("true", timeout=60).exit_code == 0


def test_a_command_that_ran_into_its_time_is_not_waited_for_again_where_it_changed_no_file(sit, monkeypatch):
    waited = []
    with sit().workspace() as tree:
        tree.run("sleep 1000", timeout=0.5)
        tree.run("echo 1 > late; sleep 1000", timeout=1.5)
    again = sit()
    with again.workspace() as tree:
        run = tree.fork.run
        monkeypatch.setattr(
            tree.fork, "run", lambda command, timeout: waited.append(command) or run(command, timeout=timeout)
        )
        assert tree.run("sleep 1000", timeout=0.5).timed_out
        assert waited == []
        assert tree.run("echo 1 > late; sleep 1000", timeout=1.5).timed_out
        assert tree.run("cat late", timeout=60).output == b"1\n"
    effects = [line["answer"]["effect"] for line in read_journal(again.journal.path)[1:3]]
    assert effects[0] == 0
    assert effects[1] > 0


@pytest.mark.parametrize("effect, waits", [(None, inf), (0.0, 0.0), (2.0, 9.0)])
def test_how_long_a_command_that_ran_into_its_time_is_waited_for_again(effect, waits):
    assert _enough({"timed_out": True, "effect": effect}) == waits
    assert _enough({"timed_out": False}) == _enough(None) == inf


def test_a_long_output_keeps_head_and_tail_and_says_how_much_was_cut(sit):
    with sit().workspace() as tree:
        output = tree.run("seq 1000000", timeout=60).output
    assert len(output) < 33_000
    assert output.startswith(b"1\n2\n")
    assert output.endswith(b"999999\n1000000\n")
    assert b"\n[... %d bytes cut ...]\n" % (6_888_896 - (32 << 10)) in output


def test_no_command_is_started_after_an_interrupt(sit):
    session = sit()
    session.interrupt = threading.Event()
    with session.workspace() as tree:
        tree.run("echo one", timeout=60)
        session.interrupt.set()
        with pytest.raises(Interrupted):
            tree.run("echo two", timeout=60)


def test_an_interrupt_ends_the_command_under_way_and_leaves_no_answer_of_it(sit, bench):
    session = sit()
    with session.workspace() as tree:
        tree.run("echo one", timeout=60)
        begun = threading.Thread(target=lambda: until(lambda: _sleeps(tree)) or session.interrupt.set())
        begun.start()
        with pytest.raises(Interrupted):
            tree.run("touch begun; sleep 1000", timeout=900)
        begun.join()
    assert [line.get("kind") for line in read_journal(session.journal.path)] == [None, "command"]
    session = sit()
    session.enough.set()
    with session.workspace() as tree:
        tree.run("echo one", timeout=60)  # what was begun is done again
        with pytest.raises(Stopped):
            tree.run("touch begun; sleep 1000", timeout=900)


def _sleeps(tree):
    return (tree.fork._sandbox._stack.upper / "testbed/begun").exists()


def test_tools_stand_once_on_record_and_make_another_request(sit, tmp_path):
    tools = [{"type": "function", "function": {"name": "bash", "parameters": {}}}]
    session = sit("one", "two", "three")
    messages = (Message(role="user", content="x"),)
    session.ask(Request(messages, tools=tools, tool_choice="auto", stop=["END"]))
    session.ask(Request((*messages, Message(role="user", content="y")), tools=tools))
    session.ask(Request(messages))
    first, second, third = (line["request"] for line in read_journal(tmp_path / "edit-0.jsonl")[1:])
    assert (first["tools"], first["tool_choice"], first["stop"]) == (tools, "auto", ["END"])
    assert (second["tools"], second["messages_kept"]) == ("as before", 1)
    assert not {"tools", "tool_choice", "stop"} & third.keys()
    assert len({line["key"] for line in read_journal(tmp_path / "edit-0.jsonl")[1:]}) == 3


def test_the_journal_of_a_long_trajectory_grows_by_what_is_new(sit, tmp_path):
    session = sit(*["answer"] * 40)
    messages = []
    for number in range(40):
        messages.append(Message(role="user", content=f"{number} {'x' * 1000}"))
        session.ask(Request(tuple(messages)))
    assert (tmp_path / "edit-0.jsonl").stat().st_size < 100_000
    again = sit()
    messages.clear()
    for number in range(40):
        messages.append(Message(role="user", content=f"{number} {'x' * 1000}"))
        assert again.ask(Request(tuple(messages))).choices[0].content == "answer"
    assert json.loads((tmp_path / "edit-0.jsonl").read_text().splitlines()[-1])["request"]["messages_kept"] == 39
