"""A judge's worth on graded patches, and how it comes into a run."""

import pytest

from agent.models.profiles import LEAST_TASKS
from swebench_runs.calibrating.judges_file import keep
from swebench_runs.calibrating.worth import ScoredTask, by_repository, worth_of
from swebench_runs.config import load
from swebench_runs.config.own_judges import measured_judges
from swebench_runs.errors import UsageError
from verifiers.judges import asked


def task(number, right, wrong, repository=None):
    scores = {f"r{i}": score for i, score in enumerate(right)} | {f"w{i}": score for i, score in enumerate(wrong)}
    return ScoredTask(f"t-{number}", repository or f"repo{number % 5}", {n: n[0] == "r" for n in scores}, scores)


def test_pairs_of_one_task_count_and_pairs_between_tasks_do_not():
    """A judge that knows which task is hard, and nothing of the patches, is worth nothing."""
    tasks = [task(0, [0.9, 0.9], [0.9]), task(1, [0.1], [0.1, 0.1])]
    assert worth_of(tasks).auc == pytest.approx(0.5)
    worth = worth_of([task(0, [0.9], [0.2, None]), task(1, [0.3], [0.8]), task(2, [0.5, 0.6], [])])
    assert (worth.auc, worth.tasks, worth.pairs, worth.missing, worth.repositories) == (0.5, 2, 2, 1, 2)


def test_a_judge_that_orders_them_all_on_enough_tasks_has_earned_its_say_and_on_few_it_has_not():
    assert worth_of([task(n, [0.9], [0.1, 0.4]) for n in range(LEAST_TASKS)]).earned
    assert not worth_of([task(n, [0.9], [0.1]) for n in range(LEAST_TASKS - 1)]).earned
    one = worth_of([task(n, [0.9], [0.1], "same") for n in range(30)])
    assert (one.auc, one.low, one.earned) == (1.0, None, False), "one repository says nothing of another"


def test_nothing_to_compare_is_no_worth():
    assert worth_of([]).auc is None
    assert worth_of([task(0, [0.9], [])]).auc is None
    assert by_repository([task(0, [0.9], [0.1]), task(5, [0.1], [0.4])]) == {"repo0": (0.5, 2)}


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    return tmp_path


def test_what_was_measured_is_the_user_s_from_then_on_and_auto_asks_whoever_earned_it(home):
    good = worth_of([task(n, [0.9], [0.1, 0.4]) for n in range(12)], measured="a pool")
    config = load(["model=m", 'profile={"match": ["*"], "logprobs": true}'])
    assert asked(config.judge, config.profile_of("m")) == ()
    assert keep("m", "pairwise", good) == home / "runoff" / "judges.json"
    keep("m", "rubric", worth_of([task(n, [0.1], [0.9]) for n in range(12)]))
    keep("other", "p-yes", good)
    config = load(["model=m", 'profile={"match": ["*"], "logprobs": true}'])
    assert asked(config.judge, config.profile_of("m")) == ("pairwise",)
    assert config.profile_of("m").judges["pairwise"].measured == "a pool"
    assert "judge" in config.players()
    assert asked(load(["model=m", "measured_judges={}"]).judge, load(["measured_judges={}"]).profile_of("m")) == ()
    assert set(measured_judges()) == {"m", "other"}


def test_a_damaged_file_is_one_clear_line(home):
    keep("m", "pairwise", worth_of([task(0, [0.9], [0.1])]))
    (home / "runoff" / "judges.json").write_text("{")
    with pytest.raises(UsageError, match="is damaged"):
        load(["model=m"])
