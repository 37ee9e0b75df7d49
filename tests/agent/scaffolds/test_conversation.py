"""Answers that even the most room cuts: used where what they ask for stands whole in them."""

from collections import Counter
from types import SimpleNamespace

import pytest

from agent.edits import EditError
from agent.models.contract import Choice
from agent.scaffolds.conversation import Conversation, Sampling

WHOLE = "a.py\n<<<<<<< SEARCH\nx\n=======\ny\n>>>>>>> REPLACE\n"


class Cutting:
    """A session whose model's answers are all cut."""

    def __init__(self, content):
        self.content, self.rooms, self.told, self.answers = content, [], [], Counter()
        self.tell = self.told.append

    def ask(self, request):
        self.rooms.append(request.max_tokens)
        return SimpleNamespace(choices=[Choice(content=self.content, finish_reason="length")])


def asked(content, reads=len, most=400):
    session = Cutting(content)
    conversation = Conversation(session, Sampling(turns=3, temperature=0, answer_tokens=100, seed=1, most_tokens=most))
    conversation.begin("Fix it.")
    return session, conversation.ask(reads)


@pytest.mark.parametrize("content", [WHOLE + "And more words ab", "f\n```python\ndef f(): ...\n```\nThis is bec"])
def test_it_is_used_after_the_try_with_more_room_and_told(content):
    session, answer = asked(content)
    assert answer == content
    assert session.rooms == [100, 400]
    assert session.answers == {"cut": 2}
    assert "used" in session.told[-1]


def test_where_there_is_no_more_room_the_first_is_used():
    session, answer = asked(WHOLE, most=100)
    assert (answer, session.rooms) == (WHOLE, [100])


@pytest.mark.parametrize("content", [WHOLE + "b.py\n<<<<<<< SEARCH\nmore", "f\n```python\ndef f():\n    retu"])
def test_what_it_had_begun_and_not_ended_makes_it_none(content):
    assert asked(content)[1] is None


def test_what_cannot_be_read_makes_it_none():
    def reads(answer):
        raise EditError("no edit")

    assert asked("Let me think about", reads)[1] is None
