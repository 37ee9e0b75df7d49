"""What a step leaves on record and asks of the machine does not grow with the steps before it."""

import pytest

from agent.models.contract import Message, Request
from agent.models.scripted import ScriptedModel
from agent.trajectory.budget import FixedCeilings, Ledger
from agent.trajectory.journal import Journal, read_journal
from agent.trajectory.request_key import begins_with
from agent.trajectory.session import Session
from environments.sandboxes.lease import NoLease
from environments.workbench.workbench import Workbench


@pytest.fixture(scope="module")
def bench(shop, tmp_path_factory):
    record = tmp_path_factory.mktemp("bench") / "executions.jsonl"
    with Workbench(shop.base, shop.task, record=record, lease=NoLease()) as bench:
        yield bench


@pytest.fixture
def sit(bench, tmp_path):
    opened = []

    def sitting(answers=(), limits=None):
        opened.append(Journal(tmp_path / "edit-0.jsonl", {"trajectory": "edit-0"}))
        return Session(opened[-1], ScriptedModel(answers), bench, Ledger(limits))

    yield sitting
    for journal in opened:
        journal.close()


def kinds(path):
    return [line["kind"] for line in read_journal(path) if "kind" in line]


def test_a_tree_to_which_nothing_was_done_is_not_compared_again(sit, tmp_path):
    def work(session, compared):
        with session.workspace() as tree:
            tree.write("shop/price.py", b"changed = 1\n")
            seen = [tree.diff() for _ in range(compared)]
            tree.read("shop/price.py")
            seen.append(tree.diff())
            tree.run("echo 'changed = 2' > shop/price.py", timeout=60)
            return [*seen, tree.diff()]

    *same, other = work(sit(), 2)
    assert len(set(same)) == 1
    assert "+changed = 1" in same[0]
    assert "+changed = 2" in other
    assert kinds(tmp_path / "edit-0.jsonl") == ["write", "diff", "read", "command", "diff"]
    assert work(sit(), 3)[-1] == other


def test_a_record_that_holds_every_reading_of_a_tree_is_replayed(sit, tmp_path):
    session = sit()
    with session.workspace() as tree:
        tree.write("note", b"a\n")
        first = tree.diff()
        tree._diff = None  # as older versions: git was asked each time
        tree.diff()
        tree.run("true", timeout=60)
    again = sit()
    with again.workspace() as tree:
        tree.write("note", b"a\n")
        assert tree.diff() == tree.diff() == first
        tree.run("true", timeout=60)
    assert not again.journal.replaying
    assert kinds(tmp_path / "edit-0.jsonl") == ["write", "diff", "diff", "command"]


def test_a_conversation_begins_with_the_very_messages_of_the_last_one():
    one, same, other = object(), Message(role="user", content="a"), Message(role="user", content="a")
    assert begins_with([one, same], [one])
    assert begins_with([one], [])
    assert not begins_with([one, other], [one, same])
    assert not begins_with([one], [one, same])


def test_what_was_asked_stands_on_record_though_a_message_gave_way_to_another(sit, tmp_path):
    session = sit(["one", "two", "three"])
    start, old, new = (Message(role="user", content=text) for text in ("start", "old", "new"))
    for messages in ((start, old), (start, new), (start,)):
        session.ask(Request(messages))
    asked = [line["request"] for line in read_journal(tmp_path / "edit-0.jsonl") if line.get("kind") == "model"]
    assert [(one["messages_kept"], [said["content"] for said in one["messages"]]) for one in asked] == [
        (0, ["start", "old"]),
        (1, ["new"]),
        (1, []),
    ]


def test_a_limit_is_told_once_and_stands_on_record_only_where_it_was(sit, tmp_path):
    from agent.scaffolds.tools.remaining import Remaining

    def told(session):
        remaining = Remaining(session, 9)
        words = [remaining.at_start()]
        for number in range(1, 7):
            session.ask(Request((Message(role="user", content=f"{number}"),)))
            words.append(remaining.after(number))
        return words

    words = told(sit("123456"))
    assert [bool(text) for text in words] == [True, False, False, False, True, False, True]
    assert kinds(tmp_path / "edit-0.jsonl").count("told") == 3
    # another limit later: what was told is told again, and nothing else
    assert told(sit((), FixedCeilings(tokens=10_000))) == words
