"""Which judges a setting asks: ``auto``, ``on``, ``off``, or their names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from agent.models.profiles import LEAST_TASKS, ModelProfile
from verifiers.judges.judge import Judge
from verifiers.judges.table import DEFAULT, JUDGES

WORDS = ("auto", "on", "off")
"""What configuration may say instead of names."""
LACKING = "the model is not known to offer what it needs, log-probabilities"
UNPROVED = "nobody has measured it with this model on graded patches: `runoff verifier calibrate` does"
WORTHLESS = "its scores of graded patches were no better than chance"
"""Why ``auto`` leaves a judge out."""


def asked(setting: Sequence[str], profile: ModelProfile, judges: Mapping[str, Judge] | None = None) -> tuple[str, ...]:
    """Return the judges that a setting asks: names ask those; ``on`` and ``off`` the default ones always and never.

    ``auto`` asks those that have earned a say with this model, the best first: whose area under the curve within
    tasks, on graded patches, lies above one half with its whole interval; and that have what they need of the model.
    A profile's ``judge_worth`` stands above that: the default ones, or none.
    """
    if tuple(setting) == ("off",):
        return ()
    if tuple(setting) == ("on",):
        return DEFAULT
    if tuple(setting) == ("auto",):
        table = JUDGES if judges is None else judges
        return tuple(name for name in heard(profile) if name in table and not _lacks(profile, table[name]))
    return tuple(setting)


def heard(profile: ModelProfile) -> tuple[str, ...]:
    """Return the judges whose word counts with this model, the best first: rules and the run-off listen to no other."""
    if profile.judge_worth is not None:
        return (profile.earned or DEFAULT) if profile.judge_worth else ()
    return profile.earned


def left_out(setting: Sequence[str], profile: ModelProfile) -> dict[str, str]:
    """Return the judges that ``auto`` leaves out -> why: the default ones, and those that were measured."""
    if tuple(setting) != ("auto",):
        return {}
    taken = asked(setting, profile)
    measured = [name for name in profile.judges if name in JUDGES]
    return {name: _why_not(profile, name) for name in dict.fromkeys((*DEFAULT, *measured)) if name not in taken}


def _why_not(profile: ModelProfile, name: str) -> str:
    worth = profile.judges.get(name)
    if profile.judge_worth is False or (worth and worth.tasks >= LEAST_TASKS and not worth.earned):
        return WORTHLESS
    if name in heard(profile):
        return LACKING
    if worth:
        return f"it was measured on {worth.tasks} tasks with right and wrong patches, and {LEAST_TASKS} are the least"
    return UNPROVED


def _lacks(profile: ModelProfile, judge: Judge) -> bool:
    return profile.judge_draws == 1 and bool(profile.lacks(judge.needs))
