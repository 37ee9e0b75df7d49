"""What a model is asked about where to look, and how its answers are read."""

import pytest

from agent.context.ranking import rank
from agent.locating import Places, judge_file, merged, name_places, rank_files
from agent.locating.judging import verdict
from agent.models.contract import RequestRefused
from agent.models.profiles import ModelProfile
from agent.models.scripted import ScriptedModel

FILES = {
    "pkg/__init__.py": b"",
    "pkg/kettle.py": b"def pour():\n    return 1\n\nclass Kettle:\n    def boil(self):\n        return 2\n",
    "pkg/lid.py": b"def shut():\n    return 3\n",
    "pkg/deep/lid.py": b"def open():\n    return 4\n",
}
RANKED = rank("The kettle boils over.", FILES)
PROFILE = ModelProfile(context_tokens=8000)


@pytest.mark.parametrize(
    ("answer", "files", "symbols", "dropped"),
    [
        ("pkg/kettle.py", ["pkg/kettle.py"], [], 0),
        ("1. `pkg/kettle.py::Kettle.boil` - it boils", ["pkg/kettle.py"], ["pkg/kettle.py::Kettle.boil"], 0),
        ("./pkg/lid.py:shut\n- /testbed/pkg/lid.py", ["pkg/lid.py"], ["pkg/lid.py::shut"], 0),
        ("kettle.py::boil, pkg\\kettle.py::nothing", ["pkg/kettle.py"], ["pkg/kettle.py::Kettle.boil"], 1),
        ("lid.py and pkg/cup.py", [], [], 2),
        ("pkg/deep/lid.py: opens. pkg/kettle.py.", ["pkg/deep/lid.py", "pkg/kettle.py"], [], 0),
        ("I cannot say", [], [], 0),
    ],
)
def test_answers_are_read_tolerantly(answer, files, symbols, dropped):
    places = Places()
    by_file = {path: [one for one in RANKED if one.path == path] for path in FILES}
    places.read(answer, FILES, by_file)
    assert (places.files, places.symbols, places.dropped) == (files, symbols, dropped)
    assert places.unread == (answer == "I cannot say")


def test_files_are_named_first_then_their_definitions():
    model, places = ScriptedModel(["pkg/kettle.py", "pkg/kettle.py::Kettle.boil\npkg/lid.py::shut"]), Places()
    name_places(model.complete, "It boils over.", "tea", RANKED, PROFILE, places)
    assert (places.files, places.symbols) == (["pkg/kettle.py"], ["pkg/kettle.py::Kettle.boil"])
    assert places.dropped == 1  # of a file that it has not named
    files, symbols = (request.messages[-1].content for request in model.requests)
    assert "pkg/deep/lid.py\npkg/kettle.py\npkg/lid.py\n" in files
    assert "pkg/kettle.py::Kettle.boil" in symbols
    assert "shut" not in symbols


def test_files_stay_where_the_second_question_is_refused():
    places = Places()
    with pytest.raises(RequestRefused):
        name_places(
            ScriptedModel(["pkg/lid.py", RequestRefused("no")]).complete, "It leaks.", "tea", RANKED, PROFILE, places
        )
    assert places.files == ["pkg/lid.py"]


def test_a_question_fits_the_window_whatever_the_tree_and_the_issue():
    tree = {f"pkg/module_{number}.py": b"def f():\n    pass\n" for number in range(900)}
    model = ScriptedModel(["pkg/module_7.py", ""])
    name_places(model.complete, "module_7 " * 5000, "tea", rank("module_7", tree), PROFILE, Places())
    assert all(len(request.prompt) < 4 * 8000 for request in model.requests)
    listed = model.requests[0].prompt
    assert "pkg/module_7.py" in listed
    assert "pkg/module_899.py" not in listed
    assert "more that have less in common" in listed


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("RELEVANT: YES\nSUMMARY: `boil` heats.", (True, "`boil` heats.")),
        ("relevant: no\nsummary: nothing", (False, "nothing")),
        ('{"relevant": true, "summary": "it boils"}', (True, "it boils")),
        ("Is it RELEVANT: NO? Wait.\n\n**RELEVANT:** Yes\n\n**SUMMARY:** it\nboils", (True, "it boils")),
        ("RELEVANT: YES", (True, "")),
        ("It may well be relevant.", None),
        ("", None),
    ],
)
def test_verdicts(answer, said):
    found = verdict(answer)
    assert (found and (found.relevant, found.summary)) == said


def test_a_file_is_judged_whole_and_one_that_is_too_long_by_what_ranks_first_in_it():
    model = ScriptedModel(lambda request: "RELEVANT: YES\nSUMMARY: x" + "y" * 5000)
    said = judge_file(model.complete, "It boils.", "pkg/kettle.py", FILES["pkg/kettle.py"], RANKED, PROFILE)
    assert said.relevant
    assert len(said.summary) <= 800
    assert FILES["pkg/kettle.py"].decode().strip() in model.requests[0].prompt
    assert "too long" not in model.requests[0].prompt
    long = b"".join(b"def f%d():\n    return %d\n" % (n, n) for n in range(900))
    own = rank("f899 returns too much", {"pkg/long.py": long})
    judge_file(model.complete, "It boils.", "pkg/long.py", long, own, ModelProfile(context_tokens=3000, grammar=True))
    assert "too long to be shown whole" in model.requests[1].prompt
    assert "def f899()" in model.requests[1].prompt
    assert len(model.requests[1].prompt) < 4 * 3000
    assert [bool(request.options["grammar"]) for request in model.requests] == [False, True]


def test_a_ranking_shows_summaries_and_several_are_merged_by_their_mean():
    model, summaries = ScriptedModel(["b.py\nc.py\nz.py"]), {"a.py": "first", "b.py": "second", "c.py": "third"}
    places = Places()
    rank_files(model.complete, "It boils.", summaries, PROFILE, places, seed=1)
    assert (places.files, places.dropped) == (["b.py", "c.py"], 1)
    assert "b.py: second" in model.requests[0].prompt
    assert merged([["b.py", "c.py"], ["c.py", "b.py"], ["b.py", "c.py"]], list(summaries)) == ("b.py", "c.py", "a.py")
    assert merged([], list(summaries)) == ("a.py", "b.py", "c.py")
