from agent.patch import make_patch
from selection.patches import ballot_of_patches

OLD = "".join(f"line_{n}()\n" for n in range(1, 31))


def patch(*edits, path="pkg/a.py", before=OLD):
    after = before
    for old, new in edits:
        assert old in after
        after = after.replace(old, new, 1)
    return make_patch({path: before.encode()}, {path: after.encode()})


FIX = patch(("line_5()\n", "five()\n"))


def clusters(*patches):
    """Return, for each patch, the number of its cluster in order of appearance."""
    result = ballot_of_patches(patches)
    by_id = {c.id: c.cluster for c in result.ballot.candidates}
    found = [next(by_id[c] for c in by_id if i in result.given(c)) for i in range(len(patches))]
    return [list(dict.fromkeys(found)).index(cluster) for cluster in found]


def test_equal_changes_are_one_candidate_and_every_patch_is_a_machine():
    other = FIX.replace("@@\n", "@@ def f\n").replace("\n", "\r\n")
    result = ballot_of_patches(
        [FIX, "", other, "prose", patch(path="tests/a.py", before="x\n") or "--- nothing"], "issue"
    )
    (candidate,) = result.ballot.candidates
    assert result.given(candidate.id) == (0, 2)
    assert [entry.candidate for entry in result.ballot.entries] == [candidate.id] * 2 + [None] * 3
    assert result.ballot.issue == "issue"
    assert set(result.problems) == {1, 3, 4}


def test_a_patch_that_is_no_candidate_says_why():
    tests_only = make_patch({"tests/test_a.py": b"x\n"}, {"tests/test_a.py": b"y\n"})
    outside = FIX.replace("pkg/a.py", "../a.py")
    problems = ballot_of_patches(["", "prose", tests_only, outside]).problems
    assert "empty" in problems[0]
    assert "unified diff" in problems[1]
    assert "no source" in problems[2]
    assert ".." in problems[3]
    assert all("\n" not in problem for problem in problems.values())


def test_what_no_repair_needs_is_marked_as_in_a_run():
    forged = patch(("line_5()\n", "five() if 'pytest' in sys.modules else line_5()\n"))
    marks = {one.id: one.suspicious for one in ballot_of_patches([FIX, forged]).ballot.candidates}
    assert sorted(marks.values()) == [(), ("asks whether it is being tested",)]


def test_no_patches_are_an_empty_ballot():
    assert ballot_of_patches([]).ballot.entries == ()


def test_comments_and_blank_lines_do_not_part_a_cluster():
    commented = patch(("line_5()\n", "# five\n\nfive()\n"))
    elsewhere = patch(("line_5()\n", "five()\n"), ("line_20()\n", "line_20()\n# note\n"))
    assert clusters(FIX, commented, elsewhere) == [0, 0, 0]


def test_place_parts_a_cluster():
    twice = OLD.replace("line_9()", "line_5()")
    first = patch(("line_5()\n", "five()\n"), before=twice)
    second = patch(("line_8()\nline_5()\n", "line_8()\nfive()\n"), before=twice)
    assert clusters(first, second) == [0, 1]


def test_an_insertion_on_the_other_side_of_a_blank_line_is_the_same_and_two_lines_on_is_not():
    before = OLD.replace("line_5()\n", "line_5()\n\n")
    above = patch(("line_5()\n", "line_5()\nnew()\n"), before=before)
    below = patch(("line_5()\n\n", "line_5()\n\nnew()\n"), before=before)
    beyond = patch(("line_6()\n", "line_6()\nnew()\n"), before=before)
    assert clusters(above, below) == [0, 0]
    assert clusters(above, beyond) == [0, 1]


def test_which_removed_line_an_added_one_replaces_parts_a_cluster():
    first = patch(("line_5()\n", "new()\n"), ("line_7()\n", ""))
    second = patch(("line_5()\n", ""), ("line_7()\n", "new()\n"))
    assert clusters(first, second) == [0, 1]


def test_hostile_patches_are_candidates_or_problems():
    hostile = [FIX.replace("five", text) for text in ("\ud800", "\udc80", "\0", "x" * 1_000_000)]
    result = ballot_of_patches([*hostile, "\0" * 1_000_000, "\ud800"])
    assert len(result.ballot.candidates) == 4
    assert set(result.problems) == {4, 5}


def test_half_a_character_crashes_nothing():
    broken = "--- a/m.py\n+++ b/m.py\n@@ -1,1 +1,1 @@\n-x\n+\ud800y\udcff\n"
    found = ballot_of_patches([broken], "an issue \udfff")
    assert found.ballot.issue == "an issue \ufffd"
    assert found.ballot.candidates[0].patch.endswith("+\ufffdy\udcff\n")
