"""Equal written tokens for two agents: the accounts before the server, the draw, the figures, mini-swe-agent itself."""

import json
import random
import threading
import urllib.error
import urllib.request
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from platformdirs import user_cache_path

from environments.sandboxes.lease import NoLease
from environments.task import EnvironmentSpec, Task
from environments.workbench.workbench import Workbench
from swebench_runs.bench.embedded_agents import theirs
from swebench_runs.bench.embedded_agents.allowance import USED_UP, Account, allowances
from swebench_runs.bench.embedded_agents.figures import figures, wilson
from swebench_runs.bench.embedded_agents.measure import drawn
from swebench_runs.bench.sandboxes.mini_environment import VERSION

needs_mini = pytest.mark.skipif(
    not (user_cache_path("runoff") / f"mini-swe-agent-{VERSION}" / ".installed").exists(),
    reason="mini-swe-agent is installed by `runoff bench agents`, which takes minutes",
)


@contextmanager
def serving(*answers):
    """A server that gives these answers' texts in turn, a token a word, and keeps what it was asked."""
    asked, left = [], list(answers)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            asked.append((self.path, body, self.headers.get("authorization")))
            if self.path == "/tokenize":
                made = {"tokens": body["content"].split()}
            else:
                texts = [left.pop(0) for _ in range(body.get("n") or 1)]
                raw = self.path == "/v1/completions"
                choices = [
                    {"index": i, "finish_reason": "stop"}
                    | ({"text": text} if raw else {"message": {"role": "assistant", "content": text}})
                    for i, text in enumerate(texts)
                ]
                usage = {"prompt_tokens": 7, "completion_tokens": len(texts[0].split()), "total_tokens": 0}
                made = {"id": "a", "object": "chat.completion", "created": 0, "model": "m", "choices": choices}
                made["usage"] = usage
            content = json.dumps(made).encode()
            self.send_response(200)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1", asked
    finally:
        server.shutdown()
        server.server_close()


