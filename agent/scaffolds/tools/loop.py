"""The loop of a trajectory with tools: ask, carry out what is called, tell what came of it, until it is handed in.

What the scaffold makes of it (a patch, a test, a verdict) is its tools' matter: one of them says when it is over.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field

from agent.models.contract import Choice, ContextOverflow, Message, Request
from agent.prompts import render
from agent.scaffolds.conversation import Sampling
from agent.scaffolds.tools.calling.answers import Answer, read_answer
from agent.scaffolds.tools.calling.calls import Call
from agent.scaffolds.tools.calling.tool import Arguments, Done, Tool, ToolBox
from agent.scaffolds.tools.calling.way_of_calling import note_garbled
from agent.scaffolds.tools.remaining import Remaining
from agent.scaffolds.tools.watch import ENDED_AT, TOLD_AT, Repetition
from agent.scaffolds.tools.window.gate import make_room, too_full
from agent.scaffolds.tools.window.history import History
from agent.trajectory.session import Session, Stopped
from agent.trajectory.trajectory import Ending
from environments.text import one_line

MOST_LOST = 5
"""Answers in a row with which nothing can be done end a trajectory."""
MOST_GARBLED = 3
"""Answers in a row with calls that cannot be read, after which tools are called by blocks of text."""
_MORE_ROOM = 4
"""Times the room that a cut answer had is what its second try has, at most."""
NO_FUNCTIONS = "tools dropped"
"""The note of an answer whose endpoint was asked without functions."""
_STOP = ("\n[result",)
"""Where a model without functions begins to make up what its calls came to."""
_NOTHING_TO_DO = {
    "no_call": "no call of a tool in it",
    "malformed_call": "a call that could not be read",
    "cut": "cut off at its length",
    "filtered": "withheld by a content filter",
    "empty": "empty",
}


@dataclass
class Loop:
    """One trajectory's loop."""

    session: Session
    sampling: Sampling
    box: ToolBox
    native: bool
    """Tools are called by the endpoint's functions; else by blocks in the answer's text."""
    window: int | None
    """The model's window in tokens; None: unknown, and found out by what does not fit."""
    diff: Callable[[], str] = lambda: ""
    """The tree's change as last seen."""
    grammar: str | None = None
    """What every answer is held to; None: nothing."""
    forms: Callable[[], str] = lambda: ""
    """How tools are called by blocks, for an endpoint that refuses functions after all; empty: as JSON in a tag."""
    history: History = field(default_factory=History)
    _repetition: Repetition = field(default_factory=Repetition)
    _asked: int = 0
    _lost: int = 0
    _garbled: int = 0
    """Answers in a row whose calls of functions could not be read."""
    _repeats: int = 0
    """How often the last answer's calls had been made before, on the same tree and with the same result."""
    _room: int = 0
    """Of the last answer, in tokens."""
    _opening: int = 0

    def run(self, system: str, opening: str) -> Ending:
        """Go on until a tool says that it is over, or a limit is reached."""
        remaining = Remaining(self.session, self.sampling.turns)
        self.history.add(Message(role="system", content=system))
        self.history.add(Message(role="user", content=f"{opening}\n\n{remaining.at_start()}"))
        self._opening = len(self.history.messages)
        while self._asked < self.sampling.turns:
            answer = self._answer()
            if answer.kind == "calls":
                self._lost = self._garbled = 0
                if self._carry_out(answer, remaining):
                    return Ending.SUBMITTED
                continue
            self._lost += 1
            self.session.unread = one_line("; ".join(answer.problems) or _NOTHING_TO_DO[answer.kind], 300)
            if self._lost == MOST_LOST:
                return Ending.FORMAT_ERRORS
            self._tell_lost(answer, remaining)
            self._heed_garbled(answer)
        return Ending.TURN_LIMIT

    def _heed_garbled(self, answer: Answer) -> None:
        """Give functions up where calls by them come garbled again and again."""
        self._garbled = self._garbled + 1 if answer.garbled else 0
        journal = self.session.journal
        if not self.native or self._garbled < MOST_GARBLED or (journal.goes_on and not journal.due("functions")):
            return  # or it is on record, by an earlier version, that it went on by functions
        note_garbled(self.session.model)
        self._go_on_without_functions("garbled_functions", f"{self._garbled} calls of functions in a row were garbled")
        self._lost = 0

    def _answer(self) -> Answer:
        """Ask once; an answer that its length cut is asked for once more, with more room."""
        self._asked += 1
        self.session.tell(f"step {self._asked} of {self.sampling.turns}")
        room = self.sampling.answer_tokens
        answer = self._read(self._choice(room))
        most = min(_MORE_ROOM * room, self.sampling.most_tokens)
        if answer.kind == "cut" and room < most:
            self.session.tell(f"answer cut at {room} tokens, asked for again with more room")
            self.session.answers["cut"] += 1
            room, answer = most, self._read(self._choice(most))
        self._room = room
        return answer

    def _read(self, choice: Choice) -> Answer:
        return read_answer(choice, self.box, native=self.native, number=self._asked)

    def _choice(self, room: int) -> Choice:
        if too_full(self.history, room, self.window):
            self._make_room(room)
        while True:
            try:
                completion = self.session.ask(self._request(room))
            except ContextOverflow:
                if not self._make_room(room):
                    raise
                continue
            self.history.counted(completion.usage)
            if self.native and NO_FUNCTIONS in completion.notes:
                self._go_on_without_functions("no_functions", "the endpoint refuses functions")
                continue
            return completion.choices[0]

    def _go_on_without_functions(self, kind: str, why: str) -> None:
        """Tell a model to call by blocks: its endpoint refuses functions, or garbles them, or it does."""
        self.native = False
        self.session.answers[kind] += 1
        self.session.tell(f"{why}: tools are called by blocks of text from now on")
        self.session.journal.step("functions", {"answers": self._asked}, lambda: {"done": "called by blocks of text"})
        self.history.said(in_tags(self.box, forms=self.forms(), garbled=kind == "garbled_functions"))

    def _request(self, room: int) -> Request:
        return Request(
            tuple(self.history.messages),
            temperature=self.sampling.warmed(self._repeats),  # one that repeats itself is not asked the same way again
            max_tokens=room,
            seed=self.sampling.seed + self._asked,
            prompt_tokens=self.history.known_tokens,
            tools=self.box.functions() if self.native else (),
            grammar=self.grammar,
            stop=() if self.native else _STOP,
        )

    def _make_room(self, room: int) -> bool:
        done = make_room(self.history, room, self.window, self._opening, self.diff())
        if done:
            self.session.tell(f"window nearly full, {done}")
            self.session.journal.step("window", {"answers": self._asked}, lambda: {"done": done})
        return bool(done)

    def _carry_out(self, answer: Answer, remaining: Remaining) -> bool:
        """Do what an answer calls for, in order, and tell what came of it; return whether the trajectory is over."""
        self.history.add(answer.message)
        results, self._repeats, waiting = list[tuple[Call, Done]](), 0, set[str]()
        for call, tool, arguments in answer.calls:
            again = tool.name in waiting
            done = Done(self._remark("unread", tool=tool.name)) if again else self._use(call, tool, arguments)
            results.append((call, done))
            waiting |= {tool.name} if done.waits else set()
            if done.over:
                return True
        notes = []
        if answer.problems:
            self.session.answers["malformed_call"] += 1
            notes.append(self._remark("malformed_call", problems=answer.problems))
        if left := remaining.after(self._asked):
            notes.append(left)
        self._tell(results, notes)
        return False

    def _use(self, call: Call, tool: Tool, arguments: Arguments) -> Done:
        self.session.tell(call.told(60))
        done = tool.use(arguments)
        said = f"{call.name}\0{arguments!r}"
        count = self._repetition.count(said, done.told, self.diff(), changes=done.changed)
        self._repeats = max(self._repeats, count - 1)
        if count >= ENDED_AT and not done.over:
            raise Stopped(f"the same call gave the same result {count} times: {call.told()}")
        if count >= TOLD_AT and not done.over:
            self.session.tell(f"repeated {count} times: {call.told(60)}")
            return Done(f"{done.told}\n{self._remark('repeated', count=count, last=ENDED_AT)}")
        return done

    def _tell(self, results: list[tuple[Call, Done]], notes: list[str]) -> None:
        """Append results: each as its call's where the endpoint has calls, else all in one message."""
        more = "\n".join(["", *notes])
        if self.native:
            last = len(results) - 1
            for place, (call, done) in enumerate(results):
                text = done.told + (more if place == last else "")
                self.history.add(Message(role="tool", content=text, tool_call_id=call.id))
            return
        told = [f"[result of {call.told()}]\n{done.told}" for call, done in results]
        self.history.said("\n\n".join(told) + more)

    def _tell_lost(self, answer: Answer, remaining: Remaining) -> None:
        """Tell a model that nothing could be done with its answer; only words of its own stay in the history."""
        self.session.answers[answer.kind] += 1
        self.session.tell(f"nothing to carry out: {self.session.unread}")
        if answer.kind == "no_call":
            self.history.add(answer.message)
        remark = self._remark(answer.kind, problems=answer.problems, room=self._room)
        self.history.said("\n".join(part for part in (remark, remaining.after(self._asked)) if part))

    def _remark(self, kind: str, **values: object) -> str:
        return render("tools/remark", kind=kind, native=self.native, **values)


def in_tags(box: ToolBox, *, forms: str = "", garbled: bool = False) -> str:
    """Return how tools are called without functions: by ``forms``, or as JSON in a tag where there are none."""
    functions = [json.dumps(one["function"]) for one in box.functions()]
    return render("tools/no_functions", forms=forms, functions=functions, garbled=garbled)
