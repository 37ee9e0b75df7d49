"""The consensus verifier's parts, on changes whose likeness can be computed by hand."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from selection.patches import ballot_of_patches
from verifiers.consensus import Consensus, gather
from verifiers.consensus.evidence import CANDIDATE_FEATURES, RISING, VOTES
from verifiers.consensus.model import confidence_features, vote_matrix
from verifiers.consensus.shape import view
from verifiers.consensus.similarity import PAIR_FEATURES
from verifiers.consensus.traits import FIT, TRAITS
from verifiers.consensus.trees import DecisionTree, Trees


def diff(path: str, line: int, removed: list[str], added: list[str]) -> str:
    head = (
        f"--- a/{path}\n+++ b/{path}\n@@ -{line - (not removed)},{len(removed)} +{line - (not added)},{len(added)} @@\n"
    )
    return head + "".join(f"-{text}\n" for text in removed) + "".join(f"+{text}\n" for text in added)


ONE = diff("m.py", 10, ["    return a < b"], ["    return a <= b"])
LIKE = diff("m.py", 10, ["    return a < b"], ["    return a <= b  # inclusive"])
OTHER = diff("n.py", 50, [], ["    raise ValueError('no')"])


def evidence(*patches: str, issue: str = ""):
    return gather(ballot_of_patches(patches, issue).ballot)


def feature(found, name: str) -> np.ndarray:
    return found.pairs[:, :, PAIR_FEATURES.index(name)]


def trait(found, name: str) -> np.ndarray:
    return found.traits[:, TRAITS.index(name)]


def test_a_view_holds_words_places_and_lines_of_the_change_alone():
    seen = view(ONE)
    assert dict(seen.removed) == {"return": 1, "a": 1, "<": 1, "b": 1}
    assert (dict(seen.net_removed), dict(seen.net_added)) == ({}, {"=": 1})
    assert seen.places == {("m.py", 9), ("m.py", 10), ("m.py", 11)}
    assert seen.lines == {"return a <= b"}


def test_an_unreadable_patch_agrees_with_nobody():
    assert not view("no diff at all").files


def test_pairs_are_jaccard_similarities_and_shares():
    found = evidence(ONE, diff("m.py", 11, ["    return a < b"], ["    return b"]), OTHER)
    places = feature(found, "places")
    assert np.allclose(places[places > 0], [2 / 4, 2 / 4])  # lines 9-11 and 10-12, both ways
    assert np.all(np.diagonal(found.pairs, axis1=0, axis2=1) == 0)
    assert np.allclose(feature(found, "places_in"), feature(found, "places_of").T)


def test_what_is_contained_in_a_change_contains_it_only_in_part():
    small, large = diff("m.py", 10, [], ["    check(a)"]), diff("m.py", 10, [], ["    check(a)", "    log(b)"])
    found = evidence(small, large)
    first = [len(c.patch) for c in ballot_of_patches([small, large]).ballot.candidates]
    inner, outer = int(np.argmin(first)), int(np.argmax(first))
    assert feature(found, "words_in")[inner, outer] == 1  # check ( a )
    assert feature(found, "words_in")[outer, inner] == 4 / 8
    assert feature(found, "words_of")[outer, inner] == 1


def test_net_words_are_those_that_come_and_those_that_go():
    found = evidence(diff("m.py", 10, ["x = a"], ["x = b"]), diff("m.py", 10, ["x = c"], ["x = b"]))
    assert feature(found, "net_words")[0, 1] == 1 / 3  # both add b; one drops a, the other c
    assert feature(found, "words")[0, 1] == 5 / 7


def test_comments_make_no_difference():
    found = evidence(ONE, LIKE)
    assert len(found) == 2
    assert feature(found, "words")[0, 1] == 1


def test_equal_changes_are_one_candidate_with_a_multiplicity():
    found = evidence(ONE, ONE.replace("a/m.py", "m.py").replace("b/m.py", "m.py"), OTHER)
    assert sorted(found.multiplicity) == [1, 2]


def test_the_fit_to_the_issue_is_missing_without_one():
    bare, told = evidence(ONE, OTHER), evidence(ONE, OTHER, issue="`n.py` should raise ValueError instead")
    assert np.isnan(bare.traits[:, -len(FIT) :]).all()
    assert not np.isnan(told.traits).any()
    names = trait(told, "names_in_issue")
    assert sorted(names) == [0.0, 0.5]  # ValueError is named, `no` is in no issue
    assert trait(told, "path_in_issue")[np.argmax(names)] == 1.0


def test_a_traceback_frame_counts_for_the_file_it_runs_through():
    issue = 'File "/usr/lib/python3/site-packages/pkg/m.py", line 10, in f'
    found = evidence(diff("pkg/m.py", 10, ["a"], ["b"]), diff("pkg/other.py", 1, ["a"], ["b"]), issue=issue)
    assert sorted(trait(found, "frame")) == [0.0, 1.0]


def test_quoted_lines_and_the_words_of_the_issue_count():
    issue = "Use a <= b:\n```\nreturn a <= b\n```"
    found = evidence(ONE, OTHER, issue=issue)
    ours = int(np.argmax(trait(found, "lines_in_issue")))
    assert trait(found, "lines_in_issue")[ours] == 1.0
    assert trait(found, "lines_in_issue")[1 - ours] == 0.0
    scores = trait(evidence(diff("m.py", 1, [], ["retry(timeout)"]), OTHER, issue="timeout of retry"), "bm25")
    assert scores.max() == 1.0
    assert scores.sum() == pytest.approx(0)


def test_of_the_patch_itself_the_share_that_parses_and_its_growth_are_seen():
    whole = diff("m.py", 5, [], ["    if a:", "        return b"])
    found = evidence(whole, diff("m.py", 5, [], ["    if a:"]), diff("m.txt", 5, [], ["any words"]))
    assert sorted(trait(found, "parses")) == [0.0, 0.5, 1.0]
    assert trait(evidence(ONE), "growth")[0] == pytest.approx(math.log(2))  # one more word


def test_agreement_sizes_and_multiplicity_stand_beside_the_other_candidates():
    patches = [diff("m.py", 10, [], [f"    call({name})" for name in "abcdef"[:size]]) for size in (1, 2, 3, 6, 6)]
    found = evidence(*patches)
    assert found.multiplicity.sum() == 5
    columns = dict(zip(CANDIDATE_FEATURES, found.features(np.zeros((4, 4))).T, strict=True))
    assert sorted(columns["multiplicity"]) == [0, 0, 0, 1 / 4]
    lines = np.log1p([1, 2, 3, 6])
    assert np.allclose(sorted(columns["added_lines"]), lines - np.median(lines))
    words = feature(found, "words")
    largest = int(np.argmax(columns["multiplicity"]))
    assert columns["nearest_words"][largest] == pytest.approx(words[largest].sum() / 3)


def test_only_the_three_nearest_count_as_near():
    near = [diff("m.py", 10, [], [f"    call(a, b, {n})"]) for n in range(4)]
    found = evidence(*near, diff("z.py", 1, [], ["nothing alike"]))
    columns = dict(zip(CANDIDATE_FEATURES, found.features(np.zeros((5, 5))).T, strict=True))
    words = feature(found, "words")
    for number in range(5):
        assert columns["nearest_words"][number] == pytest.approx(np.sort(words[number])[-3:].mean())


def test_votes_are_means_over_the_others_and_trust_weighs_them():
    found = evidence(ONE, LIKE.replace("<=", "!="), OTHER)
    votes = np.array([[0.0, 1.0, -1.0], [1.0, 0.0, -1.0], [-1.0, -1.0, 0.0]])
    columns = dict(zip(CANDIDATE_FEATURES, found.features(votes).T, strict=True))
    assert np.allclose(columns["vote"], [0, 0, -1])
    assert np.allclose(columns["vote_relative"], np.array([0, 0, -1]) + 1 / 3)
    assert columns["trusted_vote_relative"][0] > columns["vote_relative"][0]


def test_a_lone_candidate_has_no_agreement():
    found = evidence(ONE)
    columns = dict(zip(CANDIDATE_FEATURES, found.features(np.zeros((1, 1))).T, strict=True))
    assert all(math.isnan(columns[name][0]) for name in RISING)
    assert not math.isnan(columns["growth"][0])


def test_a_subset_is_what_it_would_be_alone():
    whole = ballot_of_patches([ONE, LIKE.replace("<=", ">"), OTHER], "raise it")
    kept = [candidate.patch for candidate in whole.ballot.candidates[:2]]
    part = gather(ballot_of_patches(kept, "raise it").ballot)
    taken = gather(whole.ballot).take([0, 1], [1, 1])
    assert np.allclose(taken.pairs, part.pairs)
    for name in set(TRAITS) - {"bm25"}:
        assert np.allclose(trait(taken, name), trait(part, name))


STUMP = DecisionTree(
    feature=(1, 0, 0),
    threshold=(0.5, 0, 0),
    missing_left=(False, True, True),
    left=(1, 1, 2),
    right=(2, 1, 2),
    value=(0, -1, 2),
)


def test_trees_add_up_over_classifiers_and_send_missing_values_their_way():
    trees = Trees(features=("a", "b"), baseline=0.25, classifiers=2, trees=(STUMP, STUMP))
    rows = np.array([[9, 0.5], [9, 0.6], [9, math.nan]])
    assert trees.log_odds(rows).tolist() == [-0.75, 2.25, 2.25]
    left = STUMP.model_copy(update={"missing_left": (True, True, True)})
    assert Trees(features=("a", "b"), baseline=0, classifiers=1, trees=(left,)).log_odds(rows).tolist() == [-1, 2, -1]
    assert Trees(features=("a",), baseline=0.5, classifiers=1, trees=()).log_odds(np.zeros((2, 1))).tolist() == [
        0.5,
        0.5,
    ]


@pytest.mark.parametrize("broken", [{"left": (9, 1, 2)}, {"feature": (7, 0, 0)}, {"value": (0, 1)}])
def test_a_broken_tree_is_refused(broken):
    with pytest.raises(ValueError, match="tree"):
        Trees(features=("a", "b"), baseline=0, classifiers=1, trees=(DecisionTree(**{**STUMP.model_dump(), **broken}),))


def test_a_tree_that_leads_in_circles_ends():
    circle = STUMP.model_copy(update={"left": (1, 0, 2), "right": (2, 0, 2)})
    assert np.isfinite(
        Trees(features=("a", "b"), baseline=0, classifiers=1, trees=(circle,)).log_odds(np.zeros((1, 2)))
    ).all()


def test_a_vote_is_what_the_second_says_of_the_first():
    small, large = diff("m.py", 10, [], ["    check(a)"]), diff("m.py", 10, [], ["    check(a)", "    log(b)"])
    column = PAIR_FEATURES.index("words_in")
    contained = STUMP.model_copy(update={"feature": (column, 0, 0), "threshold": (0.9, 0, 0)})
    found = evidence(small, large)
    matrix = vote_matrix(Trees(features=PAIR_FEATURES, baseline=0, classifiers=1, trees=(contained,)), found)
    inner = int(np.argmax(feature(found, "words_in").sum(axis=1)))
    assert matrix[inner, 1 - inner] == 2  # all of it is in the other
    assert matrix[1 - inner, inner] == -1
    assert np.diagonal(matrix).tolist() == [0, 0]


def test_the_packaged_model_scores_any_number_of_candidates():
    model = Consensus.packaged()
    for patches in ([], [ONE], [ONE, OTHER], [ONE, LIKE, OTHER]):
        found = evidence(*patches, issue="a is not b")
        log_odds = model.log_odds(found)
        assert len(log_odds) == len(found)
        assert np.isfinite(log_odds).all()
        assert 0 <= model.confidence(found, log_odds) <= 1


def test_agreement_never_speaks_against_a_candidate():
    model, rng = Consensus.packaged(), np.random.default_rng(0)
    rows = rng.random((200, len(CANDIDATE_FEATURES)))
    better = rows.copy()
    rising = [CANDIDATE_FEATURES.index(name) for name in RISING]
    better[:, rising] += rng.random((200, len(rising)))
    assert (model.candidates.log_odds(better) >= model.candidates.log_odds(rows) - 1e-9).all()
    assert set(VOTES) <= set(RISING)


def test_confidence_looks_at_the_leader_and_its_margin():
    found = evidence(ONE, LIKE.replace("<=", "!="), OTHER)
    features = confidence_features(found, np.array([0.0, 2.0, 1.5]))
    assert features[0] == 2.0
    assert features[1] == 0.5
    assert features[2] == pytest.approx(feature(found, "net_words")[1].sum() / 2)
    assert features[2] > 0
    assert features[3] == pytest.approx(math.log(3))


@pytest.mark.parametrize(
    "change,says",
    [
        ({"schema_version": 99}, "schema 99"),
        ({"calibration": {"weights": [1.0], "bias": 0.0}}, "calibration"),
        ({"threshold": "high"}, "number"),
        ({"votes": {"features": ["other"], "baseline": 0, "classifiers": 1, "trees": []}}, "other features"),
    ],
)
def test_a_file_that_does_not_fit_is_refused_in_one_line(tmp_path, change, says):
    path = tmp_path / "model.json"
    path.write_text(json.dumps({**Consensus.packaged().model_dump(mode="json"), **change}))
    with pytest.raises(ValueError, match=says) as error:
        Consensus.load(path)
    assert "\n" not in str(error.value)


def test_a_file_that_is_no_json_is_refused(tmp_path):
    path = tmp_path / "model.json"
    path.write_bytes(b"\x80 not json")
    with pytest.raises(ValueError, match="not a fitted consensus verifier"):
        Consensus.load(path)
