"""Images of rows: built from the table of specs, or pulled; what a row leaves out is read from its tree."""

from __future__ import annotations

from swebench_runs.splits.images.row_images import RowImages

__all__ = ["RowImages"]
