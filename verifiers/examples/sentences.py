"""Reads what sentences and comments claim: of which call, what came back, what should have."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from verifiers.examples.values import Atom, Sort, find_atoms, looks_like_value, value_at
from verifiers.examples.wording import Role, role_after, role_before, says_fine

_NEAR_WORDS = {True: 4, False: 3}
"""A value belongs to a key word at most this many words before it: more between backticks than without."""

_CODE_LINE = re.compile(
    r"^\s*(?:return\b|def |class |self\.|File \"|@|[\w.\[\]]+ \+?= |(?:for|if|with|while|try|else|except)\b.*:$)"
    r"|[{}\[(,;\\]$"
)
_FAR = 160
"""Characters between a call and what is said of it, beyond which it is said of something else."""

_HEADING = re.compile(r"^\s*(?:#{1,6}\s.*|\*\*[^*]+\*\*:?|[^.!?]{1,60}:)\s*$")
_CALL_FOLLOWS = re.compile(
    r"^\W{0,3}(?:to\b|is\b|returns?\b|gives?\b|should\b|raises?\b|yields?\b|and get\b)", re.IGNORECASE
)
_MARKER = re.compile(
    r"^\W{0,8}(?:returns|gives|prints|outputs?|result|actual(?:ly)?|got|gets?)?\s*(?:->|=+>|→|:|=)?\s*", re.IGNORECASE
)
_ERROR_COMMENT = re.compile(r"^(?P<label>(?i:[a-z ]{0,20}))\W{1,4}(?P<said>(?:\w+\.)*[A-Z]\w*: .+)$")
"""``actual: KeyError: 'x'``: a whole line of a traceback, whatever the exception is called."""
_RAW_END = re.compile(r"\s*(?:[,;(]|\bbut\b|\binstead\b|\bexpected\b|\bshould\b|!)", re.IGNORECASE)


@dataclass(frozen=True)
class Said:
    """What a text says of one call; ``call`` is None where it speaks of the code beside it."""

    call: str | None = None
    expected: str | None = None
    wrong: str | None = None
    raises: str | None = None
    should_raise: str | None = None

    def __bool__(self) -> bool:
        return any((self.expected, self.wrong, self.raises, self.should_raise))

    def filled(self, other: Said) -> Said:
        """Return this with what it leaves open taken from another; what was raised and what was returned exclude."""
        filled = replace(
            self,
            call=self.call or other.call,
            expected=self.expected or (None if self.should_raise else other.expected),
            should_raise=self.should_raise or (None if self.expected else other.should_raise),
            wrong=self.wrong or (None if self.raises else other.wrong),
            raises=self.raises or (None if self.wrong else other.raises),
        )
        return filled if filled.wrong != filled.expected or filled.expected is None else self


def read_paragraphs(prose: str) -> list[Said]:
    """Return what each paragraph claims; a heading or label belongs to the paragraph after it."""
    paragraphs: list[str] = []
    label = ""
    for piece in re.split(r"\n\s*\n|\n(?=#)|(?<=\*\*)\n", prose):
        if _HEADING.match(piece.strip()):
            label = f"{piece.strip()} "
        else:
            paragraphs.append(label + piece)
            label = ""
    return [said for paragraph in paragraphs for said in read_text(_flowing(paragraph))]


def read_text(text: str, *, call: str | None = None) -> list[Said]:
    """Return the claims of one paragraph in order. ``call``: the call that it is known to speak of, if any."""
    found: list[Said] = []
    current, role, before, called_at = Said(call), None, 0, 0
    carried = ""  # "I expected f(1) to return": the key word stands before the call, the value after it
    for atom in find_atoms(text):
        words = carried + text[before : atom.start]
        following = text[atom.end : atom.end + 80]
        before, carried = atom.end, ""
        here = role_after(following) or role_before(_near(words, atom), role)
        is_call = atom.sort is Sort.CALL and call is None
        if is_call and (here is None or _CALL_FOLLOWS.match(following) or not _may_be_value(atom)):
            found.append(current)
            current, role, called_at = Said(atom.text), None, atom.end
            carried = "expected" if here is Role.EXPECTED and following.lstrip().startswith("to ") else ""
        elif here is not None:
            if current.call != call and atom.start - called_at > _FAR:
                found.append(current)
                current = Said()
            current, role = _with(current, atom, here), here
    found.append(current)
    return [said for said in found if said]


def read_comment(comment: str, call: str, default: Role = Role.WRONG) -> Said | None:
    """Return what the comment beside a call says of it: ``-> 3``, ``returns 3, expected 4``, ``should be 4``.

    ``default``: the role of a bare value.
    """
    error = _ERROR_COMMENT.match(comment)
    if error:
        role = role_before(error["label"], None) or default
        return _with(Said(call), Atom(Sort.EXCEPTION, error["said"].strip(), 0, 0), role)
    said = read_text(comment, call=call)
    if said:
        return said[0]
    if says_fine(comment):
        return None
    marked = _MARKER.match(comment)
    rest = comment[marked.end() :] if marked else comment
    value = value_at(rest) or value_at(_RAW_END.split(rest)[0])
    if value is None and marked and re.search(r"->|=>|→|:", marked[0]) and call.lstrip().startswith("print("):
        value = _RAW_END.split(rest)[0].strip() or None
    if value is None:
        return None
    return _with(Said(call), find_atoms(value)[0] if _is_exception(value) else Atom(Sort.VALUE, value, 0, 0), default)


def _is_exception(value: str) -> bool:
    atoms = find_atoms(value)
    return len(atoms) == 1 and atoms[0].sort is Sort.EXCEPTION and atoms[0].text == value


def _may_be_value(atom: Atom) -> bool:
    return atom.marked and looks_like_value(atom.text)


def _flowing(paragraph: str) -> str:
    """Join the lines of a paragraph, without those that are code that nobody marked as such."""
    return " ".join(line.strip() for line in paragraph.splitlines() if not _CODE_LINE.search(line))


def _near(words: str, atom: Atom) -> str:
    """Return the end of the words between two values, as far back as a key word may stand."""
    clause = re.split(r"(?<=[.!?])\s+(?=[A-Z])", words)[-1]
    return " ".join(clause.split(" ")[-_NEAR_WORDS[atom.marked] - 1 :])


def _with(said: Said, atom: Atom, role: Role) -> Said:
    if atom.sort is Sort.EXCEPTION:
        field = "should_raise" if role is Role.EXPECTED else "raises"
    else:
        field = "expected" if role is Role.EXPECTED else "wrong"
    return said if getattr(said, field) is not None else replace(said, **{field: atom.text})
