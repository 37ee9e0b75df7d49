"""The tracer on every Python that is at hand: threads, children, forks, imports within a case, the failure."""

import importlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import agent.context.traces.inside as inside
from agent.context.traces.reading import Names, one_trace
from agent.context.traces.record import read_record
from environments.workbench.outcome import Outcome

FILES = {
    "pkg/__init__.py": (
        "from pkg.deep import deco\n\n\n"
        "@deco\n"
        "def total(prices):\n"
        "    result = 0\n"
        "    for price in prices[1:]:\n"
        "        result += price\n"
        "    return result\n\n\n"
        "class Box(object):\n"
        "    def fail(self):\n"
        "        local = [x for x in (3,)]\n"
        "        raise ValueError('odd', local)\n\n\n"
        "def by_thread(n):\n    return n\n\n\n"
        "def by_child(n):\n    return n\n\n\n"
        "def by_fork(n):\n    return n\n\n\n"
        "def never(n):\n    return n\n"
    ),
    "pkg/deep.py": (
        "def deco(f):\n    return f\n\n\ndef late():\n    import pkg.lazy\n    return pkg.lazy.helper(2)\n"
    ),
    "pkg/lazy.py": (
        "def helper(x):\n    return x + 1\n\n\ndef table():\n    return 1\n\n\nVALUE = helper(1) + table()\n"
    ),
}
CASE = (
    "import os, subprocess, sys, threading\nimport pkg\nfrom pkg.deep import late\n"
    "pkg.total([3, 4])\nlate()\n"
    "t = threading.Thread(target=pkg.by_thread, args=(1,)); t.start(); t.join()\n"
    "subprocess.check_call([sys.executable, '-c', 'import pkg; pkg.by_child(5)'])\n"
    "pid = os.fork()\n"
    "if not pid:\n    pkg.by_fork(2); os._exit(0)\n"
    "os.waitpid(pid, 0)\n"
    "try:\n    pkg.Box().fail()\nexcept ValueError:\n    os._exit(2)\n"
)
RUNNING = f"{sys.version_info.major}.{sys.version_info.minor}"
SCRIPTS = [path for path in Path(inside.__file__).parent.glob("*.py") if path.name != "__init__.py"]


def interpreters():
    """Return version -> interpreter, of those that this machine has."""
    found = {}
    for minor in ["2.7", *(f"3.{n}" for n in range(6, 15))]:
        pyenv = sorted(Path("~/.pyenv/versions").expanduser().glob(f"{minor}.*/bin/python"))
        path = str(pyenv[0]) if pyenv else shutil.which(f"python{minor}")
        if path:
            found[minor] = path
    return {RUNNING: sys.executable, **found}


FOUND = interpreters()


def traced(python, folder, seconds="30"):
    for name, text in FILES.items():
        (folder / "tree" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "tree" / name).write_text(text)
    (folder / "case.py").write_text(CASE)
    (folder / "trace").mkdir()
    for script in SCRIPTS:
        shutil.copy(script, folder / "trace")
    variables = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": f"{folder}/trace:{folder}/tree",
        "RUNOFF_TRACE_ROOT": f"{folder}/tree/",
        "RUNOFF_TRACE_TESTS": str(folder / "case.py"),
        "RUNOFF_TRACE_SECONDS": seconds,
    }
    done = subprocess.run([python, str(folder / "case.py")], env=variables, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (2, "")
    parts = sorted((folder / "trace").glob("out.*"), key=lambda path: int(path.suffix[1:]))
    record = read_record(b"".join(path.read_bytes() for path in parts))
    return one_trace(
        record, Names(lambda path: FILES[path].encode() if path in FILES else None), "t", Outcome.FAIL, seconds=0
    )


@pytest.mark.parametrize("version", FOUND)
def test_what_a_case_runs_is_told_whoever_runs_it(version, tmp_path):
    trace = traced(FOUND[version], tmp_path)
    assert (trace.python, trace.remarks) == (version, ())
    case = {one.name: one for one in trace.case}
    assert set(case) == {"total", "late", "helper", "by_thread", "by_child", "by_fork", "Box.fail"}
    assert "table" in {one.name for one in trace.functions if one.phase == "import"}
    assert case["total"].line == 4
    assert case["total"].lines == (6, 7, 8, 9)
    assert case["total"].examples[0].text == "(prices=[3, 4]) returned 4"
    assert case["helper"].lines == (2,)
    assert trace.functions[case["helper"].caller].name == "late"
    assert (case["Box.fail"].examples[0].raised, case["Box.fail"].depth) == ("ValueError", 1)
    assert (trace.failure.exception, trace.failure.message) == ("ValueError", "'odd', [3]")
    assert (trace.failure.frames[-1].path, trace.failure.frames[-1].line) == ("pkg/__init__.py", 15)
    assert trace.failure.frames[-1].variables["local"] == "[3]"


def test_a_trace_out_of_time_is_cut_and_says_so(tmp_path):
    trace = traced(FOUND[RUNNING], tmp_path, seconds="-1")
    assert "cut: time" in trace.remarks
    assert not {"Box.fail", "by_fork"} & {one.name for one in trace.case}
    assert json.loads(trace.model_dump_json())["outcome"] == "fail"


def test_a_function_is_followed_until_all_of_its_lines_were_seen(monkeypatch):
    monkeypatch.syspath_prepend(str(Path(inside.__file__).parent))
    lines = importlib.import_module("runoff_trace")._lines
    assert [lines(code) for code in (lines.__code__, (lambda: 1).__code__)] == [len(set(body(lines.__code__))), 0]


def body(code):
    """Return the lines of a function but its head."""
    return [line for *_, line in code.co_lines() if line is not None and line != code.co_firstlineno]
