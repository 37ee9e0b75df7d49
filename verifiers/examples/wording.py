"""What the words of an issue say of the values they stand beside: wrong, or expected."""

from __future__ import annotations

import re
from enum import StrEnum


class Role(StrEnum):
    """What an issue says of a value."""

    EXPECTED = "expected"
    WRONG = "wrong"

    @property
    def opposite(self) -> Role:
        """The other one."""
        return Role.WRONG if self is Role.EXPECTED else Role.EXPECTED


_VERBS = (
    r"(?:return|give|get|got|be|print|produce|output|show|yield|raise|throw|evaluate|equal|have been|contain|look|see)"
)
_CONTRAST = re.compile(r"\b(?:instead of|rather than|in place of)\b|,? (?:and )?not\s*$", re.IGNORECASE)
_NEGATED = re.compile(rf"\b(?:should(?:n't| not)|must not|not expect(?:ed)?)\b(?: {_VERBS})?", re.IGNORECASE)
_EXPECTED_WORDS = (
    r"expect(?:s|ed|ing)?|should|ought to|must|desired|correct|right (?:answer|result|value)|supposed to|wanted",
    r"would (?:like|want|have thought)|intended|documented|proper(?:ly)?|used to|previously|formerly",
)
_EXPECTED = re.compile(rf"\b(?:{'|'.join(_EXPECTED_WORDS)})\b", re.IGNORECASE)
_WRONG_WORDS = (
    r"actual(?:ly)?|observed?|got|gets?|return(?:s|ed|ing)?|gives?|gave|giving|print(?:s|ed)?|outputs?|produce[sd]?",
    r"results?|yields?|shows?|says?|current(?:ly)?|wrong(?:ly)?|incorrect(?:ly)?|unexpected(?:ly)?|raise[sd]?",
    r"throws?|threw|fail(?:s|ed)?|crash(?:es|ed)?|errors?|traceback|exception|evaluates to|becomes?",
    r"(?:comes|came) (?:back|out)|ended up|but (?:it |this )?(?:is|was)|instead",
)
_WRONG = re.compile(rf"\b(?:{'|'.join(_WRONG_WORDS)})\b|->|=>|→", re.IGNORECASE)
_WANTED_ERROR = re.compile(
    r"\b(?:should|must|expect(?:ed|s)?|supposed to)\b.{0,40}\b(?:raise|throw|error|exception|fail)", re.IGNORECASE
)
_EXPECTED_LABEL = re.compile(r"^\W*(?:what )?(?:(?:I|we)(?:'d| would)? )?expect(?:ed|ation)?\b[^,.;]*$", re.IGNORECASE)
_FINE = re.compile(
    r"(?<!not )\b(?:works?|worked|fine|ok|correct|correctly|good|right|sensible|as expected)\b", re.IGNORECASE
)
_NOT_FINE = re.compile(r"\b(?:not|n't|isn't|fails?|wrong|incorrect|but|should|expected)\b", re.IGNORECASE)
_ACCUSES = re.compile(
    r"\b(?:wrong|incorrect|bug|buggy|broken|bad|fails?|unexpected"
    r"|not (?:\w+ )?(?:right|correct|correctly|expected|ok))\b",
    re.IGNORECASE,
)
_BEGINS = re.compile(
    rf"->|=>|→|out:|(?:{'|'.join((*_WRONG_WORDS, *_EXPECTED_WORDS))})\b|(?:but|instead|it) (?:is|was|should)\b",
    re.IGNORECASE,
)
_EXPECTED_AFTER = re.compile(
    r"^\W{0,5}(?:(?:is|was|were|would be) (?:what (?:I|we) )?)?(?:expected|correct|right|wanted)\s*(?:$|[.;!)])",
    re.IGNORECASE,
)


def role_before(words: str, previous: Role | None) -> Role | None:
    """Return the role that the words before a value give it; the last key word decides.

    ``previous``: the role of the value before, which "instead of" and "not" turn round.
    """
    if _CONTRAST.search(words) and not _last(_WRONG, words) > _last(_CONTRAST, words) + 25:
        return previous.opposite if previous is not None else Role.EXPECTED
    negated, expected, wrong = (_last(p, words) for p in (_NEGATED, _EXPECTED, _WRONG))
    if max(negated, expected, wrong) < 0:
        return None
    if negated >= 0 and negated >= expected - 25:
        return Role.WRONG
    if expected >= 0 and (wrong < expected or _one_phrase(words, expected, wrong)):
        return Role.EXPECTED
    return Role.WRONG


def role_after(words: str) -> Role | None:
    """Return the role that the words after a value give it ("... was expected"), if they do."""
    return Role.EXPECTED if _EXPECTED_AFTER.match(words) else None


def label_role(lead: str) -> Role | None:
    """Return the role that the prose before a block gives the block: its heading, or its last sentence."""
    lines = [line for line in lead.splitlines() if line.strip()]
    last = lines[-1] if lines else ""
    sentence = re.split(r"(?<=[.!?])\s+", last.strip())[-1]
    return Role.WRONG if _WANTED_ERROR.search(sentence) else role_before(sentence, None)


def wants_error(lead: str) -> bool:
    """Tell whether the prose before a traceback says that the error should come."""
    last = lead.strip().splitlines()[-1:] or [""]
    if _NEGATED.search(last[0]):
        return False
    return bool(_WANTED_ERROR.search(last[0]) or _EXPECTED_LABEL.search(last[0]))


def says_fine(words: str) -> bool:
    """Tell whether a comment or sentence says that what it stands beside is as it should be."""
    return bool(_FINE.search(words)) and not _NOT_FINE.search(words)


def accuses(words: str) -> bool:
    """Tell whether a remark says of what it stands beside that it is wrong, without saying how."""
    return bool(_ACCUSES.search(words)) and not _EXPECTED.match(words)


def begins_with_role(comment: str) -> bool:
    """Tell whether a comment begins with a word that gives its value a role: ``-> 3``, ``Expected: 3``."""
    return bool(_BEGINS.match(comment))


def _last(pattern: re.Pattern[str], words: str) -> int:
    return max((match.start() for match in pattern.finditer(words)), default=-1)


def _one_phrase(words: str, expected: int, wrong: int) -> bool:
    """Tell whether a verb belongs to the expectation before it: "should return", "expected it to give"."""
    between = words[expected:wrong]
    return not re.search(r"[,;.]|\bbut\b|\bactual|\bcurrent|\bhowever\b|\binstead\b", between, re.IGNORECASE)
