"""docs/extending.md keeps its word."""

import pytest

from acceptance.docs.examples import LONGEST, PAGE, PIPELINE, SECTIONS, examples, tells, try_out

EXAMPLES = examples(PAGE.read_text())


def test_there_is_an_example_of_each():
    assert tuple(EXAMPLES) == SECTIONS


@pytest.mark.parametrize("section", SECTIONS)
def test_the_example_runs_as_it_stands(section):
    done = try_out("\n".join(EXAMPLES[section]))
    assert done.exit_code == 0, done.output
    assert max(block.count("\n") for block in EXAMPLES[section]) <= LONGEST


def test_an_example_that_fails_is_seen():
    assert try_out("assert 1 == 2").exit_code == 1


def test_blocks_of_one_section_make_one_program():
    page = (
        "# P\n\n## One\n\n```python\na = 1\n```\ntext\n```text\nno\n```\n```python\nb = a\n```\n\n## Two\n\nnothing\n"
    )
    assert examples(page) == {"One": ["a = 1\n", "b = a\n"]}


def test_the_pipeline_calls_every_stage_in_order_and_another_order_is_seen(tmp_path):
    assert tells(PIPELINE)
    source = PIPELINE.read_text()
    (tmp_path / "wrong.py").write_text(source.replace("stages.vote(", "stages.gather_again("))
    assert not tells(tmp_path / "wrong.py")
