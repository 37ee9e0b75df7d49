"""Runs the trajectories twice, half of them by each scaffold: undisturbed, and killed half way and started again."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from acceptance.models.endpoint.hostile_server import HostileServer
from acceptance.models.endpoint.run_it import TASKS
from acceptance.record import ROOT, Record, recording
from agent.trajectory.journal import paid, read_journal

TRAJECTORIES, WORKERS, SEED = 200, 32, 20261128
LIMIT = 1500.0
"""Seconds after which a run counts as stuck."""
SETTINGS: dict[str, Any] = {
    **{"model": "openai/hostile", "tests": 0, "turns": 6, "runoff_turns": 0, "judge": "off", "early_stop": "false"},
    **{"workers": WORKERS, "call_seconds": 20, "retry_seconds": 600},
    **{"price.policy": "table", "price.input_per_million": 1, "price.output_per_million": 2},
}


@dataclass(frozen=True)
class OnRecord:
    """What the run's folder says."""

    endings: Counter[str]
    """Of the trajectories that are over, by their words."""
    answers: int
    prompt: int
    completion: int
    cost: float
    attributed: int
    """Endings for the endpoint's sake that name the endpoint."""


def on_record(folder: Path) -> OnRecord:
    """Read every trajectory's record."""
    endings: Counter[str] = Counter()
    spent: list[dict[str, Any]] = []
    attributed = 0
    for path in sorted(folder.glob("run/tasks/*/trajectories/edit-*.jsonl")):
        lines = read_journal(path)
        spent += [one for line in lines for one in paid(line)]
        last = lines[-1].get("ending")
        if last:
            endings[str(last["ending"])] += 1
            attributed += last["ending"] == "model_error" and "openai/hostile" in last["why"]
    usage = [one["usage"] for one in spent]
    return OnRecord(
        endings,
        len(spent),
        sum(one["prompt_tokens"] for one in usage),
        sum(one["completion_tokens"] for one in usage),
        sum(one["cost"] or 0.0 for one in spent),
        attributed,
    )


def start(folder: Path, server: HostileServer, scaffold: str, trajectories: int) -> subprocess.Popen[bytes]:
    """Start the run, or go on with it."""
    each = {"trajectories": trajectories // TASKS, "scaffold": scaffold, "api_base": server.address}
    profile = folder / "profile.yaml"
    profile.write_text("profile: {match: ['*hostile*'], tools: true, context_tokens: 100000}\n")
    words = [*(f"{key}={value}" for key, value in {**SETTINGS, **each}.items()), str(profile)]
    with (folder / "log.txt").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "acceptance.models.endpoint.run_it", str(folder), *words],
            cwd=ROOT,
            env={**os.environ, "RUNOFF_STATE": str(folder / "s"), "OPENAI_API_KEY": "none"},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )


def finish(process: subprocess.Popen[bytes]) -> int | None:
    """Wait for the end; None where it is stuck."""
    with suppress(subprocess.TimeoutExpired):
        return process.wait(timeout=LIMIT)
    process.kill()
    process.wait()
    return None


