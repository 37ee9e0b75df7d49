"""The page of a run's keys is what the code says of them."""

from acceptance.docs.configuration import HEADINGS, PAGE, page
from swebench_runs.config.run_keys import RunKeys


def test_the_page_of_keys_is_what_the_code_says():
    assert PAGE.read_text("utf-8") == page()


def test_every_key_is_told_under_a_heading():
    made = page()
    assert [name for name in RunKeys.model_fields if f"| `{name}`" not in made and f"| `{name}." not in made] == []
    assert made.count("\n## ") == len(HEADINGS)
    assert [line for line in made.splitlines() if line.endswith("|  |")] == []
