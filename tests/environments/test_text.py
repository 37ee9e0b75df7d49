"""Text from outside is made fit for where it goes."""

import codecs
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from environments.task import Task
from environments.text import decoded, inert, one_line, readable, sendable, sendable_json, writable

ANY = st.text(st.characters(exclude_categories=()), max_size=40)


def test_lone_surrogates_go_and_everything_else_stays():
    assert writable("a\ud800b\udfff\udc7f") == "a\ufffdb\ufffd\ufffd"
    assert writable("\udc80\udcff é 🐍") == "\udc80\udcff é 🐍"


def test_a_task_holds_an_issue_that_can_be_encoded():
    issue = "\ufeffhalf \ud83d a\0 snake, J\udcf6rg\x1b[31m\r\n\tand \x0c \u202e"
    task = Task(instance_id="a", repo="b", base_commit="c", problem_statement=issue)
    assert task.problem_statement == "half \ufffd a\ufffd snake, Jörg\r\n\tand \x0c "


@pytest.mark.parametrize(
    "raw",
    [
        *("Jörg ist 1 €\n".encode(encoding) for encoding in ("utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1252")),
        *(mark + "Jörg ist 1 €\n".encode(name) for mark, name in [(codecs.BOM_UTF16_BE, "utf-16-be")]),
        *("Jörg ist 1 €\n".encode(name) for name in ("utf-16-le", "utf-16-be")),
    ],
)
def test_a_text_is_read_whatever_encoding_its_writer_had(raw):
    assert decoded(raw) == "Jörg ist 1 €\n"


@given(st.binary(max_size=60))
def test_any_bytes_are_some_text(raw):
    text = readable(decoded(raw))
    assert "\0" not in text
    text.encode()


@given(ANY)
def test_any_text_can_be_sent_read_and_shown(text):
    for fit in (sendable(text), readable(text), one_line(text), inert(text)):
        fit.encode()
        assert "\0" not in fit
    assert sendable(sendable(text)) == sendable(text)
    assert readable(readable(text)) == readable(text)
    assert one_line(text).isprintable()
    assert all(line.replace("\t", "").isprintable() for line in inert(text).split("\n"))


def test_a_value_of_json_is_made_fit_whole():
    value = sendable_json({"a\ud800": ["\udce9", ("x\0",)], "n": 1, "none": None})
    assert value == {"a\ufffd": ["é", ["x\ufffd"]], "n": 1, "none": None}
    json.dumps(value, ensure_ascii=False).encode()
