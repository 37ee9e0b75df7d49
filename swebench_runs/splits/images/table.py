"""Tables of images for a terminal, and sizes as users write them."""

from __future__ import annotations

import re
import statistics
import time
from collections import defaultdict
from collections.abc import Sequence

from rich.table import Table

from environments.images.images_on_disk import Kept, total_bytes
from swebench_runs.splits.images.making import Made

_SIZE = re.compile(r"([0-9]+(?:\.[0-9]+)?) *([KMGT]?)(i?)B?", re.IGNORECASE)


def parse_bytes(text: str) -> int:
    """Return the bytes that a size means: 20GB, 500 MB, 1.5TiB, or a plain number. ValueError for anything else."""
    found = _SIZE.fullmatch(text.strip())
    if not found:
        raise ValueError("write a size such as 20GB")
    power = "KMGT".find(found[2].upper()) + 1 if found[2] else 0
    unit: int = (1024 if found[3] else 1000) ** power
    return round(float(found[1]) * unit)


def by_repository(made: Sequence[Made]) -> Table:
    """Return what was made, a line per repository."""
    groups = defaultdict(list)
    for one in made:
        groups[one.repo].append(one)
    table = Table(*("repository", "images", "not made", "environment layers", "new", "median s", "median MB"))
    for repo, ones in [*sorted(groups.items()), ("all", list(made))]:
        new = [one for one in ones if not one.reused and not one.problem]
        table.add_row(
            repo,
            str(sum(not one.problem for one in ones)),
            str(sum(bool(one.problem) for one in ones)),
            str(len({one.layer for one in ones if one.layer})),
            str(len(new)),
            f"{statistics.median(one.seconds for one in new):.1f}" if new else "-",
            f"{statistics.median(one.added_bytes for one in new) / 1e6:.1f}" if new else "-",
        )
    return table


def kept_table(kept: Sequence[Kept]) -> Table:
    """Return Runoff's images, those used longest ago first."""
    table = Table("image", "layer", "instance", "own MB", "shared MB", "last used", "")
    for one in kept:
        table.add_row(
            one.reference,
            one.layer,
            one.instance_id,
            f"{one.own_bytes / 1e6:.1f}",
            f"{one.shared_bytes / 1e6:.1f}",
            time.strftime("%Y-%m-%d %H:%M", time.localtime(one.last_used)),
            "in use" if one.in_use else "",
        )
    table.caption = f"{len(kept)} images, {total_bytes(kept) / 1e9:.1f} GB in all"
    return table
