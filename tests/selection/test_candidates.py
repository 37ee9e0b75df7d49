import pytest

from agent.patch import apply_patch, make_patch
from agent.trajectory.trajectory import Ending, Sampled, Trajectory
from environments.workbench.outcome import GeneratedTest
from selection.candidates import MOST_ALIKE, candidates_of
from verifiers.ballot import Ballot

FILES = {"p.py": b"def f(a):\n    x = a\n    return x\n\n\ndef g():\n    return 1\n"}
TEST = GeneratedTest.of("issue_present()", "test:0")


def read_base(path):
    if path not in FILES:
        raise FileNotFoundError(path)
    return FILES[path]


def patch(old, new, extra=None):
    return make_patch(FILES, FILES | {"p.py": FILES["p.py"].replace(old, new)} | (extra or {}))


def trajectory(id, diff="", test=None):
    return Trajectory(id=id, kind=id.rpartition("-")[0], ending=Ending.SUBMITTED, patch=diff, test=test)


FIX = patch(b"x = a", b"x = a + 1")


def test_the_same_change_is_one_candidate_named_by_every_machine():
    scratch = patch(b"x = a", b"x = a + 1", {"test_new.py": b"pass\n", "reproduce.py": b"pass\n"})
    (candidate,), entries = candidates_of([trajectory("edit-0", FIX), trajectory("edit-1", scratch)], read_base)
    assert candidate.patch == FIX
    assert [m.candidate for m in entries] == [candidate.id, candidate.id]
    assert [m.patch_chars for m in entries] == [len(FIX), len(FIX)]


def test_the_same_tree_is_one_cluster_of_two_candidates():
    renamed = patch(b"x = a\n    return x", b"y = a + 1  # one more\n    return y")
    other = patch(b"x = a", b"x = a - 1")
    trajectories = [trajectory(f"edit-{i}", p) for i, p in enumerate([FIX, renamed, other])]
    candidates, _ = candidates_of(trajectories, read_base)
    clusters = [c.cluster for c in candidates]
    assert len({c.id for c in candidates}) == 3
    assert clusters[0] == clusters[1] != clusters[2]


def test_what_is_no_patch_is_a_machine_without_candidate():
    stale = make_patch({"p.py": b"other\n"}, {"p.py": b"text\n"})
    only_test = make_patch({}, {"tests/test_p.py": b"pass\n"})
    trajectories = [trajectory(f"edit-{i}", p) for i, p in enumerate(["", stale, only_test, "nonsense"])]
    candidates, entries = candidates_of(trajectories, read_base)
    assert candidates == ()
    assert [(m.id, m.candidate, m.patch_chars) for m in entries] == [(f"edit-{i}", None, 0) for i in range(4)]


def test_editing_machines_come_first_in_index_order():
    trajectories = [
        trajectory(id, test=TEST) for id in ["test-1", "runoff-0", "edit-10", "single-0", "edit-2", "test-0", "edit-0"]
    ]
    _, entries = candidates_of(trajectories, read_base)
    assert [m.id for m in entries] == ["edit-0", "edit-2", "edit-10", "single-0", "runoff-0", "test-0", "test-1"]
    assert {m.test for m in entries} == {TEST.id}


@pytest.mark.parametrize(
    "raw,changed",
    [
        (b"# -*- coding: latin-1 -*-\n# J\xf6rg\nx = 1\n", b"# -*- coding: latin-1 -*-\n# J\xf6rg\nx = 2\n"),
        ("\ufeffx = 1\r\n".encode("utf-16-le"), "\ufeffx = 2\r\n".encode("utf-16-le")),
        (bytes(range(256)), bytes(range(255))),
    ],
)
def test_a_change_of_what_is_no_utf_8_text_is_a_candidate_that_applies(raw, changed):
    diff = make_patch({"a.py": raw}, {"a.py": changed})
    for written in (diff, diff.rstrip("\n")):
        (candidate,), _ = candidates_of([trajectory("edit-0", written)], {"a.py": raw}.__getitem__)
        assert apply_patch(candidate.patch, {"a.py": raw}.__getitem__)[1] == {"a.py": changed}


def test_samples_that_survived_are_candidates_as_often_as_they_were_made_and_go_with_their_trajectory():
    other = patch(b"x = a", b"x = a - 1")
    samples = (Sampled(patch=FIX, count=9), Sampled(patch=other, count=2))
    many = trajectory("edit-0", FIX, TEST).model_copy(update={"samples": samples})
    candidates, entries = candidates_of([many, trajectory("edit-1", other)], read_base)
    fix, second = (candidate.id for candidate in candidates)
    made = [entry.candidate for entry in entries]
    assert (made.count(fix), made.count(second)) == (MOST_ALIKE, 3)
    assert [entry.id for entry in entries if entry.edits] == ["edit-0", "edit-1"]
    assert {entry.by for entry in entries} == {"edit-0", "edit-1"}
    ballot = Ballot(entries=entries, candidates=candidates, tests=(TEST.id,), outcomes={})
    assert [entry.id for entry in ballot.without({"edit-0"}).entries] == ["edit-1"]
