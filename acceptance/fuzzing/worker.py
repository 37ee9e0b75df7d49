"""Gives one reader inputs for some seconds, within 1 GiB and 10 s of processor time an input; a process of its own.

    python -m acceptance.fuzzing.worker READER SECONDS FOLDER

``FOLDER/progress.json`` says how far it came, and a later call goes on from there; inputs that broke a promise lie
beside it.
"""

from __future__ import annotations

import hashlib
import json
import os
import resource
import shutil
import signal
import sys
import tempfile
import time
import traceback
from pathlib import Path
from types import FrameType
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings

from acceptance.fuzzing.inputs import made_of
from acceptance.fuzzing.readers import READERS, REFUSALS
from swebench_runs.run_folder.files import write_whole

MEMORY, SECONDS, WAITING = 1 << 30, 10.0, 300.0
"""Bytes, processor seconds and seconds on the clock that one input may take."""
_ROUND = 40


class Overrun(BaseException):
    """An input took too long."""


def work(name: str, seconds: float, folder: Path) -> None:
    """Run rounds of inputs until the reader has had its seconds."""
    known = progress(folder)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    signal.signal(signal.SIGPROF, _overrun)
    signal.signal(signal.SIGALRM, _overrun)
    while known["seconds"] < seconds:
        began = time.monotonic()
        known["rounds"] += 1
        _round(name, known, folder)
        known["seconds"] += time.monotonic() - began
        known["processor_seconds"] = round(known["processor_seconds"] + _spent(), 1)
        write_whole(folder / "progress.json", json.dumps(known))


def progress(folder: Path) -> dict[str, Any]:
    """Return how far a reader has come."""
    file = folder / "progress.json"
    begun = {
        "rounds": 0,
        "seconds": 0.0,
        "processor_seconds": 0.0,
        "inputs": 0,
        "bytes": 0,
        "slowest": 0.0,
        "broken": {},
    }
    return {**begun, "broken": {}, **(json.loads(file.read_bytes()) if file.exists() else {})}


def _round(name: str, known: dict[str, Any], folder: Path) -> None:
    @seed(known["rounds"])
    @settings(
        max_examples=_ROUND,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(made_of(READERS[name].pieces))
    def one(content: bytes) -> None:
        known["inputs"] += 1
        known["bytes"] += len(content)
        began = time.process_time()
        problem = _problem(name, content)
        known["slowest"] = max(known["slowest"], round(time.process_time() - began, 2))
        if problem and problem not in known["broken"]:
            kept = folder / f"{hashlib.sha256(content).hexdigest()[:12]}.input"
            kept.write_bytes(content)
            known["broken"][problem] = kept.name

    one()


def _problem(name: str, content: bytes) -> str | None:
    """Return by what an input broke the promise, an error and its place; None where it was read or refused."""
    place = Path(tempfile.mkdtemp(prefix="runoff-fuzz-"))
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    signal.setitimer(signal.ITIMER_REAL, WAITING)
    try:
        READERS[name].read(content, place)
    except REFUSALS:
        return None
    except (Exception, Overrun) as error:  # noqa: BLE001 - any other error is what is looked for
        frame = traceback.extract_tb(error.__traceback__)[-1]
        return f"{type(error).__name__} at {Path(frame.filename).name}:{frame.lineno}"
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)
        shutil.rmtree(place)
    return None


def _overrun(number: int, frame: FrameType | None) -> None:
    raise Overrun(signal.Signals(number).name)


def _spent() -> float:
    """Return the processor seconds of this process since it was asked last."""
    global _asked
    now = time.process_time()
    spent, _asked = now - _asked, now
    return spent


_asked = time.process_time()

if __name__ == "__main__":
    os.nice(19)
    work(sys.argv[1], float(sys.argv[2]), Path(sys.argv[3]))
