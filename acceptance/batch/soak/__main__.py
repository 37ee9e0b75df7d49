"""``make acceptance-soak``: 2,000 trajectories with a fault every few seconds, drawn by seed. As root.

``runoff run`` with a scripted model behind a real endpoint that counts, real bubblewrap sandboxes, a suite of a second;
its run folder and its sandboxes lie on small file systems of their own. The first part meets every fault; in the second
the command is left alive, so that its memory can be followed. In the end, read from outside: every task decided once,
nothing lost, doubled or left, and calls and tokens equal to what the endpoint counted.

Goes on where it was cut off, in the same ``--folder``.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import sys
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from acceptance.batch.kills import left_over
from acceptance.batch.soak import account
from acceptance.batch.soak.faults import ENDING, NotStruck, Scene, drawn
from acceptance.batch.soak.ground import Ground, lines_of
from acceptance.batch.soak.sittings import Driver, Endpoint
from acceptance.record import ROOT, Record, recording

SEED = 20261130
STRUCK = 0.6
"""Of the tasks, the first, in which the command itself is killed too."""
SITTINGS_WITHOUT = 6
"""Sittings in a row that decide nothing: then it is stuck."""
PEACE = 0.05
"""Of the tasks, the last, that are left in peace: what is retried must get its turn."""


def main() -> None:
    """Soak."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--trajectories", type=int, default=2000)
    options.add_argument("--each", type=int, default=8, help="trajectories of a task")
    options.add_argument("--workers", type=int, default=8)
    options.add_argument("--every", type=float, default=4.0, help="seconds between two faults, on average")
    options.add_argument("--seed", type=int, default=SEED)
    options.add_argument("--folder", type=Path, default=ROOT / "runs" / "soak", help="kept until it has passed")
    given = options.parse_args()
    if os.geteuid() != 0:
        sys.exit("acceptance soak: small file systems are mounted: run it as root")
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit("acceptance soak: ended; the same command goes on"))
    ground = Ground(given.folder.resolve(), max(1, given.trajectories // given.each), given.each, given.workers)
    if (ground.folder / "asked.json").exists():
        _assert_same(ground, given.seed)
    ground.make()
    (ground.folder / "asked.json").write_text(json.dumps(_asked(ground, given.seed)))
    record = Record("soak", n=ground.tasks * ground.each, unit="trajectories", seed=given.seed)
    with ExitStack() as held:
        held.enter_context(recording(record))
        held.enter_context(left_over.adopting_orphans())
        held.enter_context(ground.mounted())
        endpoint = held.enter_context(Endpoint(ground.folder))
        soak = Soak(ground, endpoint, given.seed, given.every)
        soak.run(record)
        soak.judge(record)
    shutil.rmtree(ground.folder)


def _asked(ground: Ground, seed: int) -> dict[str, int]:
    return {"tasks": ground.tasks, "each": ground.each, "workers": ground.workers, "seed": seed}


def _assert_same(ground: Ground, seed: int) -> None:
    before = json.loads((ground.folder / "asked.json").read_text())
    if before != _asked(ground, seed):
        sys.exit(f"acceptance soak: {ground.folder} holds another one ({before}): remove it, or name another --folder")


class Soak:
    """One soak, from wherever it stands to its end."""

    def __init__(self, ground: Ground, endpoint: Endpoint, seed: int, every: float) -> None:
        self._ground = ground
        self._endpoint = endpoint
        self._seed = seed
        self._every = every
        self._driver = Driver(ground, endpoint.address)
        self._log = ground.folder / "faults.jsonl"

    @property
    def faults(self) -> list[dict[str, Any]]:
        """What has struck so far, in this and earlier goes."""
        return lines_of(self._log)

    def run(self, record: Record) -> None:
        """Go on until every task is decided; then give the command once more in peace."""
        with self._driver as driver:
            if not driver.ground.run.exists():
                driver.ground.run.mkdir()
            self._strike_until(int(STRUCK * self._ground.tasks), gentle=False)
            self._strike_until(int((1 - PEACE) * self._ground.tasks), gentle=True)
            self._finish()
            before = (self._ground.folder / "billed.jsonl").stat().st_size
            driver.ensure()
            code = driver.ended(600)
            asked = (self._ground.folder / "billed.jsonl").stat().st_size - before
            record.check("the same command again ends well, and asks nothing", code == 0 and not asked, f"exit {code}")
        with (self._ground.folder / "pids.jsonl").open("a") as out:
            out.write("".join(f"{json.dumps({'pid': pid})}\n" for pid in driver.pids))
        record.figures["exit_codes"] = dict(Counter(map(str, driver.exits)))

    def _strike_until(self, decided: int, *, gentle: bool) -> None:
        driver, number = self._driver, len(self.faults)
        scene = Scene(driver, self._endpoint, random.Random(f"{self._seed} {number}"))
        faults = drawn(f"{self._seed} {number}", gentle=gentle)
        fruitless = 0
        while (now := driver.decided()) < decided:
            if driver.ensure():
                fruitless += 1
            time.sleep(max(0.5, scene.chance.expovariate(1 / self._every)))
            if not driver.alive:
                continue
            fault = next(faults)
            began, at = time.monotonic(), driver.log.stat().st_size
            try:
                wrong = fault(scene)
            except NotStruck:
                continue
            self._put(fault.__name__, began, now, wrong, driver.said(at))
            fruitless = 0 if driver.decided() > now else fruitless
            if fruitless > 4 * SITTINGS_WITHOUT:
                raise RuntimeError(f"{fruitless} sittings in a row decided nothing: see {driver.log}")

    def _finish(self) -> None:
        driver, fruitless = self._driver, 0
        while (now := driver.decided()) < self._ground.tasks and fruitless < SITTINGS_WITHOUT:
            driver.ensure()
            while driver.ended(5.0) is None and driver.alive:
                pass
            fruitless = 0 if driver.decided() > now else fruitless + 1
        driver.ended(600)

    def _put(self, fault: str, began: float, decided: int, wrong: str, said: str) -> None:
        line = {
            **{"fault": fault, "seconds": round(time.monotonic() - began, 1), "decided": decided, "wrong": wrong},
            **{"sitting": len(self._driver.pids), "traceback": "Traceback" in said, "said": said[-600:]},
        }
        print(f"{decided}/{self._ground.tasks} {fault}{': ' + wrong if wrong else ''}", flush=True)
        with self._log.open("a") as out:
            out.write(json.dumps(line) + "\n")

    def judge(self, record: Record) -> None:
        """Read what it has left."""
        faults, log = self.faults, self._driver.log.read_text(errors="replace")
        kinds = Counter(str(one["fault"]) for one in faults)
        ends = [kind.__name__ for kind in ENDING]
        record.figures |= {
            **{"tasks": self._ground.tasks, "each": self._ground.each, "workers": self._ground.workers},
            "faults": dict(kinds),
        }
        wrong = [f"{one['fault']}: {one['wrong']}" for one in faults if one["wrong"]]
        record.check("every fault was met as it should be", not wrong, f"{len(wrong)}: {'; '.join(wrong[:4])}")
        record.check("no traceback", "Traceback" not in log and "a bug in Runoff" not in log, _around(log))
        account.decided_once(record, self._ground)
        account.voted_alike(record, self._ground)
        account.equal_accounts(record, self._ground, sum(kinds[kind] for kind in ends) + 1)
        pids = [int(line["pid"]) for line in lines_of(self._ground.folder / "pids.jsonl")]
        known = [self._endpoint.process.pid] if self._endpoint.process else []
        account.nothing_left(record, self._ground, pids, known)
        _growth(record, lines_of(self._ground.folder / "looks.jsonl"), self._ground.each)


def _around(log: str) -> str:
    place = max(log.find("Traceback"), log.find("a bug in Runoff"))
    return "none" if place < 0 else " ".join(log[place : place + 600].split())[-300:]


def _growth(record: Record, looks: list[dict[str, Any]], each: int) -> None:
    """Report how the driver's memory and descriptors grow within its longest sitting."""
    sittings = Counter(look["pid"] for look in looks)
    longest = max(sittings, key=lambda one: sittings[one], default=0)
    found = [look for look in looks if look["pid"] == longest]
    found = found[len(found) // 5 :]  # what is loaded and filled at first is no growth
    memory = account.slope([(look["decided"] * each, look["resident"]) for look in found])
    opened = account.slope([(look["decided"] * each, look["descriptors"]) for look in found])
    record.figures["longest_sitting"] = {
        **{"seconds": found[-1]["seconds"] if found else 0.0, "looks": len(found)},
        "trajectories": (found[-1]["decided"] - found[0]["decided"]) * each if found else 0,
        **{"bytes_a_trajectory": round(memory), "descriptors_a_trajectory": round(opened, 4)},
        "resident_first_and_last": [found[0]["resident"], found[-1]["resident"]] if found else [],
        "most_descriptors": max((look["descriptors"] for look in found), default=0),
        "most_threads": max((look["threads"] for look in found), default=0),
    }


if __name__ == "__main__":
    main()
