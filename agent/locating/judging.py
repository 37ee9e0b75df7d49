"""One file judged relevant for an issue or not, with a paragraph of what matters (CodeMonkeys, arXiv 2501.14723)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from agent.context.packing import pack
from agent.context.source import shown
from agent.context.symbols import Symbol
from agent.context.tokens import estimate_tokens
from agent.locating.asking import Ask, asked, clipped_issue, room_beside
from agent.models.profiles import ModelProfile
from agent.prompts import render

_ANSWER = 400
_LONGEST_SUMMARY = 800
_GRAMMAR = 'root ::= "RELEVANT: " ("YES" | "NO") "\\nSUMMARY: " [^\\n]+'
_VERDICT = re.compile(r"\brelevant\b\W{1,6}(?:is\W+)?(yes|no|true|false)\b", re.IGNORECASE)
_SUMMARY = re.compile(r"\bsummary\b[\"*:\s]{1,6}", re.IGNORECASE)


@dataclass(frozen=True)
class Judged:
    """What a model says of a file."""

    relevant: bool
    summary: str


def judge_file(
    ask: Ask, issue: str, path: str, raw: bytes, own: Sequence[Symbol], profile: ModelProfile
) -> Judged | None:
    """Ask whether a file is relevant; None where the answer says neither.

    ``own``: its symbols, most relevant first: of a file that is too large for the window they are shown, as many as
    fit.
    """
    text = shown(raw)
    room = room_beside(issue, _ANSWER, profile)
    whole = len(text) <= 8 * room and estimate_tokens(text) <= room
    if not whole:
        text = pack(own, room, estimate_tokens).text
    fence = "```"
    while fence in text:
        fence += "`"
    prompt = render("locate/judge", issue=clipped_issue(issue, profile), path=path, text=text, fence=fence, whole=whole)
    return verdict(ask(asked(prompt, answer=_ANSWER, grammar=_GRAMMAR if profile.grammar else None)).choices[0].content)


def verdict(answer: str) -> Judged | None:
    """Read an answer; the last verdict counts, which stands after what a model may have thought aloud."""
    found = list(_VERDICT.finditer(answer))
    if not found:
        return None
    said = found[-1][1].lower() in ("yes", "true")
    rest = answer[found[-1].end() :]
    mark = _SUMMARY.search(rest) or _SUMMARY.search(answer)
    text = (mark.string[mark.end() :] if mark else rest).split("RELEVANT:")[0]
    return Judged(said, " ".join(text.split())[:_LONGEST_SUMMARY].strip(' "}'))
