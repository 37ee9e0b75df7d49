"""A run begun when rooms were one number for all models goes on where its models' profiles say the same."""

from swebench_runs.config import RunConfig
from swebench_runs.run_folder.resuming import changes


def test_rooms_that_come_to_the_same_are_no_change_and_others_are():
    older = {"model": "local", "context_tokens": 4000, "answer_tokens": 1024}
    assert changes(RunConfig.model_validate(older), RunConfig(model="local")) == {}
    other = RunConfig.model_validate({**older, "answer_tokens": 2048})
    assert set(changes(other, RunConfig(model="local"))) == {"answer_tokens"}
    strong = RunConfig.model_validate({**older, "model": "gpt-4.1"})
    assert set(changes(strong, RunConfig(model="gpt-4.1"))) == {"context_tokens", "answer_tokens"}
