"""What each feature says of small trees; the weights are not tested here."""

import numpy as np

from agent.context.index import tree_index
from agent.context.ranking import rank
from agent.context.relevance import Candidates
from agent.context.relevance.references import reference_features
from agent.context.relevance.score import own_features

FILES = {
    "pkg/__init__.py": b"",
    "pkg/base.py": b"from . import deep\n\nclass Base:\n    def pour(self):\n        return deep.fill(self)\n",
    "pkg/deep.py": b'def fill(cup):\n    raise ValueError("the cup was not clean before")\n',
    "pkg/kettle.py": (
        b"from pkg.base import Base\n\nclass Kettle(Base):\n    def pour(self):\n        return super().pour()\n\n"
        b'    def boil_water(self):\n        """Heat until steam rises."""\n        return 100\n'
    ),
}


def made(files=FILES):
    return Candidates.of(tree_index(files, files))


def told(values, candidates):
    """Id -> value of those that have one."""
    ids = [f"{candidates.paths[f]}::{e.name}" for f, e in zip(candidates.file_of, candidates.entries, strict=True)]
    return {one: round(float(value), 3) for one, value in zip(ids, values, strict=True) if value}


def features(statement):
    return own_features(statement, made(), FILES)


def test_words_of_names_docstrings_and_bodies_are_apart():
    found, all_of = features("Boiling the waters, steam"), made()
    assert told(found["title.name"], all_of) == {"pkg/kettle.py::Kettle.boil_water": 1.0}
    assert told(found["title.doc"], all_of) == {"pkg/kettle.py::Kettle.boil_water": 1.0}
    assert set(told(found["title.file"], all_of)) == {
        f"pkg/kettle.py::{name}" for name in ("Kettle", "Kettle.pour", "Kettle.boil_water")
    }
    assert not told(found["prose.body"], all_of)


def test_a_message_of_an_error_points_at_the_code_that_holds_it():
    found = features("title\n```\nValueError: the cup was not clean before\n```")
    assert told(found["n.phrase"], made()) == {"pkg/deep.py::fill": 2.0}


def test_lines_of_a_traceback_the_last_most():
    text = 'title\n  File "/x/pkg/kettle.py", line 5, in pour\n  File "/x/pkg/deep.py", line 2, in fill\n'
    assert told(features(text)["n.line"], made()) == {
        "pkg/kettle.py::Kettle": 0.75,
        "pkg/kettle.py::Kettle.pour": 0.75,
        "pkg/deep.py::fill": 1.0,
    }


def references(name):
    candidates = made()
    likely = np.zeros(len(candidates))
    likely[[entry.name for entry in candidates.entries].index(name)] = 1.0
    found = reference_features(likely, candidates, FILES)
    return {feature: told(values, candidates) for feature, values in found.items()}


def test_references_lead_to_callees_callers_bases_and_imports():
    found = references("Kettle.boil_water")
    assert set(found["g.import"]) == {"pkg/base.py::Base", "pkg/base.py::Base.pour"}
    found = references("Kettle.pour")
    assert found["g.base"] == {"pkg/base.py::Base.pour": 1.0}
    found = references("fill")
    assert set(found["g.caller"]) == {"pkg/base.py::Base.pour"}
    assert found["g.callee"] == {}
    assert references("Base.pour")["g.callee"]["pkg/deep.py::fill"] == 1.0


def test_what_stands_beside_the_source_is_ranked_only_where_it_is_named():
    files = FILES | {"docs/conf.py": b"def boil_water(): pass\n"}
    assert "docs/conf.py" not in {symbol.path for symbol in rank("boil_water", files)}
    assert "docs/conf.py" in {symbol.path for symbol in rank("boil_water in docs/conf.py", files)}
    assert {symbol.path for symbol in rank("x", {"docs/conf.py": files["docs/conf.py"]})} == {"docs/conf.py"}


def test_a_function_inside_another_follows_on_that_one():
    files = {
        "a.py": b"def outer():\n    def inner():\n        return spoon\n    return inner\n\ndef other():\n    spoon\n"
    }
    names = [symbol.name for symbol in rank("spoon spoon", files)]
    assert names.index("outer.inner") == names.index("outer") + 1
    found = own_features("call `inner()`", made(files), files)
    assert told(found["n.call"], made(files)) == {"a.py::outer": 1.0, "a.py::outer.inner": 1.0}


def test_most_keeps_the_first_and_all_of_the_files_that_outlines_are_made_of(monkeypatch):
    monkeypatch.setattr("agent.context.ranking.OUTLINE_FILES", 1)
    whole = rank("boil_water", FILES)
    assert [symbol.id for symbol in rank("boil_water", FILES, most=2)] == [
        symbol.id for place, symbol in enumerate(whole) if place < 2 or symbol.path == whole[0].path
    ]
