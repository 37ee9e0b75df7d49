"""A small task that is real everywhere but in its size: a git tree, a bubblewrap sandbox, a workbench."""

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, settings
from waiting import until

from environments.sandboxes.lease import NoLease
from environments.task import EnvironmentSpec, Task
from environments.trees.worktree import one_commit
from environments.workbench.environment_sandbox import environment_sandbox
from environments.workbench.tests_at_once import TURNS
from environments.workbench.workbench import Workbench
from verifiers import second_look

# How long an example takes says how busy the machine is, and nothing of the code.
settings.register_profile("runoff", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("runoff")

_LONGEST_FILES = (
    "test_pipeline.py",
    "test_strong_pipeline.py",
    "test_tools_wrecked.py",
    "test_kill.py",
    "test_fix_run.py",
    "test_executed.py",
)
"""Test files that take minutes: files are given out whole, and one that begins last keeps the others waiting."""


def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: item.path.name not in _LONGEST_FILES)


@pytest.fixture(autouse=True)
def one_second_look(request, monkeypatch):
    """Short suites are looked at twice; but for the tests of that, once shows as much, in half of the time."""
    if request.path.name != "test_second_look.py":
        monkeypatch.setattr(second_look, "SHORT", 0.0)


FILES = {
    "shop/__init__.py": "from shop.price import total, discount\n",
    "shop/price.py": (
        "def total(prices):\n"
        '    """Add prices up."""\n'
        "    result = 0\n"
        "    for price in prices[1:]:\n"
        "        result += price\n"
        "    return result\n"
        "\n\n"
        "def discount(price, percent):\n"
        "    return price - price * percent / 100\n"
    ),
    "tests/test_price.py": (
        "from shop import discount, total\n\n"
        "def test_discount():\n    assert discount(200, 10) == 180\n\n"
        "def test_total_of_nothing():\n    assert total([]) == 0\n"
    ),
}
STATEMENT = """`total` loses the first price.

```python
>>> from shop import total
>>> total([3, 4])
4
```

Expected: 7
"""
SPEC = EnvironmentSpec(
    packages=("pytest==8.4.2", "iniconfig==2.1.0", "pluggy==1.6.0", "packaging==25.0", "pygments==2.19.2")
)


@pytest.fixture(scope="session")
def shop(tmp_path_factory):
    """The task, its base sandbox and its files."""
    folder = tmp_path_factory.mktemp("shop")
    for name, text in FILES.items():
        (folder / "source" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "source" / name).write_text(text)
    (folder / "layer").mkdir()
    head = one_commit(folder / "source", folder / "layer" / "testbed")
    task = Task(instance_id="shop-1", repo="shop", base_commit=head, problem_statement=STATEMENT, environment=SPEC)
    with environment_sandbox(folder / "layer", SPEC, run_id="test") as base:
        yield SimpleNamespace(task=task, base=base, files={name: text.encode() for name, text in FILES.items()})


@pytest.fixture
def bench(shop, tmp_path):
    """A workbench with a record of its own."""
    with Workbench(shop.base, shop.task, record=tmp_path / "executions.jsonl", lease=NoLease()) as bench:
        yield bench


@pytest.fixture
def all_turns_taken():
    """Every turn of the process to run a test is held, until the test says ``let_go``."""
    let_go, holding = threading.Event(), threading.Barrier(TURNS.count + 1)

    def hold():
        with TURNS.turn():
            holding.wait()
            let_go.wait()

    with ThreadPoolExecutor(TURNS.count) as pool:
        for _ in range(TURNS.count):
            pool.submit(hold)
        holding.wait()
        try:
            yield SimpleNamespace(let_go=let_go.set, until_waiting=lambda count: until(lambda: TURNS.waiting == count))
        finally:
            let_go.set()


@pytest.fixture
def scripted_endpoint():
    """The address of a running scripted server, as OPENAI_API_BASE wants it."""
    command = [sys.executable, str(Path(__file__).parent / "scripted_server.py")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        yield server.stdout.readline().strip()
        server.communicate()
