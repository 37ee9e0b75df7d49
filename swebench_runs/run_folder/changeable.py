"""Which keys of a run may change once an answer is on record, and why not; one table, for resuming and merging.

What decides how fast, how far, by whom and over which tasks a run goes may change: what is on record stays as it is,
each trajectory with the model, scaffold and ending that stand in it, and what comes later is made as is said now.
What would make the records of one folder incomparable, or could not be replayed, may not.
"""

from __future__ import annotations

_PLACES = "where and how fast it is done, not what"
_MORE = "what is on record stays; more is added, less never takes away"
_LIMITS = "trajectories that a limit has ended stay as they ended; it holds for those that have not, and for later ones"
_PLAYERS = "a trajectory keeps the model and scaffold that it was begun with; later ones are made by the new ones"
_CHOSEN = "decided tasks stay decided; --redo asks again"

PLAYERS = ("model", "roles", "scaffold", "test_scaffold")
"""Who works, and how."""

FREE_TO_CHANGE = {
    **dict.fromkeys(("workers", "cluster", "shared", "sandboxes", "task_tries"), _PLACES),
    **dict.fromkeys(("repos", "pull", "grade_timeout", "deadlines", "image_budget"), _PLACES),
    **dict.fromkeys(
        ("api_base", "served_at", "affinity_header", "calls", "rpm", "tpm", "retry_seconds", "call_seconds"), _PLACES
    ),
    **dict.fromkeys(("shuffle", "filter", "slice", "statement", "draw", "instances", "trajectories", "tests"), _MORE),
    **dict.fromkeys(("turns", "test_turns", "limits"), _LIMITS),
    **dict.fromkeys(PLAYERS, _PLAYERS),
    **dict.fromkeys(("runoff_turns", "early_stop", "abstain", "force", "suite_budget"), _CHOSEN),
    **dict.fromkeys(("judge", "judge_trajectories", "measured_judges", "runoff_names", "waivers"), _CHOSEN),
    "price": "calls on record keep the price that they had",
    "rules": "only the report's",
}
"""Keys, and groups of keys, that may change at any time, each with what becomes of what is on record."""

_ASKED = "every recorded request holds it, and could not be replayed"
_TASKS = "figures over different tasks cannot be put together"
_OUTCOMES = "the outcomes of the same test would not be comparable"
_OTHER = "what was made with it could not be compared"

KEPT = {
    **dict.fromkeys(("subset", "split", "rows"), _TASKS),
    **dict.fromkeys(("seed", "temperatures", "answer_tokens", "context_tokens"), _ASKED),
    **dict.fromkeys(("profile", "reasoning_effort", "model_kwargs"), _ASKED),
    **dict.fromkeys(("locate", "locate_files", "locate_rankings"), _ASKED),
    **dict.fromkeys(("sandbox", "base_image", "image_template", "dockerfile"), _OUTCOMES),
    **dict.fromkeys(("suite_timeout", "script_timeout"), _OUTCOMES),
    "given": "patches that were given and patches that were made are no figure of either",
    "rule": "decisions by two rules are no figure of either; `runoff report` compares rules over one run",
}
"""Keys that may not change from the first answer on, each with the reason; so may not what stands nowhere here."""

_WHICH = ("shuffle", "filter", "slice", "statement", "draw", "instances")
"""Keys that say which tasks a run has."""


def may_differ(key: str) -> bool:
    """Tell whether runs that differ in a key can be put together: all that may change in one run, but who works.

    A run that goes on with another model is meant so, and named after both; of two folders of two systems nobody said
    that they are one.
    """
    return may_change(key) and key.partition(".")[0] not in PLAYERS


def is_of_place(key: str) -> bool:
    """Tell whether a dotted key says only where, how fast or over which tasks a run is made, or what is reported."""
    group = key.partition(".")[0]
    return group in _WHICH or group == "rules" or FREE_TO_CHANGE.get(group) == _PLACES


def may_change(key: str) -> bool:
    """Tell whether a dotted key may change at any time."""
    return key.partition(".")[0] in FREE_TO_CHANGE


def why_kept(key: str) -> str:
    """Say why a dotted key may not change."""
    return KEPT.get(key.partition(".")[0], _OTHER)


def what_becomes(key: str) -> str:
    """Say what becomes of what is on record when a dotted key changes."""
    return FREE_TO_CHANGE[key.partition(".")[0]]
