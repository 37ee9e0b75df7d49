"""litellm makes the log of a call for who listens, and for nobody else."""

import threading

import pytest

from agent.models.litellm_import import litellm
from agent.models.unheard_log import UnheardLog, leave_out_unheard_logs

LISTS = ("callbacks", "input_callback", "success_callback", "_async_success_callback")


@pytest.fixture
def module(monkeypatch):
    """litellm as it is where nobody has registered anything, whatever this process did before."""
    for listeners in LISTS:
        monkeypatch.setattr(litellm(), listeners, [])
    monkeypatch.setattr(litellm(), "cache", None)
    return litellm()


@pytest.fixture
def said(module):
    def ask():
        return module.completion(
            model="openai/any", messages=[{"role": "user", "content": "?"}], mock_response="yes", api_key="none"
        )

    return ask


@pytest.fixture
def logged(module, monkeypatch):
    """The records that reach litellm's own queue."""
    queue, work = module.utils.executor, []
    assert isinstance(queue, UnheardLog)
    monkeypatch.setattr(queue, "_queue", type("Queue", (), {"submit": lambda self, *done: work.append(done)})())
    return lambda: [done for done in work if getattr(done[1], "__name__", "") == "success_handler"]


def test_a_call_that_nobody_listens_to_leaves_no_log(said, logged):
    assert said().choices[0].message.content == "yes"
    assert logged() == []


def test_the_cache_that_litellm_registers_with_gemini_listens_to_nothing_while_it_is_off(
    module, said, logged, monkeypatch
):
    cache = module.Cache(type="local")  # as its module for Gemini does at its first import
    assert module.success_callback == module._async_success_callback == ["cache"]
    said()
    assert logged() == []
    monkeypatch.setattr(module, "success_callback", ["cache", lambda *told: None])
    said()
    assert len(logged()) == 1
    monkeypatch.setattr(module, "success_callback", ["cache"])
    monkeypatch.setattr(module, "cache", cache)
    said()
    assert len(logged()) == 2


def test_a_registered_callback_hears_of_every_call(module, said, monkeypatch):
    heard = threading.Event()
    monkeypatch.setattr(module, "success_callback", [lambda *told: heard.set()])
    said()
    assert heard.wait(20)


def test_other_work_of_litellms_is_done_and_it_is_put_there_once():
    module, done = litellm(), threading.Event()
    module.utils.executor.submit(done.set)
    assert done.wait(20)
    before = module.utils.executor
    leave_out_unheard_logs(module)
    assert module.utils.executor is before
