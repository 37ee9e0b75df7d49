"""What an endpoint refuses of a request's parameters: left out, lowered or renamed from then on, for the whole run.

Deployments behind an alias take less than their model's name says, and nobody can know before one has refused. So a
refusal that names a parameter is answered by a request without it, once; what was changed is in the notes of every
later completion, and told once in the log.
"""

from __future__ import annotations

import logging
import re
import threading

from agent.models.failures.failure_words import reason_of, status_of
from agent.models.failures.refusals import is_overflow
from agent.models.litellm_client.refusable import RENAMED, ROOMS, RULES, STREAM, Arguments, Rule, room_of, says

log = logging.getLogger(__name__)

_BOUND = re.compile(
    r"(?:\.\.|\bto\b|\band\b|,|<=?|\d >|at most|l(?:ess|ower) than(?: or equal to)?|limit of"
    r"|max(?:imum)?(?: allowed| value)?(?: of| is|:)?)\s*[`'\"]?(\d+(?:\.\d+)?)( \(exclusive\))?",
    re.IGNORECASE,
)
_LEAST = re.compile(
    r"(?:>=|at least|greater than or equal to|minimum(?: value)?(?: of| is|:)?)\s*[`'\"]?(\d+)", re.IGNORECASE
)
LEAST_ROOM = 64
"""Tokens to which a refusal may raise the room of an answer, and below which none lowers it."""


_ORDER = ("roles in a row", *(name for name in RULES if name != "roles in a row"))
"""Refusals of roles in a row speak of system messages too."""
_OF_THE_PROMPT = says(r"\b(prompt|inputs?|messages?)\b|you requested|context length")
_OF_POLICY = says(r"content.?(filter|policy|management)|usage polic|flagged|moderation")
_ROOM_RULES = (*ROOMS, RENAMED)
_UNKNOWN_NAME = says(r"support|unrecogni[sz]ed|unknown|unexpected|not permitted|not allowed|deprecated|instead")


class Refused:
    """What one endpoint was seen to refuse. Safe under many threads."""

    def __init__(self, model: str) -> None:
        """``model``: its name, for the log."""
        self._model = model
        self._lock = threading.Lock()
        self._known: dict[str, list[float | None]] = {}
        self._least = 0

    def fitted(self, arguments: Arguments) -> tuple[Arguments, list[str]]:
        """Return a request as the endpoint takes it, and what was changed in it."""
        fitted, notes = dict(arguments), []
        with self._lock:
            known, least = {name: list(bounds) for name, bounds in self._known.items()}, self._least
        if (room := room_of(fitted)) and room[1] < least:
            fitted[room[0]] = least
            notes.append(f"{room[0]} raised to {least}")
        for name, bounds in known.items():
            rule = RULES[name]
            for bound in bounds:
                if rule.sent(fitted) and (bound is None or (rule.bound and rule.bound(fitted) > bound)):
                    rule.change(fitted, bound)
                    notes.append(_note(name, bound))
        return fitted, notes

    def learn(self, error: BaseException, sent: Arguments) -> bool:
        """Tell whether a failure refuses a parameter that was sent and can be sent otherwise; remember it then."""
        found = self.names(error, sent)
        if found in _ROOM_RULES and (least := _higher(sent, reason_of(error))) is not None:
            with self._lock:
                self._least = max(self._least, least)
            return True
        return found is not None and self._remember(
            found, _lower(RULES[found], sent, reason_of(error)), reason_of(error)
        )

    def names(self, error: BaseException, sent: Arguments) -> str | None:
        """Return the rule for the parameter that a failure refuses, if it was sent; None where there is none."""
        status, reason = status_of(error), reason_of(error)
        if status == 403 and (not RULES["logprobs"].named.search(reason) or not RULES["logprobs"].sent(sent)):
            return None
        if _OF_POLICY.search(reason):
            return None  # what it says of the content names no parameter
        if status not in (400, 403, 404, 405, 422, 500, 501) or (is_overflow(error) and not _of_the_room(sent, reason)):
            return None
        for name in _ORDER:
            rule = RULES[name]
            if not rule.named.search(reason) or not rule.sent(sent):
                continue
            if name in _ROOM_RULES and _higher(sent, reason) is not None:
                return name
            if name in _ROOM_RULES and not _UNKNOWN_NAME.search(reason) and _lower(rule, sent, reason) is None:
                continue  # its value is refused, not its name
            if status == 500 and name not in ("roles in a row", "system role"):
                continue
            return name
        return None

    def _remember(self, name: str, bound: float | None, reason: str) -> bool:
        with self._lock:
            bounds = self._known.setdefault(name, [])
            if bound not in bounds:
                bounds.append(bound)
                log.warning(
                    "%s: %s from now on, for the endpoint refuses it: %s", self._model, _note(name, bound), reason
                )
        return True


def _lower(rule: Rule, sent: Arguments, reason: str) -> float | None:
    """Return the bound that a refusal names, if what was sent is above it."""
    if rule.bound is None:
        return None
    value = rule.bound(sent)
    least = LEAST_ROOM if rule in [RULES[name] for name in _ROOM_RULES] else 0
    bounds = [float(text) - bool(exclusive) for text, exclusive in _BOUND.findall(reason)]
    lower = [bound for bound in bounds if 0 < bound < value and bound >= least]
    return max(lower, default=None)


def _higher(sent: Arguments, reason: str) -> int | None:
    """Return the least room that a refusal names, if what was sent is below it."""
    room = (room_of(sent) or ("", LEAST_ROOM))[1]
    return min((least for text in _LEAST.findall(reason) if room < (least := int(text)) <= LEAST_ROOM), default=None)


def _of_the_room(sent: Arguments, reason: str) -> bool:
    """Tell whether what reads like a prompt too long is about the room of the answer alone, whatever the prompt."""
    name = next((name for name in _ROOM_RULES if RULES[name].sent(sent)), None)
    if name is None:
        return False
    about_it = RULES[name].named.search(reason) and not _OF_THE_PROMPT.search(reason)
    return bool(about_it) and _lower(RULES[name], sent, reason) is not None


def _note(name: str, bound: float | None) -> str:
    if bound is not None:
        return f"{name} lowered to {bound:g}"
    renamed = {
        "max_tokens": "max_tokens sent as max_completion_tokens",
        "max_completion_tokens": "max_completion_tokens sent as max_tokens",
        STREAM: "the answer asked for in pieces",
        "system role": "the system message sent as a user's",
        "roles in a row": "messages of one role in a row sent as one",
    }
    return renamed.get(name, f"{name} dropped")
