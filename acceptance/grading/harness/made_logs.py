"""Logs as each kind of runner writes them, of right, empty, wrong and tampered patches, with real rows' test names.

They stand beside logs of real runs, not for them: thousands of cases, every odd name of the data sets among them.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from acceptance.grading.harness.other_languages import RUNNERS
from environments.workbench.test_logs import Status
from swebench_runs.official import marks

Did = dict[str, Status]


@dataclass(frozen=True)
class MadeLog:
    """A log and what it is of."""

    kind: str
    text: str


def made_logs(reader: str, fail_to_pass: Sequence[str], pass_to_pass: Sequence[str], seed: int) -> list[MadeLog]:
    """Return one log of each kind for a row; ``reader``: the runner's name in ``workbench.test_logs``."""
    draw = random.Random(f"{seed} {reader} {fail_to_pass} {pass_to_pass}")
    right: Did = dict.fromkeys((*pass_to_pass, *fail_to_pass), Status.PASSED)
    base = right | dict.fromkeys(fail_to_pass, Status.FAILED)

    def changed(name: str, to: Status) -> Did:
        return right | {name: to}

    any_new = draw.choice(fail_to_pass) if fail_to_pass else draw.choice(pass_to_pass)
    any_old = draw.choice(pass_to_pass) if pass_to_pass else any_new
    behaviours: Mapping[str, Did] = {
        "gold": right,
        "empty": base,
        "partly": changed(any_new, Status.FAILED),
        "broke": changed(any_old, draw.choice([Status.FAILED, Status.ERROR])),
        "new_errors": changed(any_new, Status.ERROR),
        "new_skipped": right | dict.fromkeys(fail_to_pass, Status.SKIPPED),
        "old_skipped": changed(any_old, Status.SKIPPED),
        "expected_failure": changed(any_old, Status.XFAIL),
        "old_missing": {name: did for name, did in right.items() if name != any_old},
        "new_missing": {name: did for name, did in right.items() if name not in fail_to_pass},
        "nothing_ran": {},
    }
    write = _WRITERS[reader]
    logs = [MadeLog(kind, _whole(write(did, draw), did)) for kind, did in behaviours.items()]
    return [*logs, *_tampered(write, base, right, any_new, draw)]


def _tampered(
    write: Callable[[Did, random.Random], str], base: Did, right: Did, new: str, draw: random.Random
) -> list[MadeLog]:
    failing, passing = write(base, draw), write(right, draw)
    return [
        MadeLog("forged_lines", _whole(passing, base)),
        MadeLog("forged_end", _whole(f"{passing}\n{marks.END}\n{failing}", base)),
        MadeLog("forged_pair_before", f"{marks.START}\n{passing}\n{marks.END}\n" + _whole(failing, base)),
        MadeLog("forged_exit_code", _whole(f"{passing}\n{marks.EXIT_CODE}: 0", base)),
        MadeLog("half_a_status", _whole(f"{failing}\nPASSEDX {new}\n{new} XPASSED", base)),
        MadeLog("timed_out", _whole(failing, base) + marks.TESTS_TIMED_OUT),
        MadeLog("cut_off", f"{marks.START}\n{passing}"),
        MadeLog("no_marks", passing),
        MadeLog("carriage_returns", _whole(passing, right).replace("\n", "\r\n")),
    ]


TIGHTENED = frozenset({"forged_end", "forged_pair_before", "forged_exit_code", "half_a_status"})
"""Kinds of log towards which ours is stricter than either harness: it may say unresolved where they say resolved."""


def _whole(inside: str, did: Did) -> str:
    code = int(any(not status.passing and status is not Status.SKIPPED for status in did.values()))
    head = "HEAD is now at 1234567 base\n+ git status\nnothing to commit\n"
    return f"{head}+ : '{marks.START}'\n{inside}\n+ : '{marks.END}'\n{marks.EXIT_CODE}: {code}\n"


def _pytest(did: Did, draw: random.Random) -> str:
    lines = ["============= test session starts =============", "collected 5 items", "t/a.py .F.s [100%]"]
    lines += [f"{status} {name}{_message(status, draw)}" for name, status in _shuffled(did, draw)]
    lines += [f"SKIPPED [{draw.randint(1, 4)}] t/a.py:7: no network", "==== 3 passed, 1 failed in 0.10s ===="]
    return "\n".join(lines)


def _pytest_colours(did: Did, draw: random.Random) -> str:
    def line(name: str, status: Status) -> str:
        if draw.random() < 0.2:
            return f"{name} {status}"
        return f"\x1b[32m{status}\x1b[0m {name}{_message(status, draw)}"

    return "\n".join(line(name, status) for name, status in _shuffled(did, draw))


def _django(did: Did, draw: random.Random) -> str:
    ends = {
        Status.PASSED: ("ok",),
        Status.FAILED: ("FAIL",),
        Status.ERROR: ("ERROR",),
        Status.SKIPPED: ("skipped 'no database'",),
        Status.XFAIL: ("expected failure",),
    }
    lines = ["Testing against Django installed in '/testbed/django' with up to 2 processes"]
    for name, status in _shuffled(did, draw):
        end = draw.choice(ends[status])
        interrupted = status is Status.PASSED and draw.random() < 0.1
        lines += [f"{name} ... Some output", "of the test", end] if interrupted else [f"{name} ... {end}"]
    failed = [name for name, status in did.items() if status in (Status.FAILED, Status.ERROR)]
    lines += [f"{'FAIL' if did[name] is Status.FAILED else 'ERROR'}: {name}" for name in failed]
    return "\n".join([*lines, "-" * 70, f"Ran {len(did)} tests in 0.1s"])


def _sympy(did: Did, draw: random.Random) -> str:
    ends = {Status.PASSED: "ok", Status.FAILED: "F", Status.ERROR: "E", Status.SKIPPED: "s", Status.XFAIL: "f"}
    lines = [f"{name} {ends[status]}" for name, status in _shuffled(did, draw)]
    failed = [name for name, status in did.items() if status is Status.FAILED]
    titles = [f"{'_' * 10} sympy/core/tests/test_x.py:{name} {'_' * 10}" for name in failed]
    return "\n".join([*lines, *titles, "=== tests finished: 3 passed, 1 failed ==="])


def _seaborn(did: Did, draw: random.Random) -> str:
    return "\n".join(f"{status} {name}{_message(status, draw)}" for name, status in _shuffled(did, draw))


_WRITERS: Mapping[str, Callable[[Did, random.Random], str]] = {
    "pytest": _pytest,
    "pytest_options": _pytest,
    "matplotlib": _pytest,
    "pytest_v2": _pytest_colours,
    "seaborn": _seaborn,
    "django": _django,
    "sympy": _sympy,
    **{reader: runner.write for reader, runner in RUNNERS.items()},
}


def _message(status: Status, draw: random.Random) -> str:
    return draw.choice(["", " - assert 1 == 2", " - E: a - b - c"]) if status is Status.FAILED else ""


def _shuffled(did: Did, draw: random.Random) -> list[tuple[str, Status]]:
    items = list(did.items())
    draw.shuffle(items)
    return items
