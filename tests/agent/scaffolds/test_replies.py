"""What an answer asks for, with words of thought before it."""

import pytest

from agent.edits import Edit, EditError
from agent.models.profiles import ModelProfile
from agent.scaffolds.replies import Done, ReplyForms
from environments.workbench.outcome import GeneratedTest

FORMS = ReplyForms(ModelProfile(), None, {"a.py": b"x = 1\ny = 2\n"})
BLOCK = "a.py\n<<<<<<< SEARCH\nx = 1\n=======\nx = 2\n>>>>>>> REPLACE\n"
SCRIPT = "```python\nimport sys\nsys.exit(2)\n```\n"


def read(answer, first=False):
    return FORMS.read(answer, origin="edit:0", first=first)


@pytest.mark.parametrize(
    "answer",
    [
        BLOCK,
        f"EDIT\n{BLOCK}",
        f"The TEST was wrong about x, so I am not DONE.\n\n**EDIT**\n\n{BLOCK}",
        f"x must be 2.\n\n{BLOCK}\nDONE",
        f"TEST first: x is 1 there. So:\n\n{BLOCK}",
        f"DONE with thinking: x must be 2.\n\n{BLOCK}",
        f"DONE. No, wait, x is still 1.\n\n{BLOCK}",
        f"EDIT {BLOCK}",
        f"EDIT: {BLOCK}",
        f"Let me edit:\n\nEDIT:\n```\n{BLOCK}```\n",
        "Here is the patch:\n```diff\n--- a/a.py\n+++ b/a.py\n@@ -1,9 +1,9 @@\n-x = 1\n+x = 2\n y = 2\n```\n",
    ],
)
def test_an_edit(answer):
    assert read(answer) == Edit(files={"a.py": b"x = 2\ny = 2\n"})


@pytest.mark.parametrize(
    "answer",
    [
        f"TEST\n{SCRIPT}",
        f"TEST: it checks too little.\n{SCRIPT}",
        f"TEST {SCRIPT}",
        f"It checks too little.\n\n## TEST\n\n{SCRIPT}",
        f"EDIT is not needed, the test is wrong.\n\nTEST\n{SCRIPT}",
        f"DONE with the edit, but the test checks too little.\n\nTEST\n{SCRIPT}",
    ],
)
def test_a_test(answer):
    assert read(answer) == GeneratedTest.of("import sys\nsys.exit(2)\n", "edit:0")


@pytest.mark.parametrize(
    "answer",
    [
        "DONE",
        "DONE. It covers every case.",
        "**DONE** - x is 2.",
        "The edit is right.\n\n**DONE**",
        "Nothing is left to do.\nDONE.\n",
    ],
)
def test_done(answer):
    assert isinstance(read(answer), Done)


@pytest.mark.parametrize(
    "answer, message",
    [
        ("It might be DONE some day.", "No edit found"),
        (f"EDIT it is not.\n{SCRIPT}", "No edit found"),
        (f"First both:\nTEST\n{SCRIPT}\nEDIT\n{BLOCK}", "EDIT and a TEST"),
        ("```\nDONE\n```", "No edit found"),
        ("DONE it is not yet, as x is still 1.", "No edit found"),
        (f"TEST first, as a script would show it:\n{SCRIPT}", "No edit found"),
    ],
)
def test_what_is_neither_is_refused(answer, message):
    with pytest.raises(EditError, match=message):
        read(answer)
