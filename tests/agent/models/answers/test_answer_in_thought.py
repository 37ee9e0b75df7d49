"""An answer that stands where reasoning does is found where it plainly is one, and nowhere else."""

import pytest

from agent.models.answers.answer_in_thought import answer_in_thought

EDIT = "a.py\n<<<<<<< SEARCH\nold\n=======\nnew\n>>>>>>> REPLACE"


@pytest.mark.parametrize(
    "reasoning, answer",
    [
        ("It divides.\n\nYES", "YES"),
        ("Is it right? NO doubt.\n**NO**", "**NO**"),
        ("Hm.\nFinal answer:\nDONE", "\nDONE"),
        ("Answer: no\nBut wait.\nAnswer: YES", "YES"),
        (f"Let me see.\n\n{EDIT}", EDIT),
        (f"A draft:\n{EDIT}\nNot so. Rather:\n{EDIT}\n\n{EDIT}\n", f"{EDIT}\n\n{EDIT}"),
        ("So:\n```python\nx = 1\n```", "```python\nx = 1\n```"),
        ("I should look further at", ""),
        ("```python\nx = 1\n```\nThat would be wrong.", ""),
        (">>>>>>> REPLACE", ""),
        ("```", ""),
        ("", ""),
    ],
)
def test_of_a_model_that_thinks_only_what_its_end_marks(reasoning, answer):
    found, left = answer_in_thought(reasoning, thinks=True)
    assert found.strip() == answer.strip()
    assert not answer or (found not in left and len(left) < len(reasoning))


def test_of_a_model_that_does_not_think_all_of_it():
    assert answer_in_thought("Some words.", thinks=False) == ("Some words.", "")
    assert answer_in_thought(" \n", thinks=False) == ("", " \n")


def test_a_long_thought_takes_no_time():
    assert answer_in_thought("<<<<<<< SEARCH\n" * 50_000 + "answer" * 50_000, thinks=True)[0] == ""
