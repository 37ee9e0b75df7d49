"""What a hostile or clumsy model does to its tree: it is told in one line, and the trajectory goes on."""

from tools_driver import BASELINE, BREAKS, RIGHT, SUBMIT, TEST, bash, called, edit

from agent.models.scripted import ScriptedModel
from agent.trajectory.budget import FixedCeilings
from agent.trajectory.trajectory import Ending

END = (called(SUBMIT), called(SUBMIT))
MINE = bash("echo mine > tests/test_mine.py")


def same_again(drive, trajectory, **more):
    """The record of a trajectory that is over says the same without a model or a sandbox."""
    again = drive(ScriptedModel([]), **more)
    return again.patch == trajectory.patch and (again.ending, again.verified) == (
        trajectory.ending,
        trajectory.verified,
    )


def test_a_tree_that_cannot_be_compared_is_replaced_by_a_fresh_one_with_the_last_change(drive):
    wreck = bash("rm -rf /testbed; chmod 000 .")
    trajectory = drive([called(RIGHT, MINE, wreck, bash("ls tests; git diff --stat")), *END])
    lost, after = drive.result(1, -2), drive.result(1)
    assert "cannot be compared with the original" in lost
    assert "your last change of source files has been made" in lost
    assert "test_mine.py" not in after
    assert "shop/price.py | 2 +-" in after
    assert trajectory.ending == Ending.SUBMITTED
    assert "+    for price in prices:" in trajectory.patch
    assert same_again(drive, trajectory)


def test_a_disk_that_is_used_up_is_told_and_replaced(drive):
    fill = "for n in 1 2 3 4 5 6; do head -c 60M /dev/zero > /tmp/f$n; done"
    trajectory = drive([called(RIGHT, bash(fill), bash("ls -d /tmp/f1; git diff --stat")), *END])
    assert "The disk of your sandbox is used up" in drive.result(1, -2)
    assert "shop/price.py | 2 +-" in drive.result(1)
    assert "+    for price in prices:" in trajectory.patch
    assert same_again(drive, trajectory)


def test_changes_too_large_for_a_patch_are_told_and_the_last_one_is_kept(drive):
    large, small = bash("seq 900000 > numbers.txt"), bash("rm numbers.txt")
    trajectory = drive([called(RIGHT, large), called(SUBMIT), called(small), *END])
    assert "too large for a change of source files" in drive.result(2)
    assert "+    for price in prices:" in trajectory.patch
    assert "numbers" not in trajectory.patch
    assert same_again(drive, trajectory)


def test_what_is_no_regular_file_is_told_as_that(drive):
    looks = [edit("view", path=path) for path in ("p", "/proc/kmsg")]
    drive([called(RIGHT, bash("mkfifo p"), *looks), *END])
    for place in (-2, -1):
        assert "it is no regular file" in drive.result(1, place)


def test_a_command_that_takes_all_the_memory_is_told_so(drive):
    drive([called(RIGHT, bash("python -c 'x = [b\"x\" * (50 << 20) for _ in iter(int, 1)]'")), *END])
    assert "took all the memory that there is" in drive.result(1)


def test_check_shows_what_the_broken_tests_of_the_repository_printed(drive):
    drive([called(BREAKS, ("check", {})), *END], test=TEST, baseline=BASELINE)
    assert "- tests/test_price.py::test_total_of_nothing" in drive.result(1)
    assert "assert 1 == 0" in drive.result(1)


def test_a_patch_that_a_spent_budget_left_unchecked_is_checked_by_the_harness(drive):
    limits, more = FixedCeilings(turns=1), {"test": TEST, "baseline": BASELINE}
    trajectory = drive([called(RIGHT)] * 2, limits=limits, **more)
    assert trajectory.ending == Ending.TURN_LIMIT
    assert trajectory.verified
    assert same_again(drive, trajectory, **more)
