"""The embedded model's server, with the small one: it answers, comes back from the dead, and never outlives its run."""

import json
import os
import select
import signal
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from agent.models.connect import connect
from agent.models.contract import Message, ModelError, Request
from agent.models.litellm_client.raw_completion import infill_prompt
from agent.models.local import registry
from agent.models.local.catalog import local_model
from agent.models.local.fetch import fetch
from agent.models.local.options import ServerOptions
from agent.models.local.serve import serve
from agent.models.local.server import MAX_RESTARTS, LocalServer

pytestmark = pytest.mark.model

PARENT = """
import sys, threading
from agent.models.local.server import LocalServer
opened = []
def open_it():  # in a thread that ends: the server must not end with it
    opened.append(LocalServer("local-small", slots=1, context=512, share=False).__enter__())
thread = threading.Thread(target=open_it)
thread.start()
thread.join()
print(opened[0].pid, opened[0].api_base, flush=True)
threading.Event().wait()
"""


def test_it_ends_with_a_killed_parent_but_not_with_the_thread_that_started_it():
    fetch(local_model("local-small"))
    parent = subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True)
    pid, address = parent.stdout.readline().split()
    descriptor = os.pidfd_open(int(pid))
    assert httpx.get(address.removesuffix("/v1") + "/health", timeout=20).status_code == 200
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    assert ended(descriptor), "the server outlives its parent"


def ended(descriptor, patience=20):
    readable, _, _ = select.select([descriptor], [], [], patience)
    os.close(descriptor)
    return bool(readable)


@pytest.fixture(scope="module")
def small():
    with connect("local-small", threads=1) as model:
        yield model


def test_several_answers_cost_what_they_have_tokens(small):
    ask = [Message(role="user", content="Count from one to ten.")]
    completion = small.complete(Request(ask, n=3, max_tokens=6, temperature=1.0, seed=1))
    assert len(completion.choices) == 3
    assert completion.usage.completion_tokens == 18
    assert completion.usage.prompt_tokens == small.count_tokens(ask)
    assert (completion.cost, completion.notes) == (0.0, ())


def test_a_grammar_a_prefilled_opening_and_twenty_logprobs(small):
    completion = small.complete(
        Request(
            [Message(role="user", content="Is 2 even?"), Message(role="assistant", content="Answer: ")],
            max_tokens=4,
            logprobs=20,
            grammar='root ::= "YES" | "NO"',
        )
    )
    choice = completion.choices[0]
    assert choice.content in ("YES", "NO")
    assert len(choice.logprobs[0].top) == 20


def test_it_fills_in_what_stands_between_two_pieces_of_a_file(small):
    before = "def add(first, second):\n    return "
    prompt = infill_prompt(small.profile, before, "\n\nassert add(1, 2) == 3\n")
    ask = Request([Message(role="user", content=prompt)], raw=True, max_tokens=12, stop=["\n"], logprobs=2)
    completion = small.complete(ask)
    assert completion.choices[0].content == "first + second"
    assert completion.choices[0].logprobs[0].token == "first"
    assert completion.usage.prompt_tokens < small.count_tokens(ask.messages)  # no chat template around it


def test_callers_that_start_together_from_one_long_prompt_have_it_read_once(small):
    story = " ".join(f"Sentence {number} of a long story." for number in range(80))

    def ask(number):
        return small.complete(Request([Message(role="user", content=f"{story}\n\nGo on: {number}.")], max_tokens=2))

    with ThreadPoolExecutor(4) as pool:
        completions = list(pool.map(ask, range(4)))
    fresh = [each.usage.prompt_tokens - each.usage.cached_prompt_tokens for each in completions]
    assert max(fresh) < 20
    assert completions[0].usage.prompt_tokens > 500
    assert sum("prompt read once for all slots" in each.notes for each in completions) == 1


def test_a_prompt_that_does_not_fit_a_slot_has_one_clear_line(small):
    with pytest.raises(ModelError, match="local-small: the prompt does not fit"):
        small.complete(Request([Message(role="user", content="x " * 2 * small.context_tokens)]))


def test_parallel_callers_all_get_answers(small):
    def ask(number):
        return small.complete(Request([Message(role="user", content=f"Say {number}.")], max_tokens=2)).choices

    with ThreadPoolExecutor(6) as pool:
        assert all(len(choices) == 1 for choices in pool.map(ask, range(6)))


