"""How an editing trajectory ends: known tests, DONE asked once, a loosened test proves nothing, refusals are free."""

from edited_shop import BREAKS, LOOSE, OTHER, RIGHT, TEST, WRONG, block

from agent.trajectory.trajectory import Ending
from environments.workbench.outcome import GeneratedTest


def last(run, number=-1):
    return run.model.requests[number].messages[-1].content


def test_a_verified_edit_is_asked_once_whether_it_is_done(run):
    trajectory = run([RIGHT, "All of it is covered.\n\nDONE"], known=(TEST, OTHER))
    assert (trajectory.ending, trajectory.verified, trajectory.turns) == (Ending.SUBMITTED, True, 2)
    assert "passes all 2 tests" in last(run)


def test_the_question_is_short_and_all_before_it_stays_as_it_was(run):
    run([RIGHT, "DONE"], known=(TEST, OTHER))
    first, second = (request.messages for request in run.model.requests)
    assert second[: len(first)] == first
    assert second[len(first)].content == RIGHT
    assert len(second) == len(first) + 2
    assert len(last(run)) < 400


def test_asked_whether_it_is_done_it_may_edit_once_more_and_is_not_asked_again(run):
    better = block("    for price in prices[1:]:\n        result += price", "    result += sum(prices)")
    trajectory = run([RIGHT, better])
    assert (trajectory.ending, trajectory.verified, trajectory.turns) == (Ending.SUBMITTED, True, 2)
    assert "sum(prices)" in trajectory.patch


def test_another_known_test_that_fails_is_told_before_the_end_and_decides_nothing(run):
    wrong_test = GeneratedTest.of("print('no such thing')\nissue_present()\n", "test:3")
    trajectory = run([RIGHT, "DONE"], known=(TEST, wrong_test))
    assert "no such thing" in last(run)
    assert (trajectory.ending, trajectory.verified, trajectory.turns) == (Ending.SUBMITTED, True, 2)


def test_done_is_not_taken_before_the_known_tests_have_run(run):
    trajectory = run([WRONG, "DONE", RIGHT, "DONE"], known=(TEST, OTHER), test=OTHER)
    assert trajectory.verified
    run([block("    result = 0", "    result = 0  # none"), "DONE", "DONE"], known=(OTHER,), name="edit-1")
    assert "total([5]) != 5" in last(run)
    assert len(run.model.requests) == 3


def test_a_test_loosened_after_the_patch_failed_it_does_not_verify_the_patch(run):
    trajectory = run([WRONG, f"TEST\n```python\n{LOOSE}```", "DONE"])
    assert trajectory.test.source == LOOSE
    assert (trajectory.ending, trajectory.reproduces, trajectory.verified) == (Ending.SUBMITTED, True, False)
    assert "fails with this one too" in last(run)


def test_a_new_test_verifies_a_patch_that_passes_the_one_before_as_well(run):
    trajectory = run([WRONG, f"TEST\n```python\n{OTHER.source}```", RIGHT, "DONE"])
    assert trajectory.verified
    assert trajectory.test.source == OTHER.source


def test_refused_answers_are_no_turns_and_what_fitted_is_kept(run):
    two = block("def discount(price, percent):", "def discount(price, percent=0):") + block("nowhere", "x")
    trajectory = run([two, block("nowhere at all", "x"), RIGHT, "DONE"], turns=2)
    assert (trajectory.ending, trajectory.verified, trajectory.turns) == (Ending.SUBMITTED, True, 4)
    assert "percent=0" in trajectory.patch
    assert "1 of 2 parts could not be used; what fitted is kept" in last(run, 1)


def test_a_broken_tests_traceback_is_told(run):
    run([BREAKS, RIGHT, "DONE"])
    assert "assert total([]) == 0" in last(run, 1)