def ask(address, path="/chat/completions", **body):
    request = urllib.request.Request(address + path, json.dumps(body).encode(), {"content-type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=10) as answered:
            return answered.status, json.loads(answered.read())
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())


def test_an_answer_has_the_room_that_is_left_and_then_none_is_given():
    with serving("a " * 30, "b " * 60) as (api_base, asked), allowances(api_base, "key") as accounts:
        address, account = accounts.open("x", 100)
        assert ask(address, max_tokens=40)[0] == 200
        assert ask(address)[0] == 200
        status, said = ask(address, max_tokens=40)
    assert (status, said["error"]["message"]) == (400, USED_UP)
    assert [body["max_tokens"] for _, body, _ in asked] == [40, 70]
    assert {key for _, _, key in asked} == {"Bearer key"}
    assert (account.written, account.read, account.calls, account.refused) == (90, 14, 2, 1)


def test_every_one_of_several_answers_is_counted_and_they_share_what_is_left():
    with serving("a b c", "d e") as (api_base, asked), allowances(api_base, "") as accounts:
        address, account = accounts.open("x", 50)
        assert ask(address, n=2, max_tokens=900)[0] == 200
    assert asked[0][1]["max_tokens"] == 25
    assert account.written == 3 + 2 + 2  # with the token that ends each


def test_raw_texts_are_counted_and_no_way_to_write_is_free():
    with serving("a b c", "d e") as (api_base, asked), allowances(api_base, "") as accounts:
        address, account = accounts.open("x", 50)
        assert ask(address, "/completions", prompt="p", n=2)[0] == 200
        for path in ("/completion", "/infill"):
            assert ask(address.removesuffix("/v1"), path, prompt="p")[0] == 404
    assert account.written == 3 + 2 + 2
    assert [path for path, _, _ in asked] == ["/v1/completions", "/tokenize", "/tokenize"]


def test_accounts_are_apart_and_all_else_is_passed_on():
    with serving("a " * 20) as (api_base, asked), allowances(api_base, "") as accounts:
        (one, first), (_, second) = accounts.open("one", 20), accounts.open("two", 20)
        ask(one)
        assert ask(one.removesuffix("/v1"), "/tokenize", content="a b")[1] == {"tokens": ["a", "b"]}
        assert ask(one.replace("one", "three"))[0] == 404
    assert (first.written, second.written) == (20, 0)
    assert [path for path, _, _ in asked] == ["/v1/chat/completions", "/tokenize"]


def test_a_server_that_fails_takes_nothing():
    with serving() as (api_base, _):
        pass
    with allowances(api_base, "") as accounts:
        address, account = accounts.open("x", 50)
        assert ask(address)[0] == 502
    assert (account.written, account.grant(None, 1)) == (0, 50)


def test_a_call_waits_for_those_under_way_before_it_is_refused():
    account = Account(40)
    held = account.grant(30, 1)
    granted = []
    waits = threading.Thread(target=lambda: granted.append(account.grant(30, 1)))
    waits.start()
    account.settle(held, 5, 10)
    waits.join(10)
    assert granted == [30]


def test_the_draw_is_the_seeds_alone():
    tasks = [
        Task(
            instance_id=f"t{number}",
            repo="r",
            base_commit="c",
            problem_statement="",
            environment=EnvironmentSpec(),
        )
        for number in range(30)
    ]
    mixed = random.Random(1).sample(tasks, 30)
    assert drawn(tasks, 5, seed=3) == drawn(mixed, 5, seed=3) != drawn(tasks, 5, seed=4)


def outcome(name, way, outcome="unresolved", written=10):
    return {
        **{"instance_id": name, "package": name[0], "kind": "prose", "way": way, "patch": "p", "ended": []},
        **{"written": written, "read": 1, "calls": 1, "seconds": 1.0, "grade": {"outcome": outcome}},
    }


def test_rates_are_over_the_tasks_that_every_way_has_done():
    found = figures(
        [
            *(outcome(name, "ours", "resolved") for name in ("a1", "a2", "b1")),
            outcome("a1", "theirs", "resolved"),
            outcome("a2", "theirs", "not_evaluated"),
            outcome("c1", "theirs", written=99),
        ],
        ("ours", "theirs"),
        seed=0,
    )
    assert (found["n"], found["ways"]["ours"]["resolved"], found["ways"]["theirs"]["resolved"]) == (2, 2, 1)
    assert found["difference"]["ours minus theirs"]["value"] == 0.5
    assert found["ways"]["theirs"]["written_most"] == 10
    assert [task["theirs"]["outcome"] for task in found["tasks"]] == ["resolved", "not_evaluated"]


def test_figures_of_nothing_and_of_one_way_alone():
    assert figures([], ("ours", "theirs"), seed=0)["n"] == 0
    found = figures([outcome("a1", "theirs")], ("ours", "theirs"), seed=0)
    assert (found["n"], list(found["ways"])) == (1, ["theirs"])


def test_an_interval_says_something_of_none_of_twelve():
    low, high = wilson(0, 12)
    assert (low, high) == (0.0, pytest.approx(0.2425, abs=1e-4))
    assert [round(end, 3) for end in wilson(6, 12)] == [0.254, 0.746]
    assert wilson(0, 0) is None


SAYS = "THOUGHT: so.\n\n```mswea_bash_command\n{}\n```"


@needs_mini
def test_mini_swe_agent_works_in_the_sandbox_and_what_it_leaves_there_counts(shop, tmp_path):
    said = [
        SAYS.format("sed -i 's/prices\\[1:\\]/prices/' shop/price.py; echo x > patch.txt; pwd"),
        "no block at all",
        SAYS.format("echo never run"),
    ]
    with (
        serving(*said) as (api_base, asked),
        allowances(api_base, "") as accounts,
        Workbench(shop.base, shop.task, record=tmp_path / "executions.jsonl", lease=NoLease()) as bench,
    ):
        address, account = accounts.open("mini", 32)
        found = theirs.solve(shop.task, bench, address, temperature=0.2, seed=0)
    assert "+    for price in prices:" in found["patch"]
    assert found["commands"] == 1
    assert found["submission"] == ""
    assert "/testbed" in asked[1][1]["messages"][-1]["content"]
    assert asked[0][1]["temperature"] == 0.2
    assert account.refused >= 1
