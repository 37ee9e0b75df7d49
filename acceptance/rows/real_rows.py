"""Rows of Lite and Verified, and base sandboxes of them: what the measurements on real instances begin with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from environments.sandboxes.contract import Sandbox
from environments.specs import ImageSpec
from swebench_runs.grades.row_grading import LIMITS
from swebench_runs.one_task.ground.image_base import open_task_image
from swebench_runs.rows import Row, load_rows
from swebench_runs.splits.images import RowImages


def real_rows() -> dict[str, Row]:
    """Return instance id -> row; where both have one, Lite's, which says its version."""
    return {row.instance_id: row for name in ("verified", "lite") for row in load_rows(name).rows}


@contextmanager
def docker_base(row: Row, images: RowImages, run_id: str) -> Iterator[tuple[Sandbox, ImageSpec]]:
    """Give a row's base sandbox in Docker, its image built if need be, and the spec that it was made by."""
    spec = images.spec(row)
    image = images.ensure(row, spec)
    with open_task_image(image, spec, kind="docker", limits=LIMITS, run_id=run_id) as base:
        yield base, spec
