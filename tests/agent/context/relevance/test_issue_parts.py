"""An issue's prose, code and printed output are told apart."""

import pytest

from agent.context.relevance.issue_parts import issue_parts
from agent.context.relevance.words import stem, words_of

ISSUE = """\
Kettle pours too much
<!-- please search
first -->
The *spout* drips, see https://example.org/Kettle.html
```python
from tea import Kettle
Kettle().pour(3)
```
and it printed
```
Traceback (most recent call last):
  File "/usr/lib/tea/kettle.py", line 3, in pour
    raise Overflow
tea.OverflowError: the cup is full of water
```
    >>> indented()
numpy: 1.21.3
"""


def test_parts():
    parts = issue_parts(ISSUE)
    assert parts.title == ["Kettle pours too much"]
    assert parts.prose == ["The *spout* drips, see  ", "and it printed"]
    assert parts.code == ["from tea import Kettle", "Kettle().pour(3)", "    >>> indented()"]
    assert [line.strip() for line in parts.output] == [
        "Traceback (most recent call last):",
        'File "/usr/lib/tea/kettle.py", line 3, in pour',
        "raise Overflow",
        "tea.OverflowError: the cup is full of water",
        "numpy: 1.21.3",
    ]
    assert parts.messages == ["the cup is full of water"]


@pytest.mark.parametrize("statement", ["", "```", "<!--", "x" * 300_000, "`" * 5000, 'File "' * 5000, "-" * 9000 + ":"])
def test_any_text_is_taken_apart(statement):
    assert issue_parts(statement)


def test_words_meet_whatever_their_spelling():
    assert set(words_of("getHTTPHeaders")) >= {"gethttpheaders", "http", "header"}
    assert set(words_of("_order_by")) >= {"order_by", "order"}
    assert stem("orders") == stem("ordered") == stem("ordering") == "order"
    assert stem("class") == "class"
    assert words_of("the") == ()