def undisturbed(record: Record, place: Path, scaffold: str, trajectories: int) -> None:
    """Run once to the end, and compare the two accounts."""
    began = time.monotonic()
    with HostileServer(SEED) as server:
        code = finish(start(place, server, scaffold, trajectories))
        server.settle()
    found, name = on_record(place), f"{scaffold}, undisturbed"
    prompt, completion = server.tokens()
    log = (place / "log.txt").read_text(errors="replace")
    record.figures[name] = {
        **{"seconds": round(time.monotonic() - began, 1), "requests": server.asked, "at_once": server.most_live},
        **{"mischief": dict(server.mischief.most_common()), "answers_given": len(server.given)},
        **{"answers_on_record": found.answers, "endings": dict(found.endings), "log_lines": len(log.splitlines())},
    }
    ended = found.endings.total()
    record.check(f"{name}: none lost, none stuck", code == 0 and ended == trajectories, f"exit {code}, {ended} ended")
    record.check(
        f"{name}: every paid answer is counted once",
        (found.prompt, found.completion) == (prompt, completion),
        f"{found.prompt} + {found.completion} tokens on record, {prompt} + {completion} by the server's account",
    )
    dollars = prompt / 1e6 + 2 * completion / 1e6
    record.check(f"{name}: and paid once", abs(found.cost - dollars) < 1e-9, f"{found.cost:.6f} $ of {dollars:.6f} $")
    errors = found.endings["model_error"]
    record.check(f"{name}: failures are the endpoint's", errors == found.attributed, f"{found.attributed} of {errors}")
    record.check(f"{name}: no traceback", "Traceback" not in log, log[-200:] if "Traceback" in log else "none")
    again = server.asked_again()
    record.check(f"{name}: nothing is asked for twice", again == 0, f"{again} answers to what had been answered")


def killed(record: Record, place: Path, scaffold: str, trajectories: int) -> None:
    """Kill it half way, and start it again."""
    with HostileServer(SEED + 1) as server:
        process = start(place, server, scaffold, trajectories)
        deadline = time.monotonic() + LIMIT
        while process.poll() is None and len(server.given) < trajectories // 2 and time.monotonic() < deadline:
            time.sleep(0.02)
        process.kill()
        struck = process.wait() == -9
        server.settle()
        lost = len(server.given) - on_record_answers(server, place)
        code = finish(start(place, server, scaffold, trajectories))
        server.settle()
    found, name = on_record(place), f"{scaffold}, killed"
    again, ended = server.asked_again(), found.endings.total()
    missing = sum(server.tokens()) - found.prompt - found.completion
    record.figures[name] = {
        **{"requests": server.asked, "answers_given": len(server.given), "lost_at_the_kill": lost},
        **{"asked_again": again, "endings": dict(found.endings)},
    }
    record.check(f"{name}: the kill struck", struck, "kill -9")
    record.check(f"{name}: none lost, none stuck", code == 0 and ended == trajectories, f"exit {code}, {ended} ended")
    record.check(f"{name}: only what was on its way is lost", 0 <= lost <= 2 * WORKERS, f"{lost} answers")
    record.check(f"{name}: nothing on record is asked for twice", again <= lost, f"{again} again, {lost} lost")
    record.check(
        f"{name}: all other answers are counted once",
        (missing == 0) == (lost == 0) and found.answers <= len(server.given),
        f"{missing} tokens of {lost} lost answers are not on record",
    )


def on_record_answers(server: HostileServer, place: Path) -> int:
    """Return how many of the server's answers the record holds: several without choices may be one entry."""
    left = sum(server.tokens()) - on_record(place).prompt - on_record(place).completion
    mean = sum(server.tokens()) / max(1, len(server.given))
    return len(server.given) - round(left / mean)


def half_and_half(trajectories: int) -> str:
    """Return the mix of a task: half of its trajectories by each scaffold. The mix says how many there are."""
    each = trajectories // TASKS
    return f"edit-and-test={each - each // 2},tools={each // 2}"


def main() -> None:
    """Measure a run that mixes the scaffolds, or one scaffold alone."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--trajectories", type=int, default=TRAJECTORIES)
    options.add_argument("--scaffold", action="append", help="instead of half by each; may be given several times")
    given = options.parse_args()
    with recording(Record("endpoint", n=given.trajectories, unit="trajectories", seed=SEED)) as record:
        record.figures |= {"workers": WORKERS, "settings": {key: str(value) for key, value in SETTINGS.items()}}
        for scaffold in given.scaffold or (half_and_half(given.trajectories),):
            for story in (undisturbed, killed):
                with tempfile.TemporaryDirectory(prefix="re") as name:
                    story(record, Path(name), scaffold, given.trajectories)


if __name__ == "__main__":
    main()
