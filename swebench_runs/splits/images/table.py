"""Tables of images for a terminal."""

from __future__ import annotations

import statistics
import time
from collections import defaultdict
from collections.abc import Sequence

from rich.table import Table

from environments.images.images_on_disk import Kept, total_bytes
from swebench_runs.splits.images.making import Made


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
