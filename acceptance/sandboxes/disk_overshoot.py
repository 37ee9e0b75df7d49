"""By how much a command that writes as fast as it can passes its limit of disk, and what a hard limit would cost.

    python -m acceptance.sandboxes.disk_overshoot [--code DIR] [--rounds 10]

``--code``: another checkout, whose sandboxes are measured too, as ``before``. What a hard limit costs is measured as
root alone: a file system of its own for each fork (a sparse file, mkfs, mount, umount) and one in memory.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from platformdirs import user_cache_path

from acceptance.record import ROOT, Record, recording
from environments.record_file import append_line, read_lines

LIMIT = 64 << 20
FILES = ("0", "30000")
"""Empty files that lie there before: each look has to count them."""
_WRITE = """
import os
block, number = bytes(1 << 20), 0
while True:
    with open(f"/tmp/w{number}", "wb", buffering=0) as file:
        for _ in range(60): file.write(block)
    number += 1
"""
_ONE = """
import sys
from environments.sandboxes.bubblewrap import BubblewrapSandbox, host_root
from environments.sandboxes.contract import Limits
from environments.sandboxes.looks.disk import disk_use_at_rest
limit, files, script = int(sys.argv[1]), sys.argv[2], sys.argv[3]
with BubblewrapSandbox.create([], root=host_root(), run_id="overshoot", limits=Limits(disk=limit)) as sandbox:
    sandbox.run(f"mkdir /tmp/many; cd /tmp/many; seq {files} | xargs -r touch", timeout=300, cwd="/")
    result = sandbox.run(["python", "-c", script], timeout=60, cwd="/")
    print(result.killed, disk_use_at_rest(sandbox._stack.upper) - limit)
"""


def main() -> None:
    """Measure, and write down."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--code", type=Path, help="another checkout, from before")
    options.add_argument("--rounds", type=int, default=10)
    given = options.parse_args()
    code = {"now": ROOT, **({"before": given.code} if given.code else {})}
    file = user_cache_path("runoff") / "disk-overshoot" / f"{ROOT.name}.jsonl"
    done = [tuple(line["of"]) for line in read_lines(file)]
    for number in range(given.rounds):  # by turns: the machine's load is the same for all
        for name, folder in code.items():
            for files in FILES:
                if (number, name, files) not in done:
                    over = _overshoot(folder, files)
                    append_line(file, {"of": [number, name, files], "over_mib": over})
    kept = [line for line in read_lines(file) if line["of"][0] < given.rounds and line["of"][1] in code]
    with recording(Record("disk_overshoot", n=given.rounds, unit="commands of each kind")) as record:
        over_all = {
            name: {files: [line["over_mib"] for line in kept if line["of"][1:] == [name, files]] for files in FILES}
            for name in code
        }
        record.figures["limit_mib"] = LIMIT >> 20
        record.figures["over_the_limit_mib"] = {
            name: {
                f"{files} files before": {"median": median(found), "most": max(found)} for files, found in kinds.items()
            }
            for name, kinds in over_all.items()
        }
        if os.getuid() == 0:
            record.figures["hard_limit_ms_per_fork"] = {name: _cost(name, given.rounds) for name in ("loop", "tmpfs")}
        record.notes.append("a Python program writes files of 60 MiB by blocks of 1 MiB; bytes of the layer at its end")
        worst = max(max(found) for found in over_all["now"].values())
        record.check("no more than the limit again is written", worst <= LIMIT / (1 << 20), f"{worst:.0f} MiB")


def _overshoot(code: Path, files: str) -> float:
    words = [sys.executable, "-P", "-c", _ONE, str(LIMIT), files, _WRITE]
    variables = {**os.environ, "PYTHONPATH": str(code)}
    done = subprocess.run(words, env=variables, cwd="/", capture_output=True, text=True, check=True)
    killed, bytes_over = done.stdout.split()
    assert killed == "disk", done.stdout
    return round(int(bytes_over) / (1 << 20), 1)


def _cost(kind: str, rounds: int) -> dict[str, float]:
    taken = []
    with tempfile.TemporaryDirectory(prefix="runoff-quota-") as name:
        for number in range(rounds):
            place = Path(name) / str(number)
            place.mkdir()
            began = time.monotonic()
            if kind == "loop":
                image = Path(name) / f"{number}.img"
                with image.open("wb") as file:
                    file.truncate(LIMIT)
                subprocess.run(["mkfs.ext4", "-q", "-E", "lazy_itable_init=1", str(image)], check=True)
                subprocess.run(["mount", "-o", "loop", str(image), str(place)], check=True)
            else:
                subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={LIMIT}", "tmpfs", str(place)], check=True)
            subprocess.run(["umount", str(place)], check=True)
            taken.append((time.monotonic() - began) * 1000)
    return {"median": round(median(taken), 1), "most": round(max(taken), 1)}


if __name__ == "__main__":
    main()
