"""What a model located ranks first; what it judged relevant is shown whole where there is room."""

from agent.context import build_context
from agent.context.located import Located, by_location
from agent.context.ranking import rank
from agent.context.traces.weighing import by_execution

FILES = {
    "pkg/kettle.py": (
        b"LIMIT = 3\n\ndef boil():\n    return LIMIT\n\nclass Spout:\n    def drip(self):\n        return 1\n"
    ),
    "pkg/lid.py": b"import os\n\ndef shut():\n    return os.name\n\n\ndef open_it():\n    return 3\n",
    "pkg/middle.py": b"".join(b"def cup_%d():\n    return %d\n\n\n" % (n, n) for n in range(170)),
    "pkg/huge.py": b"".join(b"def part_%d():\n    return %d\n\n\n" % (n, n) for n in range(1500)),
}
ISSUE = "`boil` is wrong: boil() of the kettle"


def test_named_symbols_come_first_then_named_files_then_the_rest():
    located = Located(
        way="symbols", files=("pkg/lid.py",), symbols=("pkg/kettle.py::Spout.drip", "pkg/lid.py::open_it")
    )
    names = [symbol.name for symbol in by_location(rank(ISSUE, FILES), located)]
    assert names[:3] == ["Spout.drip", "open_it", "shut"]
    assert names[3] == "boil"
    assert by_location((), located) == ()


def test_what_came_to_nothing_changes_nothing():
    plain = build_context(ISSUE, FILES, budget_tokens=9000)
    failed = Located(way="relevance", failed="refused")
    assert build_context(ISSUE, FILES, budget_tokens=9000, located=failed) == plain


def test_relevant_files_are_shown_whole_where_there_is_room():
    located = Located(way="relevance", files=("pkg/huge.py", "pkg/lid.py", "pkg/gone.py"))
    context = build_context(ISSUE, FILES, budget_tokens=9000, located=located)
    assert "pkg/lid.py\n```python\nimport os\n\ndef shut():" in context.text
    assert context.tokens <= 9000
    shown = [symbol.id for symbol in context.symbols]
    assert {"pkg/lid.py::shut", "pkg/lid.py::open_it"} == set(shown[:2])
    assert shown[2].startswith("pkg/huge.py::")
    assert context.text.count("def shut") == 1
    small = build_context(ISSUE, FILES, budget_tokens=400, located=located)
    assert "Whole files" not in small.text


def test_whole_files_leave_less_room_for_definitions():
    located = Located(way="relevance", files=("pkg/middle.py", "pkg/huge.py"))
    context = build_context(ISSUE, FILES, budget_tokens=9000, located=located)
    assert "pkg/middle.py\n```python\ndef cup_0():" in context.text
    assert context.tokens <= 9000


def test_a_model_that_only_names_files_has_none_shown_whole():
    located = Located(way="symbols", files=("pkg/lid.py",))
    assert "Whole files" not in build_context(ISSUE, FILES, budget_tokens=9000, located=located).text


def test_what_was_executed_comes_before_what_was_located():
    located = Located(way="symbols", symbols=("pkg/lid.py::shut",))
    ranked = by_execution(by_location(rank(ISSUE, FILES), located), {"pkg/lid.py::open_it": 1.0})
    assert [symbol.name for symbol in ranked[:2]] == ["open_it", "shut"]
