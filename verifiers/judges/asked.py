"""Which judges a setting asks: ``auto``, ``on``, ``off``, or their names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from agent.models.profiles import ModelProfile
from verifiers.judges.judge import Judge
from verifiers.judges.table import DEFAULT, JUDGES

WORDS = ("auto", "on", "off")
"""What configuration may say instead of names."""
LEFT_OUT = "the model is not known to offer what it needs, log-probabilities; -c judge=on asks all the same"
"""Why ``auto`` leaves a judge out."""


def asked(setting: Sequence[str], profile: ModelProfile, judges: Mapping[str, Judge] | None = None) -> tuple[str, ...]:
    """Return the judges that a setting asks: names ask those; ``on`` and ``off`` the default ones always and never.

    ``auto`` asks those of the default ones that have what they need of the model, say, log-probabilities; and, of a
    model that gives several reasoned verdicts, if they have a say in the choice: they cost more than one word.
    """
    table = JUDGES if judges is None else judges
    if tuple(setting) == ("off",):
        return ()
    if tuple(setting) == ("on",):
        return DEFAULT
    if tuple(setting) == ("auto",):
        return tuple(name for name in DEFAULT if _worth_asking(profile, table[name]))
    return tuple(setting)


def _worth_asking(profile: ModelProfile, judge: Judge) -> bool:
    return profile.judge_worth if profile.judge_draws > 1 else not profile.lacks(judge.needs)


def left_out(setting: Sequence[str], profile: ModelProfile) -> tuple[str, ...]:
    """Return the default judges that ``auto`` leaves out, because of ``LEFT_OUT``."""
    chosen = asked(setting, profile)
    return tuple(name for name in DEFAULT if name not in chosen) if tuple(setting) == ("auto",) else ()
