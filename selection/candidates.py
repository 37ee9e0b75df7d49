"""From trajectories to candidates: identical normalised patches merge, equal syntax trees share a cluster."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Sequence

from agent.patch import PatchError, apply_patch, normalise, syntax_fingerprint
from agent.suspicion import suspicions
from agent.trajectory.trajectory import Trajectory
from verifiers.ballot import Candidate, Entry

_log = logging.getLogger(__name__)
_EDITING = ("edit", "single")
_Known = dict[str, Candidate | None]
MOST_ALIKE = 4
"""Samples of one trajectory that count for the same change."""


def candidates_of(
    trajectories: Sequence[Trajectory],
    read_base: Callable[[str], bytes],
    known: _Known | None = None,
) -> tuple[tuple[Candidate, ...], tuple[Entry, ...]]:
    """Return the candidates, in order of their first trajectory, and the entries as a ballot wants them.

    ``read_base`` returns a file of the base tree and raises FileNotFoundError where there is none. A trajectory
    without a patch, or whose patch changes no source or does not apply, is an entry without a candidate. A
    candidate's multiplicity is the number of entries that name it. A trajectory of many samples has an entry of its
    own, and further ones of the changes that survived. ``known``: what patches came to, for callers that ask again and
    again as trajectories go on; what is new is added.
    """
    known = {} if known is None else known
    candidates: dict[str, Candidate] = {}
    entries = []
    for trajectory in sorted(trajectories, key=_order):
        candidate = _looked_up(known, trajectory, read_base) if trajectory.kind in _EDITING else None
        if candidate is not None:
            candidates.setdefault(candidate.id, candidate)
        entries.append(
            Entry(
                id=trajectory.id,
                candidate=candidate.id if candidate else None,
                patch_chars=len(candidate.patch) if candidate else 0,
                test=trajectory.test.id if trajectory.test else None,
            )
        )
        further = _further(known, trajectory, read_base)
        for number, candidate in enumerate(further, 1):
            candidates.setdefault(candidate.id, candidate)
            name, size = f"{trajectory.id}.{number}", len(candidate.patch)
            entries.append(Entry(id=name, candidate=candidate.id, patch_chars=size, trajectory=trajectory.id))
    return tuple(candidates.values()), tuple(entries)


def _further(known: _Known, trajectory: Trajectory, read_base: Callable[[str], bytes]) -> list[Candidate]:
    """Return what a trajectory of many samples made beside its own patch, each as often as samples made it.

    More than ``MOST_ALIKE`` of the same say no more than so many: they come from the same prompts.
    """
    found = []
    for number, sampled in enumerate(trajectory.samples):
        alike = min(sampled.count, MOST_ALIKE) - (number == 0 and sampled.patch == trajectory.patch)
        sample = trajectory.model_copy(update={"patch": sampled.patch})
        made = _looked_up(known, sample, read_base) if alike > 0 else None
        found += [made] * alike if made else []
    return found


def _looked_up(known: _Known, trajectory: Trajectory, read_base: Callable[[str], bytes]) -> Candidate | None:
    if trajectory.patch not in known:
        known[trajectory.patch] = _candidate(trajectory, read_base)
    return known[trajectory.patch]


def _order(trajectory: Trajectory) -> tuple[bool, str, int]:
    """Editing entries first, in index order, then the others."""
    kind, _, index = trajectory.id.rpartition("-")
    return trajectory.kind not in _EDITING, kind, int(index) if index.isdecimal() else 0


def _candidate(trajectory: Trajectory, read_base: Callable[[str], bytes]) -> Candidate | None:
    try:
        patch = normalise(trajectory.patch, read_base)
        if not patch:
            return None
        before, after = apply_patch(patch, read_base)
    except PatchError as error:
        _log.warning("%s: its patch is no candidate: %s", trajectory.id, error)
        return None
    return Candidate(
        id=hashlib.sha256(patch.encode("utf-8", "surrogateescape")).hexdigest()[:12],
        patch=patch,
        cluster=syntax_fingerprint(before, after),
        suspicious=suspicions(patch),
    )
