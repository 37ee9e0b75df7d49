"""litellm makes the log of a call for who listens, and for nobody else."""

import threading

import pytest

from agent.models.litellm_import import litellm
from agent.models.unheard_log import UnheardLog, leave_out_unheard_logs


@pytest.fixture
def said():
    module = litellm()

    def ask():
        return module.completion(
            model="openai/any", messages=[{"role": "user", "content": "?"}], mock_response="yes", api_key="none"
        )

    return ask


def test_a_call_that_nobody_listens_to_leaves_no_log(said, monkeypatch):
    logged = []
    queue = litellm().utils.executor
    assert isinstance(queue, UnheardLog)
    monkeypatch.setattr(queue, "_queue", type("Queue", (), {"submit": lambda self, *work: logged.append(work)})())
    assert said().choices[0].message.content == "yes"
    assert [work for work in logged if getattr(work[1], "__name__", "") == "success_handler"] == []


def test_a_registered_callback_hears_of_every_call(said, monkeypatch):
    heard = threading.Event()
    monkeypatch.setattr(litellm(), "success_callback", [lambda *told: heard.set()])
    said()
    assert heard.wait(20)


def test_other_work_of_litellms_is_done_and_it_is_put_there_once():
    module, done = litellm(), threading.Event()
    module.utils.executor.submit(done.set)
    assert done.wait(20)
    before = module.utils.executor
    leave_out_unheard_logs(module)
    assert module.utils.executor is before
