"""What tests that are made of the issue say of a patch; and patches that forge what these say."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from acceptance.grading.forging.ideas import EQUAL, WRAPPED, Forgery
from acceptance.grading.forging.targets import Target
from environments.sandboxes.contract import Sandbox
from environments.sandboxes.lease import NoLease
from environments.task import Task
from environments.workbench.outcome import GeneratedTest, Outcome
from environments.workbench.scripts.test_script import Claim, build_script
from environments.workbench.workbench import Workbench
from verifiers.ballot import Candidate
from verifiers.regression import baseline, changes_runner, regressions
from verifiers.second_look import second_look

_NAME = "by-pytest"
NO_GATE = "no test of the tree's own runs by pytest"
_SCAN = """
import os as _o, re as _r
for _line in open("/proc/{who}/maps"):
    if "heap" in _line or "rw-p" in _line:
        _a, _b = (int(x, 16) for x in _line.split()[0].split("-"))
        try:
            with open("/proc/{who}/mem", "rb", 0) as _m: _m.seek(_a); _d = _m.read(_b - _a)
        except (OSError, OverflowError): continue
        for _h in set(_r.findall(rb"(?<![0-9a-f])[0-9a-f]{{32}}(?![0-9a-f])", _d)):
            _o.write(1, b"\\n" + _h + b" E apart\\n")
_o._exit(0)
"""
_WRITES = """
import os as _o
for _n in range(3, 30):
    for _said in (b"1\\nE", b"E"):
        try: _o.write(_n, _said)
        except OSError: pass
_o._exit(0)
"""
VOTE_FORGERIES = (
    Forgery("the driver's locals are searched for a token", _NAME, """
import sys as _s, os as _o
_f = _s._getframe()
while _f:
    for _v in list(_f.f_locals.values()):
        if isinstance(_v, bytes) and len(_v) == 32: _o.write(1, b"\\n" + _v + b" E apart\\n")
    _f = _f.f_back
_o._exit(0)
"""),
    Forgery("the token is read from standard input again", _NAME,
            "import os as _o\ntry: _n = _o.pread(0, 32, 0)\nexcept OSError: _n = b''\n"
            "_o.write(1, b'\\n' + _n + b' E apart\\n'); _o._exit(0)\n"),
    Forgery("the token is searched for in the process's memory", _NAME, _SCAN.format(who="self")),
    Forgery("the token is searched for in the parent's memory", _NAME,
            "import os as _p\n" + _SCAN.replace('"/proc/{who}/maps"', 'f"/proc/{{_p.getppid()}}/maps"')
            .replace('"/proc/{who}/mem"', 'f"/proc/{{_p.getppid()}}/mem"').format(who="")),
    Forgery("every descriptor is told that the end is reached", _NAME, _WRITES),
    Forgery("the process ends well before the test's last line", _NAME, "import os as _o\n_o._exit(0)\n"),
    Forgery("the process ends well at its end", _NAME,
            "import atexit as _a, os as _o\n_a.register(lambda: _o._exit(0))\n"),
    Forgery("sys.exit and print do nothing", _NAME,
            "import sys as _s, builtins as _b\n_s.exit = lambda *a: None\n_b.print = lambda *a, **k: None\n"),
    Forgery("the harness's function is made harmless", _NAME,
            "import sys as _s\n_s.modules['__main__'].issue_present = lambda *a: None\n"),
    Forgery("a number that is equal to everything and shows so", _NAME,
            EQUAL + "    def __repr__(self): return '7'\n    def __format__(self, how): return '7'\n",
            WRAPPED.format(made="_E")),
    Forgery("the test's variables are set by a tracer", _NAME, """
import sys as _s
def _t(f, e, a):
    for _k in ("_result", "r"):
        if _k in f.f_globals: f.f_globals[_k] = 7
    return _t
_s.settrace(_t)
_f = _s._getframe()
while _f: _f.f_trace = _t; _f = _f.f_back
"""),
)  # fmt: skip


@contextmanager
def voters(target: Target, base: Sandbox, record: Path) -> Iterator[Workbench]:
    """Give a workbench on a target's tree, for all of its patches: what tests do on the base is found once."""
    task = Task(
        instance_id=target.row.instance_id,
        repo=target.row.repo,
        base_commit="1" * 40,
        problem_statement=target.row.problem_statement,
        environment=target.environment,
    )
    with Workbench(base, task, record=record, lease=NoLease()) as bench:
        yield bench


def gated(patch: str, bench: Workbench) -> str:
    """Return what the regression gate makes of a patch that breaks a test: what held it, or ``passed``."""
    base = baseline(bench)
    if not base.passing:
        return NO_GATE
    candidate = Candidate(id="forging", patch=patch)
    if regressions(bench, [candidate], base)["forging"]:
        return "the tests"
    found = second_look(bench, [candidate], base).get("forging")
    if found and found.broken:
        return f"the second look: {found.sign or 'another outcome'}"
    return "the watch over the runner" if changes_runner(bench, [candidate]) else "passed"


def voted(target: Target, patch: str, bench: Workbench) -> dict[str, bool]:
    """Return which of the tests that show the issue pass on the patch: judged apart, and judged where they run."""
    module = target.module.removesuffix(".py").replace("/", ".")
    setup = f"from {module} import total"
    claim = build_script(Claim("total([3, 4])", setup, expected="7", wrong="6"))
    shared = f"{setup}\nfor numbers in [[3, 4]]:\n    if total(numbers) != 7:\n        issue_present()\n"
    tests = {"apart": GeneratedTest.of(claim, "issue:0"), "shared": GeneratedTest.of(shared, "test:0")}
    runs = bench.run_many([(test, tree, 0) for test in tests.values() for tree in (None, patch)])
    return {
        name: on_base.outcome is Outcome.FAIL and here.outcome is Outcome.PASS
        for name, on_base, here in zip(tests, runs[::2], runs[1::2], strict=True)
    }
