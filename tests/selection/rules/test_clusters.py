"""Clusters by behaviour where it was seen and changes anything, else by text."""

from selection.rules import RULES, finalists
from selection.rules.clusters import behaviour_clusters, clusters, vector
from selection.rules.evidence import cluster_support
from verifiers.ballot import BASE, Ballot, Candidate, Entry


def ballot(behaviour, texts="vwxyz"):
    names = "abcde"
    return Ballot(
        entries=tuple(Entry(id=f"edit-{n}", candidate=name) for n, name in enumerate(names)),
        candidates=tuple(
            Candidate(id=name, patch=f"diff {name}" + " " * n, cluster=text)
            for n, (name, text) in enumerate(zip(names, texts, strict=True))
        ),
        tests=(),
        outcomes={},
        behaviour=behaviour,
    )


SEEN = {"p": {BASE: "0", "a": "0", "b": "0", "c": "1", "d": "1", "e": "2"}}


def test_those_that_behave_alike_are_one_cluster_and_those_that_change_nothing_are_none():
    one = ballot(SEEN)
    found = clusters(one)
    assert found["c"] == found["d"] != found["e"]
    assert (found["a"], found["b"]) == ("v", "w")
    assert cluster_support(one) == {"a": 1, "b": 1, "c": 2, "d": 2, "e": 1}
    assert set(behaviour_clusters(one)) == {"c", "d", "e"}


def test_agreement_in_behaviour_leads_the_rule_and_the_majority_of_texts_stays_one_of_texts():
    assert RULES["runoff"](ballot(SEEN))[0] == ("c",)
    assert set(RULES["majority"](ballot(SEEN, texts="vvxyz"))[0]) == {"a", "b"}


def test_where_a_probe_was_not_run_on_a_candidate_its_text_counts():
    one = ballot({**SEEN, "q": {BASE: "0", "c": "0"}})
    assert set(behaviour_clusters(one)) == {"c"}
    assert vector(one, "d") == ("1", "")


def test_without_behaviour_everything_is_as_the_text_says():
    one = ballot({}, texts="vvxyz")
    assert behaviour_clusters(one) == {}
    assert cluster_support(one) == {"a": 2, "b": 2, "c": 1, "d": 1, "e": 1}


def test_each_behaviour_has_a_finalist_before_a_second_text_of_one_has():
    one = ballot({"p": {BASE: "0", "a": "1", "b": "1", "c": "1", "d": "2", "e": "3"}})
    assert finalists(one) == ("a", "d", "e")
    assert finalists(one, k=4) == ("a", "b", "d", "e")


def test_what_a_trajectory_that_never_ran_would_have_done_goes_with_it():
    left = ballot(SEEN).without({"edit-4"})
    assert left.behaviour == {"p": {BASE: "0", "a": "0", "b": "0", "c": "1", "d": "1"}}
