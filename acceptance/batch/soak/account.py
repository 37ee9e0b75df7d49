"""What a soak has left, by its folder and the machine: decided once, paid once, voted alike, nothing left."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from acceptance.batch.kills import left_over
from acceptance.batch.soak.ground import Ground, lines_of
from acceptance.record import Record
from agent.trajectory.journal import paid, read_journal
from environments.record_file import read_lines
from swebench_runs.run_folder.store import Run

ENDED = 120.0
"""Seconds in which what cleans up after the last command must have ended."""
LOST_AT_ONCE = 2
"""Times the workers: what a kill, or a cut connection, can cost that was billed."""


def decided_once(record: Record, ground: Ground) -> None:
    """Check that every task is decided and every trajectory ended, each once."""
    run = Run.load(ground.run)
    names = [name for name in run.instances if run.decided(name)]
    predictions = json.loads((ground.run / "preds.json").read_text())
    record.check("every task is decided", len(names) == ground.tasks, f"{len(names)} of {ground.tasks}")
    record.check("and handed in once", sorted(predictions) == sorted(run.instances), f"{len(predictions)} predictions")
    marked = [name for name, one in predictions.items() if one.get("best_so_far")]
    record.check("no decision is a makeshift", not marked, f"{len(marked)} marked best_so_far")
    twice = [name for name in names if sum(event["event"] == "decided" for event in run.task(name).events()) > 1]
    record.check("no task is decided twice", not twice, ", ".join(twice) or "none")
    ends: Counter[int] = Counter()
    endings: Counter[str] = Counter()
    for name in run.instances:
        for path in run.task(name).journals():
            lines = read_lines(path)
            ends[sum(bool(line.get("final")) for line in lines)] += 1
            endings[str((lines[-1].get("ending") or {}).get("ending"))] += 1
    wanted = {1: ground.tasks * ground.each}
    record.check("every trajectory ends once", dict(ends) == wanted, f"final endings -> trajectories: {dict(ends)}")
    record.figures["endings"] = dict(endings)
    record.check("no trajectory ends by a fault", not {"model_error", "sandbox_error"} & endings.keys(), dict(endings))


def voted_alike(record: Record, ground: Ground) -> None:
    """Check that what a fault ended became nobody's outcome: the same test on the same tree did the same everywhere."""
    run = Run.load(ground.run)
    seen: dict[tuple[str, str, str], Counter[str]] = defaultdict(Counter)
    examples: dict[tuple[str, str, str], dict[str, str]] = defaultdict(dict)
    for name in run.instances:
        for line in read_lines(run.task(name).executions_path)[1:]:
            answer = line["answer"]
            told = json.dumps(answer.get("outcomes") or [answer.get("outcome"), answer.get("state")], sort_keys=True)
            key = (name.rpartition("-")[0], str(line.get("test")), str(line.get("patch")))
            seen[key][told] += 1
            examples[key].setdefault(
                told, f"{name}: {' '.join(str(answer.get('problem') or answer.get('output')).split())[-120:]}"
            )
    odd = {key: counts for key, counts in seen.items() if len(counts) > 1}
    rare = [
        text for key in odd for outcome, text in examples[key].items() if odd[key][outcome] < max(odd[key].values())
    ]
    record.figures["runs_of_tests"] = sum(counts.total() for counts in seen.values())
    record.check("no fault became an outcome", not odd, f"{len(rare)} odd: {'; '.join(rare[:3])}" if odd else "none")


@dataclass
class Accounts:
    """Both sides' word on every call, by its id."""

    asked: Counter[str]
    billed: dict[str, tuple[int, int]]
    sent: set[str]
    answered: dict[str, tuple[int, int]]
    failed: dict[str, str]
    journalled: tuple[int, int]
    """Tokens that the trajectories' records count."""

    @property
    def unanswered(self) -> set[str]:
        """Calls on record that never came to an end there."""
        return self.sent - self.answered.keys() - self.failed.keys()


def accounts(ground: Ground) -> Accounts:
    """Read both."""
    asked: Counter[str] = Counter()
    billed: dict[str, tuple[int, int]] = {}
    for line in lines_of(ground.folder / "billed.jsonl"):
        if line["event"] == "asked":
            asked[str(line["call"])] += 1
        else:
            billed[str(line["call"])] = _pair(line, "prompt", "completion")
    sent: set[str] = set()
    answered: dict[str, tuple[int, int]] = {}
    failed: dict[str, str] = {}
    tokens = [0, 0]
    run = Run.load(ground.run)
    for name in run.instances:
        folder = run.task(name)
        for line in read_lines(folder.calls_path):
            if "trajectory" in line:
                sent.add(line["call"])
            elif "usage" in line:
                answered[line["call"]] = _pair(line["usage"], "prompt_tokens", "completion_tokens")
            else:
                failed[line["call"]] = line["failed"]
        for path in (*folder.journals(), *folder.superseded()):
            for usage in (answer["usage"] for line in read_journal(path) for answer in paid(line)):
                tokens[0] += usage["prompt_tokens"]
                tokens[1] += usage["completion_tokens"]
    return Accounts(asked, billed, sent, answered, failed, (tokens[0], tokens[1]))


