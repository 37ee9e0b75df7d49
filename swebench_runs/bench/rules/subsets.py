"""Subsets of a task's rows: what choosing would have been with fewer of them."""

from __future__ import annotations

import math
from itertools import combinations
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from swebench_runs.choosing.labelled_pool import LabelledTask
from swebench_runs.figures.metrics.bootstrap import Array
from verifiers.ballot import Ballot

Counts = NDArray[np.intp]


def subset_counts(task: LabelledTask, k: int, limit: int, *, seed: int) -> tuple[Counts, Array]:
    """Return the different outcomes of drawing ``k`` rows, and the share of the draws that each is.

    One outcome is how many rows of each candidate, in ballot order, are among them (of rows without a candidate
    nothing is left). All subsets where there are no more than ``limit``, else ``limit`` random ones.
    """
    ballot = task.ballot
    column = {candidate.id: number for number, candidate in enumerate(ballot.candidates)}
    of_row = np.array([column.get(entry.candidate or "", len(column)) for entry in ballot.entries], dtype=np.intp)
    rng = np.random.default_rng([seed, crc32(task.instance_id.encode()), k])
    drawn = of_row[_draws(len(of_row), k, limit, rng)]
    counts = np.zeros((len(drawn), len(column) + 1), dtype=np.intp)
    np.add.at(counts, (np.arange(len(drawn))[:, None], drawn), 1)
    different, times = np.unique(counts[:, : len(column)], axis=0, return_counts=True)
    return different, times / len(drawn)


def _draws(n: int, k: int, limit: int, rng: np.random.Generator) -> Counts:
    if math.comb(n, k) <= limit:
        return np.array(list(combinations(range(n), k)), dtype=np.intp)
    return np.argsort(rng.random((limit, n)), axis=1)[:, :k].astype(np.intp)


def subset_ballot(ballot: Ballot, counts: Counts) -> Ballot:
    """Return the ballot with that many rows of each candidate and none without one."""
    left = {candidate.id: int(count) for candidate, count in zip(ballot.candidates, counts, strict=True)}
    dropped = set()
    for entry in ballot.entries:
        if entry.candidate is None or not left[entry.candidate]:
            dropped.add(entry.id)
        else:
            left[entry.candidate] -= 1
    return ballot.without(dropped)
