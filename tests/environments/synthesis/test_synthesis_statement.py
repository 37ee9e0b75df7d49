import random

import pytest

from environments.synthesis.evidence.example import Answer, BugExample
from environments.synthesis.recipe import StatementKind
from environments.synthesis.report import kinds
from environments.synthesis.statement import draw_template, inputs, render, reveals, subject, templates

VALUE, OTHER = Answer(result="'men'", type="str"), Answer(result="'mans'", type="str")
ERROR = Answer(error="IndexError", message="list index out of range")
LATE = ERROR.model_copy(update={"in_setup": True})


def example(expression="pluralize('man')", setup=(), actual=OTHER, expected=VALUE):
    return BugExample(
        imports=("from inflection import pluralize",),
        setup=setup,
        expression=expression,
        actual=actual,
        expected=expected,
    )


@pytest.mark.parametrize("template", templates(StatementKind.EXAMPLE))
@pytest.mark.parametrize("actual, expected", [(OTHER, VALUE), (ERROR, VALUE), (OTHER, ERROR)])
def test_an_example_says_what_was_called_what_came_back_and_what_was_expected(template, actual, expected):
    text = render(template, example(actual=actual, expected=expected), "inflection", "0.5.1")
    assert "from inflection import pluralize" in text
    assert "pluralize('man')" in text
    for answer in (actual, expected):
        assert (answer.result or answer.error) in text
    assert "```python" in text
    assert "inflection 0.5.1" in text


@pytest.mark.parametrize("template", templates(StatementKind.PROSE))
@pytest.mark.parametrize("actual, expected", [(OTHER, VALUE), (ERROR, VALUE), (OTHER, ERROR)])
def test_prose_holds_the_same_facts_and_no_code_block(template, actual, expected):
    text = render(template, example(actual=actual, expected=expected), "inflection", "0.5.1")
    assert "```" not in text
    assert ">>>" not in text
    for part in ("pluralize", "'man'", actual.result or actual.error, expected.result or expected.error):
        assert part in text


def test_long_values_are_cut_in_prose():
    long = Answer(result=repr("x" * 250), type="str")
    text = render("prose-report", example(actual=long), "p", "1")
    assert "..." in text
    assert "x" * 130 not in text


@pytest.mark.parametrize(
    "fields",
    [
        {"setup": ("for i in range(3):\n    pluralize(i)",)},
        {"setup": ("box.add(1)",)},
        {"actual": Answer(result="None", type="NoneType")},
        {"actual": LATE},
    ],
)
def test_what_a_prompt_would_show_otherwise_is_not_written_at_a_prompt(fields):
    drawn = {draw_template(StatementKind.EXAMPLE, example(**fields), random.Random(n)) for n in range(40)}
    assert drawn
    assert not any("prompt" in name for name in drawn)


def test_templates_are_drawn_by_seed():
    drawn = [draw_template(StatementKind.EXAMPLE, example(), random.Random(n)) for n in range(40)]
    assert set(drawn) == set(templates(StatementKind.EXAMPLE))
    assert drawn == [draw_template(StatementKind.EXAMPLE, example(), random.Random(n)) for n in range(40)]


@pytest.mark.parametrize(
    "expression, setup, name",
    [
        ("pluralize('man')", (), "pluralize"),
        ("list(inflection.words(3))", (), "inflection.words"),
        ("s.validate([1])", ("s = Schema(int)",), "Schema.validate"),
        ("doc.meta", ("doc = parse('x')",), "parse"),
        ("sorted(un(b).items())", (), "un"),
        ("', '.join(f(1))", (), "f"),
        ("x", ("x = {}",), "x"),
    ],
)
def test_the_subject_is_what_the_user_called(expression, setup, name):
    assert subject(example(expression, setup)) == name


def test_inputs_are_the_literal_arguments():
    assert inputs(example("f(x, 'a', k=[1])", ("x = g(2)", "y = g(3, 4)"))) == ["'a'", "[1]", "3"]


def test_a_test_name_or_the_fix_is_found_across_line_breaks():
    assert reveals("see\n test_plural  for it", ["", "test_plural for"]) == "test_plural for"
    assert reveals("plural", ["test_plural"]) is None


def test_a_third_of_the_statements_is_prose():
    drawn = kinds(36, 5)
    assert drawn.count(StatementKind.PROSE) == 12
    assert drawn == kinds(36, 5) != kinds(36, 6)
