"""The best patch so far: there from a trajectory's first patch on, and never given up for a weaker one."""

import pytest

from agent.patch import make_patch
from agent.trajectory.trajectory import Ending, Sampled, Trajectory
from swebench_runs.one_task.so_far import KeptSoFar, best_so_far, read_so_far
from swebench_runs.run_folder.task_folder import TaskFolder

BASE = b"a = 1\n"


def made(index, value, **fields):
    patch = make_patch({"m.py": BASE}, {"m.py": b"a = %d\n" % value}) if value else ""
    return Trajectory(id=f"edit-{index}", kind="edit", ending=Ending.STOPPED, patch=patch, **fields)


def read(path):
    return BASE


@pytest.fixture
def folder(tmp_path):
    return TaskFolder(tmp_path / "one")


def test_a_patch_counts_before_its_trajectory_has_ended(folder):
    kept = KeptSoFar(folder, read)
    kept.made(made(0, 2))
    assert (read_so_far(folder).trajectories, read_so_far(folder).ended) == (("edit-0",), 0)
    kept.made(made(0, 3))
    assert "+a = 3" in read_so_far(folder).patch
    kept.ended(made(0, 3))
    assert read_so_far(folder).ended == 1


def test_verified_goes_before_often_and_often_before_first(folder):
    def best(*trajectories):
        return best_so_far(trajectories, read, ended=0)

    assert best(made(0, 2), made(1, 3), made(2, 3)).trajectories == ("edit-1", "edit-2")
    assert best(made(0, 2), made(1, 2), made(2, 3, verified=True)).trajectories == ("edit-2",)
    assert best(made(0, 2), made(1, 3)).trajectories == ("edit-0",)
    assert best(made(0, 0)) is None


def test_what_an_earlier_sitting_found_is_not_given_up_for_less(folder):
    before = KeptSoFar(folder, read)
    before.ended(made(0, 2))
    before.ended(made(1, 3, verified=True))
    after = KeptSoFar(folder, read)
    after.made(made(0, 2))
    assert read_so_far(folder).verified
    after.made(made(1, 3, verified=True))
    after.ended(made(2, 3, verified=True))
    assert read_so_far(folder).trajectories == ("edit-1", "edit-2")


def test_a_clean_patch_takes_the_place_of_a_suspicious_one_of_an_earlier_sitting(folder):
    forged = make_patch({"m.py": BASE}, {"m.py": b"import sys\na = 'pytest' in sys.modules\n"})
    before = KeptSoFar(folder, read)
    for index in range(2):
        before.ended(made(index, 2).model_copy(update={"patch": forged}))
    assert read_so_far(folder).patch == forged
    KeptSoFar(folder, read).made(made(2, 3))
    assert "+a = 3" in read_so_far(folder).patch


def test_a_trajectory_without_a_patch_writes_nothing(folder):
    KeptSoFar(folder, read).ended(made(0, 0))
    assert read_so_far(folder) is None


def test_a_patch_that_many_trajectories_make_is_looked_at_once(folder):
    reads = []

    def counted(path):
        reads.append(path)
        return BASE

    kept = KeptSoFar(folder, counted)
    for index in range(6):
        kept.made(made(index, 2 + index % 2))
    of_two = len(reads)
    for index in range(6):
        kept.ended(made(index, 2 + index % 2))
    assert 0 < of_two == len(reads) <= 4
    assert len(read_so_far(folder).trajectories) == 3


def test_a_trajectory_of_samples_is_named_once():
    many = made(0, 2)
    many = many.model_copy(update={"samples": (Sampled(patch=many.patch, count=3),)})
    assert best_so_far([many], read, ended=1).trajectories == ("edit-0",)
