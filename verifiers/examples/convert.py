"""Turns the code examples of an issue into reproduction tests, without a model.

Sessions, scripts with comments, asserts, tracebacks, and sentences such as "``f(1)`` returns 2 instead of 3" become
claims (environments/workbench/scripts/test_script.py) and those become scripts. The text is only parsed, never
executed here. Where it does not say which value is wrong, nothing is guessed: the example is left out, a note says why.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from environments.workbench.outcome import GeneratedTest
from environments.workbench.scripts.python_text import unbound_names
from environments.workbench.scripts.test_script import Claim, ScriptError, build_script
from verifiers.examples.blocks import BlockKind, TextBlock, is_value, split_blocks
from verifiers.examples.claims import (
    claim_of,
    runnable,
    script_claims,
    session_claims,
    shown,
    without_needless_messages,
)
from verifiers.examples.names import Locate, complete, definitions
from verifiers.examples.sentences import Said, read_paragraphs
from verifiers.examples.sessions import session_steps
from verifiers.examples.wording import label_role

MAX_TESTS = 12
"""Tests made of one issue at most."""

_CODE = (BlockKind.SESSION, BlockKind.SCRIPT)
_LAST_SENTENCE = re.compile(r"(?:(?<=[.!?]\s)|(?<=\n\n)|^)(?:(?![.!?]\s|\n\n).)+$", re.DOTALL)
_POINTS_AHEAD = re.compile(r":\W*$|\b(?:following|below|next|another)\b", re.IGNORECASE)

_Found = tuple[int, str, Claim]
"""The number of a block, its form, and what it claims."""


@dataclass(frozen=True)
class Example:
    """A test made of an example."""

    test: GeneratedTest
    form: str
    """Where it comes from: ``session``, ``script`` or ``prose``."""
    claim: Claim
    unbound: tuple[str, ...]
    """Names that the script uses and nothing was found to bind: it will end as broken."""

    @property
    def weak(self) -> bool:
        """Only the wrong outcome is known: whatever differs from it passes."""
        return self.claim.expected is None and self.claim.should_raise is None


@dataclass(frozen=True)
class Conversion:
    """What an issue's examples came to."""

    examples: tuple[Example, ...]
    notes: tuple[str, ...]
    """Why pieces of code were left out, one line each."""
    silent: tuple[tuple[BlockKind, str], ...] = ()
    """Pieces of code that state no outcome, with what they need of the issue's imports and definitions."""

    @property
    def tests(self) -> tuple[GeneratedTest, ...]:
        """The tests that can run, those that know the right outcome first."""
        return tuple(e.test for e in sorted(self.examples, key=lambda e: e.weak) if not e.unbound)


def convert_examples(statement: str, locate: Locate | None = None) -> Conversion:
    """Return the reproduction tests that an issue's own examples make, origin ``issue:<n>``.

    ``locate`` finds the import for a name of the repository that the example leaves out (``names.Locate``).
    """
    blocks = split_blocks(statement)
    known = definitions(_sources(blocks))
    notes: list[str] = []
    silent: list[TextBlock] = []
    found = _claims(blocks, notes, silent)
    examples: dict[str, Example] = {}
    for form, merged in _merged(found):
        claim = without_needless_messages(merged)
        if claim.raises is not None and claim.raises == claim.should_raise:
            notes.append(f"{form}: the same exception is said to be wrong and right")
            continue
        if len(examples) == MAX_TESTS:
            notes.append(f"more than {MAX_TESTS} examples: the rest is left out")
            break
        try:
            claim = replace(claim, setup=complete(claim.setup, claim.call, known, locate))
            script = build_script(claim)
        except ScriptError as error:
            notes.append(f"{form}: {error}")
            continue
        test = GeneratedTest.of(script, f"issue:{len(examples)}")
        unbound = unbound_names(script)
        examples.setdefault(test.id, Example(test, form, claim, unbound))
    unstated = [(block.kind, complete(_code(block), "", known, locate)) for block in silent]
    return Conversion(tuple(examples.values()), tuple(notes), tuple(unstated))


def _sources(blocks: Sequence[TextBlock]) -> list[str]:
    sources = [block.text for block in blocks if block.kind is BlockKind.SCRIPT]
    steps = [step.source for block in blocks if block.kind is BlockKind.SESSION for step in session_steps(block.text)]
    return sources + steps


def _code(block: TextBlock) -> str:
    steps = session_steps(block.text) if block.kind is BlockKind.SESSION else ()
    return "\n".join(step.source for step in steps) if steps else block.text


