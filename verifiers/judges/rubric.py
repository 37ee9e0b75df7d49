"""The judge ``rubric``: what a right change must do, written once per task before any candidate is seen, then graded.

After Agentic Rubrics (arXiv 2601.04171): whoever writes it explores the repository; each candidate is graded by item.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from agent.models.answers.answer_kind import kind_of
from agent.models.contract import Choice, Message, Request
from agent.models.profiles import Capability
from agent.prompts import render
from agent.scaffolds.both_sides import clipped
from agent.scaffolds.conversation import Sampling
from agent.scaffolds.tools.calling.tool import Arguments, Done, ToolBox
from agent.scaffolds.tools.calling.way_of_calling import begins_with_functions
from agent.scaffolds.tools.loop import Loop, in_tags
from agent.scaffolds.tools.shown import room_for
from agent.scaffolds.tools.toolbox.shell import Bash
from agent.trajectory.session import Session
from verifiers.judges.case import Case
from verifiers.judges.diff_room import diff_room
from verifiers.judges.hearing import Hearing
from verifiers.judges.judge import Ask, Scored

STEPS = 20
"""Answers that exploring the repository may take."""
LEAST_SHARE = 0.5
"""Of a rubric's weight, below which what was graded of it says nothing of a candidate."""
_MOST_ITEMS = 12
_WARMTH = 0.7
_SHOWN_DIFF = 4000
_ROOM = 600
"""Tokens for a line each."""


class Item(BaseModel):
    """One thing that a right change does, or does not do."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    check: Annotated[str, Field(min_length=8, max_length=400, description="What to check, as a statement.")]
    weight: Annotated[int, Field(ge=1, le=3, description="3: without it the issue stands; 1: good to have.")] = 2


Items = Annotated[tuple[Item, ...], Field(min_length=2, max_length=_MOST_ITEMS)]
_ITEMS = TypeAdapter(Items)


class Rubric:
    """Scores a candidate by the share of the rubric's weight that it is found to meet."""

    needs: frozenset[Capability] = frozenset()

    def scores(self, ask: Ask, hearing: Hearing) -> Iterator[Scored]:
        """Write the rubric, then yield each candidate's share; all are missing where no rubric came about."""
        items = written(ask, hearing)
        for case in hearing.cases():
            yield case.candidate.id, graded(ask, case, items) if items else None

    def questions(self, candidates: int, draws: int) -> int:
        """Return the steps of exploring, and an answer or several for each candidate."""
        return STEPS + candidates * draws


def written(ask: Ask, hearing: Hearing) -> tuple[Item, ...]:
    """Return a task's rubric: by a model that calls functions after a look around, by another from what it is shown."""
    profile = hearing.profile
    if hearing.session is not None and profile.tools and profile.scaffold == "tools":
        return _explored(hearing.session, hearing)
    request = render("judge/rubric_write", tools=False)
    messages = (
        Message(role="system", content=render("judge/system")),
        Message(role="user", content=f"{hearing.situation}\n\n{request}"),
    )
    answer = ask(Request(messages, max_tokens=profile.answer_tokens))
    # Of an answer that is cut, the last whole list may be one that was thought of on the way.
    return read_rubric(answer.choices[0].content) if answer and kind_of(answer.choices[0]) == "whole" else ()


def read_rubric(text: str) -> tuple[Item, ...]:
    """Return the items of the last JSON list in a text that is one; none where there is no such list."""
    for opening in reversed([found.start() for found in re.finditer(r"\[", text)]):
        try:
            values, _ = json.JSONDecoder().raw_decode(text[opening:])
            return _ITEMS.validate_python(values)
        except (ValueError, RecursionError):
            continue
    return ()


def graded(ask: Ask, case: Case, items: Sequence[Item]) -> float | None:
    """Return the share of a rubric's weight that a candidate meets, of what was graded; None: too little was."""
    profile = case.profile
    diff = clipped(case.candidate.patch, diff_room(profile, least=_SHOWN_DIFF))
    thinks = profile.judge_draws > 1
    request = render("judge/rubric_grade", items=items, diff=diff, evidence=case.evidence(), thinks=thinks)
    messages = (
        Message(role="system", content=render("judge/system")),
        Message(role="user", content=f"{case.situation}\n\n{request}"),
    )
    question = Request(
        messages,
        n=profile.judge_draws,
        temperature=_WARMTH if thinks else 0.0,
        max_tokens=profile.answer_tokens if thinks else _ROOM,
    )
    completion = ask(question)
    found = (
        [share for choice in completion.choices if (share := read_grades(choice, items)) is not None]
        if completion
        else []
    )
    return sum(found) / len(found) if found else None


_GRADE = re.compile(r"^[ \t*>-]*(\d{1,2})\W{1,20}(YES|NO)\b", re.MULTILINE | re.IGNORECASE)


def read_grades(choice: Choice, items: Sequence[Item]) -> float | None:
    """Return the weight that is met of that which was graded; None where less than half of the weight was.

    None, too, for an answer that is cut: its grades may be those that were thought of on the way, and those that it did
    not come to would count for a candidate or against it.
    """
    if kind_of(choice) != "whole":
        return None
    said = {int(number): word.upper() == "YES" for number, word in _GRADE.findall(choice.content)}
    weights = {number: item.weight for number, item in enumerate(items, 1) if number in said}
    whole = sum(item.weight for item in items)
    if not weights or sum(weights.values()) < LEAST_SHARE * whole:
        return None
    return sum(weight for number, weight in weights.items() if said[number]) / sum(weights.values())


class RubricArguments(Arguments):
    """What ``submit`` takes."""

    items: Annotated[Items, Field(description="The rubric.")]


@dataclass
class SubmitRubric:
    """Ends the look around with a rubric."""

    items: tuple[Item, ...] = ()
    name: str = "submit"
    about: str = "Hand the rubric in."
    arguments: type[RubricArguments] = RubricArguments

    def use(self, arguments: RubricArguments) -> Done:
        """Take it."""
        self.items = arguments.items
        return Done("Taken.", over=True)


@dataclass
class _Explorer:
    session: Session
    hearing: Hearing
    submit: SubmitRubric = field(default_factory=SubmitRubric)

    def run(self) -> tuple[Item, ...]:
        """Go through the loop in a tree of its own; no rubric where none is handed in."""
        profile = self.hearing.profile
        with self.session.workspace() as workspace:
            box = ToolBox((Bash(workspace, room_for(profile.context_tokens)), self.submit))
            native = begins_with_functions(self.session, profile)
            sampling = Sampling(
                turns=STEPS,
                temperature=0.0,
                answer_tokens=profile.room(profile.answer_tokens),
                most_tokens=profile.max_output_tokens,
                seed=self.hearing.seed,
            )
            loop = Loop(self.session, sampling, box, native=native, window=profile.context_tokens)
            forms = "" if native else in_tags(box)
            opening = f"{self.hearing.situation}\n\n{render('judge/rubric_write', tools=True)}"
            loop.run(render("judge/system"), "\n\n".join(filter(None, (opening, forms))))
        return self.submit.items


def _explored(session: Session, hearing: Hearing) -> tuple[Item, ...]:
    return _Explorer(session, hearing).run()
