"""One side of ``acceptance.sandboxes.cost``: times forks and cells of one revision, in a process of its own.

python cost_probe.py ROOT LAYER FOLDER: ROOT holds that revision's packages; each line of standard input names a way
and a number, and is answered by a line of JSON: milliseconds of each, and of processor time for each on average.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

root, layer, folder = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
sys.path.insert(0, root)
OLD = (Path(root) / "environments" / "script_runner.py").exists()
"""The revision has these modules where they were before, and scripts that end by an exit code."""
if OLD:
    from environments.bubblewrap import BubblewrapSandbox, host_root  # type: ignore[import-not-found]
    from environments.lease import NoLease  # type: ignore[import-not-found]
    from environments.outcome import GeneratedTest, Outcome  # type: ignore[import-not-found]
    from environments.script_runner import run_script  # type: ignore[import-not-found]

    from environments.workbench import Workbench  # type: ignore[attr-defined]
else:
    from environments.sandboxes.bubblewrap import BubblewrapSandbox, host_root
    from environments.sandboxes.lease import NoLease
    from environments.workbench.outcome import GeneratedTest, Outcome
    from environments.workbench.scripts.script_runner import run_script
    from environments.workbench.workbench import Workbench
from environments.task import EnvironmentSpec, Task  # noqa: E402 - by the same root

ENDS = "raise SystemExit(2)" if OLD else "issue_present()"
WHOLE = "from m import double\nfor number in [2]:\n    if double(number) != 4:\n        raise SystemExit(2)\n"
JUDGED = f"from m import double\nresult = double(2)\nif result != 4:\n    {ENDS}\n"
CANDIDATES = 5


def _processor_ms() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used) * 1000


def _command(base: Any) -> None:
    with base.fork() as fork:
        assert fork.run(["/bin/true"]).exit_code == 0


def _script(source: str) -> Callable[[Any], None]:
    def act(base: Any) -> None:
        with base.fork() as fork:
            done = run_script(fork, GeneratedTest.of(source, "test:0"), EnvironmentSpec(), timeout=60.0)
        assert done.outcome is Outcome.PASS, done

    return act


def _patch(number: int) -> str:
    return (
        "diff --git a/m.py b/m.py\n--- a/m.py\n+++ b/m.py\n@@ -1,2 +1,3 @@\n def double(x):\n     return x + x\n"
        f"+NUMBER = {number}\n"
    )


def _cells(base: Any, count: int) -> list[float]:
    """Return what each cell took of a vote by one worker, once the patched trees stand."""
    task = Task(instance_id="cost-1", repo="cost", base_commit="1" * 40, problem_statement="It is slow.")
    record = folder / f"cells-{time.monotonic_ns()}.jsonl"
    patches = [_patch(number) for number in range(CANDIDATES)]
    with Workbench(base, task, record=record, lease=NoLease(), workers=1, test_timeout=60.0) as bench:
        bench.run_many([(GeneratedTest.of(JUDGED, "test:first"), patch, 0) for patch in patches])
        tests = [GeneratedTest.of(f"{JUDGED}# {number}\n", f"test:{number}") for number in range(count // CANDIDATES)]
        began = time.perf_counter()
        done = bench.run_many([(test, patch, 0) for test in tests for patch in patches])
        took = (time.perf_counter() - began) * 1000
    assert all(one.outcome is Outcome.PASS for one in done), done
    return [took / len(done)] * len(done)


WAYS = {"fork_and_true": _command, "fork_and_script": _script(WHOLE), "fork_and_judged_script": _script(JUDGED)}


def _timed(base: Any, way: str, count: int) -> dict[str, Any]:
    before = _processor_ms()
    if way == "cell_of_a_vote":
        times = _cells(base, count)
    else:
        times = []
        for _ in range(count):
            began = time.perf_counter()
            WAYS[way](base)
            times.append((time.perf_counter() - began) * 1000)
    return {"ms": times, "processor_ms": (_processor_ms() - before) / count}


def main() -> None:
    """Answer line by line until the input ends."""
    with BubblewrapSandbox.create([layer], root=host_root(), run_id="cost") as base:
        _command(base)
        print("ready", flush=True)
        for line in sys.stdin:
            way, count = line.split()
            print(json.dumps(_timed(base, way, int(count))), flush=True)


if __name__ == "__main__":
    main()
