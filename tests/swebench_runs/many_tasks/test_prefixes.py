"""What every request of a task begins with stays the same to the byte from turn to turn, or no cache can hold it.

Seen on the wire, after litellm: a server on loopback keeps what it was sent, a header says whose call it was.
"""

import io
import json
import sys
from collections import defaultdict
from itertools import pairwise
from os.path import commonprefix
from pathlib import Path

import pytest
from rich.console import Console

from environments.task import EnvironmentSpec, Task
from swebench_runs.config import load
from swebench_runs.many_tasks.running import run_tasks
from swebench_runs.one_task.ground.base_sandbox import laid, lay
from swebench_runs.run_folder.store import Run

sys.path.insert(0, str(Path(__file__).parents[2] / "agent"))
from model_endpoint import Endpoint, answer

KEYS = (
    *("model=openai/scripted", "trajectories=2", "tests=0", "turns=4", "runoff_turns=0", "judge=off"),
    *("early_stop=false", "workers=1", "affinity_header=X-Session-ID"),
)


@pytest.fixture
def endpoint(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "none")
    served = Endpoint()
    yield served
    served.over.set()
    served.shutdown()
    served.server_close()


def by_tools(request):
    """Look, change a file, hand in and confirm, one call an answer."""
    done = sum(message["role"] == "tool" for message in request["messages"])
    name, arguments = [
        ("bash", {"command": "ls"}),
        ("bash", {"command": f"echo 'A = {request.get('seed', 0)}' > made.py"}),
        ("submit", {}),
        ("submit", {}),
    ][min(done, 3)]
    body = answer("")
    call = {"id": f"c{done}", "type": "function", "function": {"name": name, "arguments": json.dumps(arguments)}}
    body["choices"][0]["message"] |= {"content": None, "tool_calls": [call]}
    return 200, body


def by_words(request):
    """Make another file at every turn."""
    number = len(request["messages"]) * 10 + request.get("seed", 0) % 10
    return 200, answer(f"made_{number}.py\n<<<<<<< SEARCH\n=======\nANSWER = {number}\n>>>>>>> REPLACE\n")


@pytest.mark.parametrize(("scaffold", "play"), [("edit-and-test", by_words), ("tools", by_tools)])
def test_every_request_begins_with_the_one_before_it(endpoint, tmp_path, scaffold, play):
    endpoint.play = play
    (tmp_path / "source/tests").mkdir(parents=True)
    (tmp_path / "source/m.py").write_text("def f():\n    return 1\n")
    (tmp_path / "source/tests/test_m.py").write_text("from m import f\n\n\ndef test_f():\n    assert f() == 1\n")
    commit = lay(tmp_path / "source", tmp_path / "layer")
    spec = EnvironmentSpec(packages=("pytest>=8.4",))
    task = Task(instance_id="one", repo="m", base_commit=commit, problem_statement="f is wrong.", environment=spec)
    (tmp_path / "own.yaml").write_text("profile: {match: ['*scripted'], tools: true, context_tokens: 50000}\n")
    config = load([*KEYS, f"scaffold={scaffold}", f"api_base={endpoint.url}", str(tmp_path / "own.yaml")])
    with Run.start(tmp_path / "run", config, [task]) as run:
        run_tasks(run, [task], laid(lambda task, layer: lay(tmp_path / "source", layer)), Console(file=io.StringIO()))

    turns = defaultdict(list)
    for headers, request in zip(endpoint.headers, endpoint.requests, strict=True):
        turns[headers["x-session-id"]].append(request)
    edits = {name: asked for name, asked in turns.items() if "/edit-" in name}
    assert len(edits) == 2
    assert all(len(asked) >= 3 for asked in edits.values())
    for asked in turns.values():
        for before, after in pairwise(asked):
            assert prefix(after, len(before["messages"])) == prefix(before)
    first, second = (asked[0]["messages"] for asked in edits.values())
    assert first[0] == second[0]
    shared = commonprefix([first[1]["content"], second[1]["content"]])  # noqa: RUF071 - what they are told apart by comes last
    assert "f is wrong." in shared
    assert len(shared) > 0.8 * len(first[1]["content"])


def judging(request):
    """Three changes as above; as a judge, letters."""
    text = request["messages"][-1]["content"]
    return (200, answer("FIRST: C\nSECOND: F")) if "# Two proposed changes" in text else by_words(request)


def test_most_of_what_a_judge_by_a_strong_model_s_profile_is_sent_was_sent_before(endpoint, tmp_path):
    endpoint.play = judging
    (tmp_path / "source/tests").mkdir(parents=True)
    functions = "\n\n".join(f"def f{n}(value):\n    return value + {n}  # one of many" for n in range(120))
    (tmp_path / "source/m.py").write_text(functions + "\n")
    (tmp_path / "source/tests/test_m.py").write_text("from m import f1\n\n\ndef test_f():\n    assert f1(1) == 2\n")
    commit = lay(tmp_path / "source", tmp_path / "layer")
    spec = EnvironmentSpec(packages=("pytest>=8.4",))
    task = Task(instance_id="one", repo="m", base_commit=commit, problem_statement="f1 is wrong.", environment=spec)
    strong = "{match: ['*scripted'], tools: true, scaffold: edit-and-test, context_tokens: 200000, judge_draws: 2}"
    (tmp_path / "own.yaml").write_text(f"profile: {strong}\n")
    keys = [key for key in KEYS if not key.startswith(("judge", "trajectories"))]
    own = [f"api_base={endpoint.url}", "judge=pairwise", "trajectories=3", "turns=1"]
    config = load([*keys, *own, str(tmp_path / "own.yaml")])
    with Run.start(tmp_path / "run", config, [task]) as run:
        run_tasks(run, [task], laid(lambda task, layer: lay(tmp_path / "source", layer)), Console(file=io.StringIO()))

    every = [json.dumps(one["messages"]) for one in endpoint.requests]
    sent = list(dict.fromkeys(text for text in every if "# Two proposed" in text))  # further draws of one are the same
    assert len(sent) == 6 * 3, "three candidates, six meetings, three criteria"
    before = [max((len(commonprefix([one, other])) for other in sent[:at]), default=0) for at, one in enumerate(sent)]  # noqa: RUF071
    assert sum(before) / sum(map(len, sent)) > 0.75


def prefix(request, messages=None):
    """Return the bytes of what a vendor's cache goes by: the tools, then the messages in order."""
    return json.dumps([request.get("tools"), request["messages"][:messages]])
