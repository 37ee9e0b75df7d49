"""``make acceptance-builds``: seconds of a build of a task's image, one at a time, on layers that are there."""

from __future__ import annotations

import argparse
import random
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from acceptance.record import Record, recording
from acceptance.rows.real_rows import real_rows
from swebench_runs.after_run.validation import stored
from swebench_runs.rows import Row
from swebench_runs.splits.images import RowImages

SEED = 0
_LONGEST = 10.0
"""Seconds at the median."""


def main() -> None:
    """Build images of instances drawn by seed anew; those that were there are removed first."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--repos", type=Path, required=True, help="a folder of repositories")
    options.add_argument("--validated", type=Path, default=Path("runs/validate/validation.jsonl"))
    options.add_argument("-n", type=int, default=40)
    given = options.parse_args()
    names = sorted({one.instance_id for one in stored(given.validated) if one.valid})
    drawn = random.Random(SEED).sample(names, min(given.n, len(names)))
    rows = real_rows()
    images = RowImages.open(repos=given.repos)
    with recording(Record("builds", n=len(drawn), unit="images", seed=SEED)) as record:
        seconds = _built([rows[name] for name in drawn], images)
        record.figures["seconds"] = dict(zip(drawn, seconds, strict=True))
        record.figures["seconds_median"] = middle = median(seconds)
        record.check("seconds at the median", middle < _LONGEST, f"{middle:.1f}, under {_LONGEST:.0f}")


def _built(rows: Sequence[Row], images: RowImages) -> list[float]:
    seconds = []
    for row in rows:
        spec = images.spec(row)
        images.remove(images.ensure(row, spec))
        image = images.ensure(row, spec)
        if image.reused:
            raise SystemExit(f"the image of {row.instance_id} is in use and cannot be built anew: end what uses it")
        seconds.append(round(image.seconds, 2))
        print(row.instance_id, seconds[-1], flush=True)
    return seconds


if __name__ == "__main__":
    main()
