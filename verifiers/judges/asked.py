"""Which judges a setting asks: ``auto``, ``on``, ``off``, or their names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from agent.models.profiles import ModelProfile
from verifiers.judges.judge import Judge
from verifiers.judges.table import DEFAULT, JUDGES

WORDS = ("auto", "on", "off")
"""What configuration may say instead of names."""
LACKING = "the model is not known to offer what it needs, log-probabilities"
UNPROVED = "several reasoned verdicts of the model have not been seen to beat chance"
WORTHLESS = "its scores of graded patches were no better than chance"
"""Why ``auto`` leaves a judge out."""


def asked(setting: Sequence[str], profile: ModelProfile, judges: Mapping[str, Judge] | None = None) -> tuple[str, ...]:
    """Return the judges that a setting asks: names ask those; ``on`` and ``off`` the default ones always and never.

    ``auto`` asks those of the default ones that have what they need of the model, say, log-probabilities, and were not
    found worthless; of a model that gives several reasoned verdicts, which cost more than one word, only if they have
    a say in the choice.
    """
    table = JUDGES if judges is None else judges
    if tuple(setting) == ("off",):
        return ()
    if tuple(setting) == ("on",):
        return DEFAULT
    if tuple(setting) == ("auto",):
        return tuple(name for name in DEFAULT if not _why_not(profile, table[name]))
    return tuple(setting)


def left_out(setting: Sequence[str], profile: ModelProfile) -> dict[str, str]:
    """Return the default judges that ``auto`` leaves out -> why."""
    whys = {name: _why_not(profile, JUDGES[name]) for name in DEFAULT} if tuple(setting) == ("auto",) else {}
    return {name: why for name, why in whys.items() if why}


def _why_not(profile: ModelProfile, judge: Judge) -> str:
    if profile.judge_worth is False:
        return WORTHLESS
    if profile.judge_draws > 1:
        return "" if profile.judge_worth else UNPROVED
    return LACKING if profile.lacks(judge.needs) else ""
