"""Calls of changed functions by existing tests: which functions, what is recorded, what becomes of it."""

from functools import partial

from agent.patch import make_patch
from verifiers.ballot import BASE
from verifiers.calls import changed_functions, record_calls, rows_of_calls

SOURCE = b"""
class A:
    def same(self):
        return 1

    def other(self):
        return [2]


def gone():
    pass
"""


def test_functions_whose_definitions_differ_are_changed():
    changed = SOURCE.replace(b"[2]", b"[3]").replace(b"def gone", b"def new").replace(b"return 1", b"return 1  # one")
    patches = [
        make_patch(
            {"m.py": SOURCE, "tests/test_m.py": b"x = 1\n"}, {"m.py": changed, "tests/test_m.py": b"def f(): 0\n"}
        ),
        make_patch({"m.py": SOURCE}, {"m.py": SOURCE.replace(b"[2]", b"[")}),
        "no patch",
    ]
    found = changed_functions(patches[:1], {"m.py": SOURCE, "tests/test_m.py": b"x = 1\n"}.__getitem__)
    assert found == {"m.py": ("gone", "new", "other")}
    assert changed_functions(patches[2:], {}.__getitem__) == {}
    broken = changed_functions(patches[1:2], {"m.py": SOURCE}.__getitem__)
    assert broken == {"m.py": ("gone", "other", "same")}  # what is no Python any more defines nothing


def test_equal_calls_are_compared_and_others_are_not_followed(make_bench, patch_f):
    functions = {"pkg.py": ("f",)}
    with make_bench() as bench:
        run = partial(record_calls, spec=bench.task.environment, paths=["test_pkg.py"], functions=functions, seconds=30)
        base, again, same, other, raises = (
            bench.apart(run, patch)
            for patch in (None, None, *map(patch_f, ("return 2 + x", "return x + 1", "raise KeyError(x)")))
        )
    assert [function for function, _ in base.outcomes] == ["pkg.py:f"]  # with 1, as often as tests say it
    assert base.outcomes == again.outcomes == same.outcomes
    assert base.outcomes.keys() == other.outcomes.keys() == raises.outcomes.keys()
    assert len({next(iter(one.outcomes.values())) for one in (base, other, raises)}) == 3


def test_tests_that_do_not_end_in_time_tell_nothing(make_bench):
    with make_bench() as bench:
        spec = bench.task.environment.model_copy(update={"test_command": "sleep 60;", "log_parser": "pytest"})
        run = partial(record_calls, spec=spec, paths=["test_pkg.py"], functions={"pkg.py": ("f",)}, seconds=1)
        assert bench.apart(run) is None


def test_calls_that_part_the_trees_alike_are_one_row_and_unsteady_ones_none():
    def told(*outcomes):
        return {("f", str(number)): outcome for number, outcome in enumerate(outcomes) if outcome}

    base, again = told("1", "1", "1", "1", "1"), told("1", "1", "1", "1", "2")
    found = rows_of_calls(base, again, {"a": told("1", "2", "3", "", "1"), "b": told("1", "1", "1", "1", "1")})
    assert list(found.values()) == [{BASE: "1", "a": "2", "b": "1"}]
    assert found.keys() == {"call:f:0"}
    missing = rows_of_calls(base, base, {"a": told("1")})
    assert list(missing.values()) == [{BASE: "1", "a": "not called"}]
