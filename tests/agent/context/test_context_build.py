import pytest

from agent.context import Context, build_context, estimate_tokens

FILES = {
    "pkg/core.py": b'''
def parse_size(text):
    """Read a size such as 10k."""
    return _unit(text[-1]) * int(text[:-1])


def _unit(letter):
    return {"k": 1024}[letter]


class Table:
    def render(self, width):
        return "x" * width

    def clear(self):
        self.rows = []
''',
    "pkg/other.py": b"def unrelated(a):\n    return a\n\n\ndef long_one():\n" + b"    call_something(1, 2, 3)\n" * 400,
    "tests/test_core.py": b"def test_parse_size():\n    assert parse_size('1k') == 1024\n",
    "build/lib/pkg/core.py": b"def parse_size(text):\n    return 0\n",
}


def ids(context):
    return [symbol.id for symbol in context.symbols]


@pytest.mark.parametrize(
    "statement,first",
    [
        ("`parse_size` gives a wrong number", "pkg/core.py::parse_size"),
        ("```python\n>>> Table().render(3)\n```\nprints too much", "pkg/core.py::Table.render"),
        ('File "/site-packages/pkg/core.py", line 9, in _unit\nKeyError', "pkg/core.py::_unit"),
        ('File "/work/pkg/core.py", line 4, in <lambda>', "pkg/core.py::parse_size"),
        ("Calling pkg.other.unrelated with 1 fails", "pkg/other.py::unrelated"),
        ("import core, pkg.core as c, parse_size\n\nc.Table.render is off", "pkg/core.py::Table.render"),
        ("the size that is read from a text is off", "pkg/core.py::parse_size"),
    ],
    ids=["backticks", "example", "traceback", "line", "dotted", "imports", "prose"],
)
def test_what_the_issue_names_comes_first(statement, first):
    context = build_context(statement, FILES, budget_tokens=600)
    assert ids(context)[0] == first


def test_callees_and_callers_of_a_named_symbol_come_before_strangers():
    strangers = b"".join(b"def stranger_%d(v):\n    return v\n\n" % n for n in range(20))
    related = (
        b"def outer(v):\n    return middle(v)\n\ndef middle(v):\n    return inner(v)\n\ndef inner(v):\n    return v\n"
    )
    context = build_context("`middle` is wrong", {"p.py": strangers + related}, budget_tokens=2000)
    assert ids(context)[0] == "p.py::middle"
    assert set(ids(context)[1:3]) == {"p.py::inner", "p.py::outer"}


def test_tests_and_builds_are_never_editable():
    context = build_context("test_parse_size parse_size fails", FILES, budget_tokens=2000)
    assert {symbol.path for symbol in context.symbols} == {"pkg/core.py", "pkg/other.py"}


@pytest.mark.parametrize("budget", [0, 30, 100, 250, 600])
def test_never_over_budget(budget):
    context = build_context("`long_one` and `parse_size`", FILES, budget_tokens=budget)
    assert estimate_tokens(context.text) <= max(budget, 1) - (budget == 0)
    assert context.tokens == estimate_tokens(context.text)


def test_never_over_budget_by_a_count_that_is_more_than_its_parts():
    context = build_context("`parse_size`", FILES, budget_tokens=700, count=lambda text: int(len(text) ** 1.2))
    assert 0 < context.tokens <= 700


def test_goes_past_what_is_too_large_and_says_so():
    context = build_context("`long_one` is slow, `unrelated` too", FILES, budget_tokens=600)
    assert "pkg/other.py::long_one" in context.left_out
    assert "pkg/other.py::unrelated" in ids(context)


def test_every_editable_symbol_is_shown_whole_and_once():
    context = build_context("`Table` `render` `clear`", FILES, budget_tokens=2000)
    for symbol in context.symbols:
        assert context.text.count(f"{symbol.id}\n```python\n{symbol.source}\n```") == 1
    assert not any(a.encloses(b) for a in context.symbols for b in context.symbols)


def test_the_same_input_gives_the_same_bytes():
    first = build_context("`parse_size`", FILES, budget_tokens=600)
    second = build_context("`parse_size`", dict(reversed(FILES.items())), budget_tokens=600)
    assert first == second


def test_a_stored_context_that_holds_more_is_read():
    context = build_context("`parse_size`", FILES, budget_tokens=600)
    assert Context.model_validate({**context.model_dump(), "files": []}) == context


def test_no_python_file_at_all():
    context = build_context("anything", {"README.md": b"x"}, budget_tokens=100)
    assert (context.text, context.symbols) == ("", ())