def test_a_server_that_dies_in_mid_run_is_started_again_but_not_for_ever(small):
    server = small._way.revived.__self__
    ask = [Message(role="user", content="Say a.")]
    kill(server)
    assert small.complete(Request(ask, max_tokens=2)).choices
    assert server.restarts == 1
    server.restarts = MAX_RESTARTS
    kill(server)
    with pytest.raises(ModelError, match="local-small died"):
        small.complete(Request(ask, max_tokens=2))


def kill(server):
    os.kill(server.pid, signal.SIGKILL)
    os.waitid(os.P_PID, server.pid, os.WEXITED | os.WNOWAIT)


def test_a_served_model_is_used_and_a_stale_registry_is_not(tmp_path, monkeypatch):
    monkeypatch.setattr("agent.models.local.registry.models_folder", lambda: tmp_path / "models")
    with LocalServer("local-small", slots=2, context=512, threads=1) as first:
        served = registry.Served("local-small", first.pid, first.api_base, first.api_key, 2, 512)
        registry.announce(served)
        with LocalServer("local-small") as second:
            assert (second.pid, second.api_base, second.slots, second.context) == (None, first.api_base, 2, 512)
        assert registry.find("local-small") == served
        stranger = registry.Served("local-small", first.pid, first.api_base, "wrong key", 2, 512)
        registry.announce(stranger)
        assert registry.find("local-small") is None
        registry.announce(served)
    assert registry.find("local-small") is None
    registry.withdraw(served)
    assert list((tmp_path / "servers").iterdir()) == []


def test_a_run_goes_on_when_the_server_it_found_goes_away(tmp_path, monkeypatch):
    monkeypatch.setattr("agent.models.local.registry.models_folder", lambda: tmp_path / "models")
    with LocalServer("local-small", slots=1, context=512, threads=1, share=False) as first:
        registry.announce(registry.Served("local-small", first.pid, first.api_base, first.api_key, 1, 512))
        with LocalServer("local-small") as second:
            second.revive()
            assert (second.restarts, second.pid) == (0, None)
            kill(first)
            second.revive()
            assert (second.restarts, second.api_base) == (1, first.api_base)
            assert registry.find("local-small")


def test_a_taken_port_has_one_clear_line():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(ModelError, match=r"cannot listen on 127.0.0.1:\d+ .*choose another --port"):
            serve("local-small", port=taken.getsockname()[1])


def test_serving_in_the_foreground_announces_itself_until_interrupted(tmp_path):
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path)}
    folder = tmp_path / "runoff" / "models"
    folder.mkdir(parents=True)
    (folder / local_model("local-small").file).symlink_to(fetch(local_model("local-small")))
    # A test run in the background of a script ignores interrupts, and its children would too.
    heed = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
    code = "from agent.models.local.serve import serve; serve('local-small', port=0, slots=1, threads=1, context=512)"
    process = subprocess.Popen([sys.executable, "-c", heed + code], stdout=subprocess.PIPE, text=True, env=environment)
    assert "loading" in process.stdout.readline()
    assert "serving local-small at http://127.0.0.1:" in process.stdout.readline()
    entry = tmp_path / "runoff" / "servers" / "local-small.json"
    assert entry.stat().st_mode & 0o777 == 0o600
    assert registry.Served(**json.loads(entry.read_text())).answers(timeout=60)
    process.send_signal(signal.SIGINT)
    assert process.wait(30) == 0
    process.stdout.close()
    assert not entry.exists()


def test_a_child_that_cannot_start_says_why(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    model = local_model("local-small")
    model.path.parent.mkdir(parents=True)
    with model.path.open("wb") as file:
        file.truncate(model.size)  # the right size, but no model
    with (
        pytest.raises(ModelError, match=r"did not start: .*cannot serve qwen2.5-coder-0.5b"),
        LocalServer("local-small", slots=1, context=512),
    ):
        pass


def test_options_survive_the_way_to_the_child_and_threads_are_one_per_core_unless_given():
    options = ServerOptions.of(slots=2, context=8192)
    assert ServerOptions.loaded(options.dumped()) == options
    assert options.threads == len(os.sched_getaffinity(0))