def _pair(line: dict[str, Any], *names: str) -> tuple[int, int]:
    first, second = (int(line.get(name, 0)) for name in names)
    return first, second


def equal_accounts(record: Record, ground: Ground, kills: int) -> None:
    """Check that calls and tokens are what the endpoint counted, call by call."""
    found = accounts(ground)
    billed_sum = tuple(map(sum, zip(*found.billed.values(), strict=True))) if found.billed else (0, 0)
    answered_sum = tuple(map(sum, zip(*found.answered.values(), strict=True))) if found.answered else (0, 0)
    lost = {call: tokens for call, tokens in found.billed.items() if call not in found.answered}
    lost_sum = tuple(map(sum, zip(*lost.values(), strict=True))) if lost else (0, 0)
    record.figures["calls"] = {
        **{"sent": len(found.sent), "asked_at_the_endpoint": found.asked.total(), "billed": len(found.billed)},
        **{"answered": len(found.answered), "failed": dict(Counter(found.failed.values()))},
        **{"under_way_at_a_kill": len(found.unanswered), "billed_and_lost": len(lost)},
        **{"tokens_billed": billed_sum, "tokens_answered": answered_sum, "tokens_lost": lost_sum},
        **{"tokens_in_trajectories": found.journalled},
    }
    record.check("no id is used twice", max(found.asked.values(), default=0) == 1, "once at the most")
    strangers = found.asked.keys() - found.sent
    record.check("every call that the endpoint saw is on record", not strangers, f"{len(strangers)} are not")
    wrong = [call for call, tokens in found.answered.items() if found.billed.get(call) != tokens]
    record.check("every answer on record is billed, with these tokens", not wrong, f"{len(wrong)} are not")
    unexplained = [call for call in lost if call not in found.failed and call not in found.unanswered]
    record.check("every other billed call is on record as failed or open", not unexplained, f"{len(unexplained)} not")
    record.check(
        "tokens billed are those of the answers and of the lost ones",
        billed_sum == tuple(map(sum, zip(answered_sum, lost_sum, strict=True))),
        f"{billed_sum} billed, {answered_sum} answered, {lost_sum} lost",
    )
    record.check(
        "trajectories count the answers' tokens",
        found.journalled == answered_sum,
        f"{found.journalled} in trajectories, {answered_sum} answered",
    )
    most = LOST_AT_ONCE * ground.workers * kills
    record.check(
        "calls are open by kills alone", len(found.unanswered) <= most, f"{len(found.unanswered)}, {kills} ends"
    )


def nothing_left(record: Record, ground: Ground, pids: Sequence[int], known: Sequence[int]) -> None:
    """Check, from outside, that no process, sandbox, control group, mount, container or temporary file is left."""
    processes = list(left_over.surviving_processes(known, grace=ENDED).values())
    mounts = [
        line
        for line in left_over.mounts_below(ground.folder)
        if line.split()[1] not in (str(ground.records), str(ground.sandboxes))
    ]
    temporary = sorted(path.name for path in ground.temporary.iterdir())
    everything = {
        **{"process": processes, "sandbox": left_over.state_folders(ground.state), "mount": mounts},
        **{"control group": left_over.control_groups(pids), "temporary file": temporary},
        "half-written file": [str(path) for path in ground.run.rglob(".*") if path.name not in (".lock", ".gitignore")],
    }
    for what, left in everything.items():
        record.check(f"no {what} is left", not left, f"{len(left)}: {'; '.join(left[:5])}" if left else "none")


def slope(looks: Sequence[tuple[float, float]]) -> float:
    """Return the least-squares slope of (x, y); 0 of fewer than two."""
    if len(looks) < 2:
        return 0.0
    middle_x = sum(x for x, _ in looks) / len(looks)
    middle_y = sum(y for _, y in looks) / len(looks)
    spread = sum((x - middle_x) ** 2 for x, _ in looks)
    return sum((x - middle_x) * (y - middle_y) for x, y in looks) / spread if spread else 0.0
