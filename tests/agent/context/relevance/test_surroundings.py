"""What a symbol's file and class say of it."""

import numpy as np

from agent.context.index import tree_index
from agent.context.relevance import Candidates
from agent.context.relevance.surroundings import surrounding_features

FILES = {
    "a.py": b"class Kettle:\n    def boil(self): 1\n\n    def cool(self): 1\n\n\ndef pour(): 1\n",
    "b.py": b"def sip():\n    pass\n\n\ndef spill():\n    pass\n",
}


def features(**first):
    """Feature -> symbol -> value; the logarithm of a symbol that is not named is far below."""
    candidates = Candidates.of(tree_index(FILES, FILES))
    values = np.array([float(first.get(name, -50.0)) for name in candidates.names])
    found = surrounding_features(values, candidates)
    return {key: dict(zip(candidates.names, values.tolist(), strict=True)) for key, values in found.items()}


def test_the_likeliest_of_a_file_and_of_a_class_speaks_for_its_neighbours():
    found = features(boil=0.0, sip=-6.0)
    assert [found["s.file"][name] for name in ("boil", "cool", "pour", "sip", "spill")] == [1, 1, 1, 0.5, 0.5]
    assert [found["s.class"][name] for name in ("boil", "cool", "pour", "sip")] == [1, 1, 0, 0]


def test_several_likely_symbols_are_told_from_one():
    one, two = features(boil=0.0), features(boil=0.0, pour=0.0)
    assert one["s.file"] == two["s.file"]
    assert one["s.sum"]["cool"] < two["s.sum"]["cool"]
    assert min(one["s.sum"].values()) >= 0
