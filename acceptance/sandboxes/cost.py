"""Issue 16, acceptance 4: what containment costs: forks, scripts and cells of this code beside those of before it.

Both revisions are measured in one run by turns, so that they see the same load: the ratio counts, not the
milliseconds. Goes on where it was interrupted; rounds are kept by the revision's commit.
"""

from __future__ import annotations

import io
import json
import statistics
import subprocess
import sys
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from platformdirs import user_cache_path

from acceptance.record import ROOT, Record, recording
from environments.record_file import RecordFile
from swebench_runs.one_task.ground.base_sandbox import lay, scratch

BEFORE = "bc6923702dba"
"""The last commit before the attacks of issue 16 were answered."""
SIDES = ("before", "now")
WAYS = ("fork_and_true", "fork_and_script", "fork_and_judged_script", "cell_of_a_vote")
ROUNDS, EACH = 16, 10
TARGET = 1.3


def main() -> None:
    """Measure what is missing of the rounds, and judge them."""
    now = _git("rev-parse", "--short=12", "HEAD").decode().strip()
    record = Record("cost", n=0, unit="of each way on each side")
    kept = RecordFile(user_cache_path("runoff") / "cost" / f"{now}.jsonl")
    with recording(record), kept, scratch("cost") as folder:
        (folder / "tree").mkdir()
        (folder / "tree" / "m.py").write_text("def double(x):\n    return x + x\n")
        lay(folder / "tree", folder / "layer")
        _unpack(BEFORE, folder / "before")
        rounds = list(kept.lines)
        with ExitStack() as held:
            probes = {
                side: held.enter_context(_probe(root, folder))
                for side, root in zip(SIDES, (folder / "before", ROOT), strict=True)
            }
            for number in range(len(rounds), ROUNDS):
                order = SIDES if number % 2 else SIDES[::-1]
                rounds.append({way: {side: probes[side](way) for side in order} for way in WAYS})
                kept.append(rounds[-1])
        record.figures |= {"before": BEFORE, "now": now, "target_ratio": TARGET}
        _judge(record, rounds)
        record.notes.append(
            f"{ROUNDS} rounds of {EACH} of each way and side, by turns; a cell's time is its vote's, spread over the "
            "cells. processor_ms counts what Runoff and all that it started computed."
        )


def _judge(record: Record, rounds: list[Mapping[str, Any]]) -> None:
    record.n = len(rounds) * EACH
    for way in WAYS:
        found = {side: _median([ms for one in rounds for ms in one[way][side]["ms"]]) for side in SIDES}
        used = {side: _median([one[way][side]["processor_ms"] for one in rounds]) for side in SIDES}
        ratio, used_ratio = found["now"] / found["before"], used["now"] / used["before"]
        record.figures[way] = {
            "p50_ms": found,
            "ratio": ratio,
            "processor_p50_ms": used,
            "processor_ratio": used_ratio,
        }
        told = f"{found['now']:.1f} ms beside {found['before']:.1f}: {ratio:.2f} times"
        record.check(f"{way}: at most {TARGET} times the time before, p50", ratio <= TARGET, told)
        told = f"{used['now']:.1f} ms beside {used['before']:.1f}: {used_ratio:.2f} times"
        record.check(f"{way}: at most {TARGET} times the processor time before, p50", used_ratio <= TARGET, told)


def _median(values: list[float]) -> float:
    return round(statistics.median(values), 3)


@contextmanager
def _probe(root: Path, folder: Path) -> Iterator[Any]:
    program = Path(__file__).with_name("cost_probe.py")
    command = [sys.executable, str(program), str(root), str(folder / "layer"), str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd="/") as child:
        assert child.stdin is not None
        assert child.stdout is not None
        if child.stdout.readline() != "ready\n":
            raise SystemExit(f"the code in {root} could not be measured: its last words are above")

        def ask(way: str) -> Any:
            print(way, EACH, file=child.stdin, flush=True)
            return json.loads(child.stdout.readline())  # type: ignore[union-attr]

        yield ask
        child.stdin.close()


def _unpack(commit: str, folder: Path) -> None:
    with tarfile.open(fileobj=io.BytesIO(_git("archive", commit))) as archive:
        archive.extractall(folder, filter="data")


def _git(*arguments: str) -> bytes:
    return subprocess.run(["git", *arguments], cwd=ROOT, stdout=subprocess.PIPE, check=True).stdout


if __name__ == "__main__":
    main()
