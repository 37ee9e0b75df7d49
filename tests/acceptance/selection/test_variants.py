"""Candidates made of an injected bug: different changes, each a diff against the task's tree."""

import ast
from types import SimpleNamespace

import pytest

from acceptance.selection.mutants.variants import BREAKING, IDLE, PLAUSIBLE, RIGHT, SPECIAL, candidates
from agent.patch import apply_patch
from environments.synthesis.operators import sites
from environments.synthesis.recipe import Mutation

SOURCE = b"""def clamp(value, low, high):
    if value < low:
        return low
    return high if value > high else value


def total(prices):
    count = 0
    for price in prices:
        count += price
    return count + 0
"""


@pytest.fixture
def recipe():
    found = sites(SOURCE, "comparison_flip")
    place = next(i for i, site in enumerate(found) if site.symbol == "clamp")
    mutation = Mutation(file="m.py", symbol="clamp", operator="comparison_flip", site=place)
    expected = SimpleNamespace(result="2")
    evidence = SimpleNamespace(expression="m.clamp(1, 2, 3)", expected=expected)
    return SimpleNamespace(instance_id="m-1", mutation=mutation, evidence=evidence)


def clamp_of(source):
    scope = {}
    exec(compile(source, "m.py", "exec"), scope)
    return scope["clamp"], scope["total"]


def test_each_kind_is_what_it_is_meant_to_be(recipe):
    base = recipe.mutation.site_in(SOURCE).apply(SOURCE)
    found = candidates(recipe, SOURCE)
    assert len({patch for _, patch in found}) == len(found)
    after = {}
    for meant, patch in found:
        _, files = apply_patch(patch, {"m.py": base}.__getitem__)
        after.setdefault(meant, []).append(files["m.py"])
    assert len(after[RIGHT]) >= 2
    assert SOURCE in after[RIGHT]
    assert len({ast.dump(ast.parse(one)) for one in after[RIGHT]}) == len(after[RIGHT]), "in more than layout"
    for source in after[RIGHT]:
        clamp, total = clamp_of(source)
        assert [clamp(v, 2, 4) for v in (1, 2, 3, 4, 5)] == [2, 2, 3, 4, 4]
        assert total([1, 2]) == 3
    for source in after[IDLE]:
        assert [clamp_of(source)[0](v, 2, 4) for v in (1, 3, 5)] == [clamp_of(base)[0](v, 2, 4) for v in (1, 3, 5)]
    (special,) = after[SPECIAL]
    assert clamp_of(special)[0](1, 2, 3) == 2
    for source in after[BREAKING]:
        assert clamp_of(source)[0](1, 2, 4) == 2
    assert after[PLAUSIBLE]


def test_the_same_seed_gives_the_same_candidates(recipe):
    assert candidates(recipe, SOURCE, 3) == candidates(recipe, SOURCE, 3)
    assert [m for m, _ in candidates(recipe, SOURCE, 3)] != [m for m, _ in candidates(recipe, SOURCE, 4)]