def _claims(blocks: Sequence[TextBlock], notes: list[str], silent: list[TextBlock]) -> list[_Found]:
    found: list[_Found] = []
    for index, block in enumerate(blocks):
        if block.kind is BlockKind.PROSE:
            said = read_paragraphs(block.text)
            found += [(index, "prose", claim_of("", s.call, s)) for s in said if s.call is not None]
            continue
        lead = _lead(blocks, index)
        around = _around(blocks, index)
        if block.kind is BlockKind.SESSION:
            claims = session_claims(session_steps(block.text), lead, around)
        elif block.kind is BlockKind.SCRIPT and not (
            is_value(block.text) and label_role(lead) and _follows_code(blocks, index)
        ):
            claims = script_claims(block.text, around)
        else:
            continue
        if not claims:
            notes.append(f"{block.kind}: nothing says which outcome is wrong or what it should be")
            silent.append(block)
        found += [(index, block.kind.value, claim) for claim in claims if runnable(claim)]
    return found


def _lead(blocks: Sequence[TextBlock], index: int) -> str:
    """Return the prose right before a block; an issue's title is no label of its first example."""
    if not index or blocks[index - 1].kind is not BlockKind.PROSE:
        return ""
    text = blocks[index - 1].text
    return text if index > 1 else text.partition("\n")[2]


def _follows_code(blocks: Sequence[TextBlock], index: int) -> bool:
    return any(block.kind in _CODE for block in blocks[:index])


def _around(blocks: Sequence[TextBlock], index: int) -> Said:
    """Return what the outputs after a piece of code and the prose beside it say of it."""
    said = Said()
    at = index + 1
    while at < len(blocks):
        block, lead = blocks[at], _lead(blocks, at)
        if block.kind is BlockKind.PROSE:
            back, _ = _back_and_ahead(blocks, at)
            said = _said_in(read_paragraphs(back), said)
        elif _is_shown(block, lead):
            said = said.filled(shown(block.text, lead))
        elif block.kind is not BlockKind.OUTPUT:
            break
        at += 1
    if _follows_code(blocks, index):
        _, ahead = _back_and_ahead(blocks, index - 1)
        return _said_in(read_paragraphs(ahead.rstrip(": ")), said)  # with its colon it would be a heading
    return _said_in(read_paragraphs(_lead(blocks, index))[-1:], said)


def _back_and_ahead(blocks: Sequence[TextBlock], at: int) -> tuple[str, str]:
    """Part prose into what it says of the code before it and of the code after it: each is of one of them alone."""
    text = blocks[at].text if blocks[at].kind is BlockKind.PROSE else ""
    if not any(block.kind in _CODE for block in blocks[at + 1 : at + 2]):
        return text, ""
    ahead = _LAST_SENTENCE.search(text.rstrip())
    if ahead is None or not _POINTS_AHEAD.search(ahead[0]):
        return text, ""
    return text[: ahead.start()], ahead[0]


def _is_shown(block: TextBlock, lead: str) -> bool:
    """Tell whether a block is what some code before it shows: an output under an unrelated heading is not."""
    label = label_role(lead)
    if block.kind is BlockKind.OUTPUT:
        return label is not None or not lead
    return block.kind is BlockKind.TRACEBACK or (label is not None and is_value(block.text))


def _said_in(paragraphs: Sequence[Said], said: Said) -> Said:
    """Add what prose says of the code beside it; a wrong value alone, without what it should be, is too vague."""
    for paragraph in paragraphs:
        if paragraph.call is None and (paragraph.expected or paragraph.should_raise or paragraph.raises):
            said = said.filled(paragraph)
    return said


def _merged(found: Sequence[_Found]) -> list[tuple[str, Claim]]:
    """Join what different pieces of the text say of one call: this one what is wrong, that one what is expected.

    Within a session the same call stands for different states.
    """
    merged: list[_Found] = []
    for block, form, claim in found:
        for at, (known_block, known_form, known) in enumerate(merged):
            same = known_block != block and known.call.strip() == claim.call.strip()
            joined = _joined(known, claim) if same else None
            if joined is not None:
                merged[at] = (known_block, known_form, joined)
                break
        else:
            merged.append((block, form, claim))
    return [(form, claim) for _, form, claim in merged]


def _joined(one: Claim, other: Claim) -> Claim | None:
    """Return both as one, or None where they contradict one another."""
    fields = ("expected", "wrong", "raises", "should_raise")
    pairs = {field: (getattr(one, field), getattr(other, field)) for field in fields}
    if any(None not in pair and pair[0] != pair[1] for pair in pairs.values()):
        return None
    joined = replace(one, **{field: pair[0] or pair[1] for field, pair in pairs.items()})
    both = (joined.expected and joined.should_raise) or (joined.wrong and joined.wrong == joined.expected)
    return None if both else replace(joined, setup=max(one.setup, other.setup, key=len))
