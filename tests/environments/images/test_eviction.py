"""An image that a task is about to work with stays, whatever others let go of meanwhile; no engine is needed."""

from collections import namedtuple
from pathlib import Path

import pytest

from environments.images import eviction
from environments.images.eviction import ImageBudget

Image = namedtuple("Image", "reference")


@pytest.fixture
def engine(monkeypatch):
    """Give the names of the images that there are, and what each eviction was told to keep."""
    there, kept = set(), []

    def evict(engine, folder, budget, *, keep, keep_layers):
        kept.append((set(keep), tuple(keep_layers)))
        there.intersection_update(keep)
        return []

    monkeypatch.setattr(eviction, "evict", evict)
    monkeypatch.setattr(eviction, "find_built", lambda engine, name: name if name in there else None)
    return there, kept


def test_an_image_that_went_between_being_found_and_being_held_is_made_again(engine):
    there, _ = engine
    budget, made = ImageBudget(None, Path(), 0), []

    def make():
        there.add("mine")
        if not made:
            there.clear()  # another thread, or another process, lets go of it at this very moment
        made.append("mine")
        return Image("mine")

    with budget.holding(make) as image:
        assert image.reference in there
    assert len(made) == 2


def test_what_one_holds_stays_while_another_lets_go(engine):
    there, kept = engine
    budget = ImageBudget(None, Path(), 0)
    there.update({"mine", "old"})
    with budget.holding(lambda: Image("mine")):
        there.add("theirs")
        with budget.holding(lambda: Image("theirs")):
            assert there == {"mine", "theirs"}
        assert there == {"mine"}
    assert there == set()
    assert all(not layers for _, layers in kept)


def test_environments_stay_while_an_image_is_made_on_one(engine):
    there, kept = engine
    there.update({"another task's", "mine"})
    budget = ImageBudget(None, Path(), 0)

    def make():
        if not kept:
            with budget.holding(lambda: Image("another task's")):
                pass
        there.add("mine")
        return Image("mine")

    with budget.holding(make):
        pass
    assert [layers for _, layers in kept] == [("environment",), ("environment",), (), ()]


def test_without_a_budget_nothing_goes(engine):
    there, kept = engine
    there.add("old")
    with ImageBudget(None, Path(), None).holding(lambda: Image("old")):
        pass
    assert (there, kept) == ({"old"}, [])
