"""The effects of one trajectory: what it asks the model and runs in sandboxes, journalled and budgeted."""

from __future__ import annotations

import hashlib
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from agent.models.contract import (
    CallAccount,
    Completion,
    ContextOverflow,
    Message,
    Model,
    ModelError,
    ModelUnusable,
    Request,
    RequestRefused,
    UnusableAnswer,
    Usage,
)
from agent.trajectory.budgeted_model import BudgetedModel, BudgetExceeded, Ledger
from agent.trajectory.journal import Journal, JournalEnded
from agent.trajectory.recorded_workspace import RecordedWorkspace
from agent.trajectory.request_key import begins_with
from agent.trajectory.trajectory import Ending, Trajectory
from environments.observed import part
from environments.sandboxes.contract import SandboxError
from environments.workbench.outcome import Execution, GeneratedTest, Outcome
from environments.workbench.workbench import Workbench

MOST_SITTINGS = 3
"""Sittings in which the same call may bring nothing but unusable answers, before that is its trajectory's end."""

_UNUSABLE = "unusable answers"
_LIMIT = "limit"
"""The kind of the step that tells that the budget was spent."""
_REFUSALS = (RequestRefused, ContextOverflow)


class Interrupted(Exception):
    """The run is being ended from outside: nothing more is started, nothing is lost."""


class Stopped(Exception):
    """A policy ended this trajectory: enough others agree."""


@dataclass
class Session:
    """One trajectory's link to the world. Every effect is a journalled step; used by one thread."""

    journal: Journal
    model: Model
    bench: Workbench
    ledger: Ledger
    interrupt: threading.Event = field(default_factory=threading.Event)
    enough: threading.Event = field(default_factory=threading.Event)
    tell: Callable[[str], None] = lambda text: None
    spent: Callable[[Usage, float | None], None] = lambda usage, cost: None
    calls: CallAccount | None = None
    """Where each try of a call is put on record, before it is sent and after."""
    made: Callable[[Trajectory], None] = lambda trajectory: None
    """Is given what the trajectory would come to if it were stopped now, each time that it has made a patch."""
    usage: Usage = field(default_factory=Usage)
    cost: float | None = 0.0
    turns: int = 0
    seconds: float = 0.0
    answers: Counter[str] = field(default_factory=Counter)
    """The answers that were none, by kind (see `agent.models.answers.answer_kind`)."""
    unread: str = ""
    """What was wrong with the last answer that nothing could be done with, in one line."""
    why: str = ""
    """Why the trajectory ended, where its ending alone does not say."""
    sittings: int = MOST_SITTINGS
    """Sittings in which unusable answers to the same call are the end of it; 1 where its task can do without it."""
    final: bool = True
    """The next run does not go on with it."""
    _workspaces: int = 0
    _unused: int = 0
    _asked: list[Message] = field(default_factory=list)
    _dumped: list[dict[str, Any]] = field(default_factory=list)
    """The messages last asked with, as they stand on record."""

    def ask(self, request: Request) -> Completion:
        """Ask the model; raises BudgetExceeded, ModelError, Interrupted, Stopped.

        A refusal is on record like an answer: no later run asks the same again. That the budget is spent is on record
        too, for a trajectory may look once more at what it has before it ends.
        """
        self._count_unused()
        if self.journal.due(_LIMIT):
            spent, _ = self.journal.step(_LIMIT, {}, dict)
            raise BudgetExceeded(spent["resource"], spent["why"])
        recorded = self._recorded(request)

        def perform() -> dict[str, object]:
            self._check()
            try:
                with part("call", self.model.name):
                    asked = replace(request, trajectory=self.name, account=self.calls)
                    completion = BudgetedModel(self.model, self.ledger).complete(asked)
            except ModelError as error:
                if error.paid is not None:
                    self._waste(error.paid, error.paid_cost)
                raise
            self.spent(completion.usage, completion.cost)
            return completion.model_dump(mode="json")

        try:
            answer, replayed = self.journal.step(
                "model", recorded, perform, refusals=_REFUSALS, usable=lambda answer: bool(answer["choices"])
            )
        except BudgetExceeded as error:
            limit = {"resource": error.kind, "why": str(error)}
            self.journal.step(_LIMIT, {}, lambda: limit)
            raise
        completion = Completion.model_validate(answer)
        if replayed:
            self._charge(completion.usage, completion.cost, completion.latency)
        self._count(completion.usage, completion.cost, completion.latency)
        return completion

    @property
    def name(self) -> str:
        """The trajectory's name, its task's before it: what keeps its calls to one replica."""
        path = self.journal.path
        return "/".join((*path.parts[-3:-1], path.stem))

    def workspace(self, patch: str | None = None) -> RecordedWorkspace:
        """Return a tree of the trajectory's own to work in: a fork of the base, or of the base with ``patch`` applied.

        Where the record of an earlier sitting is cut (see `Workspace`), the answers that are not used still count.
        """
        self._workspaces += 1
        return RecordedWorkspace(
            journal=self.journal,
            fork=self.bench.live(patch),
            number=self._workspaces,
            check=self._check,
            interrupt=self.interrupt,
            took=self._took,
            left=self.ledger.seconds_left,
        )

    def run(self, test: GeneratedTest, patch: str | None = None) -> Execution:
        """Run a test on the base, or on the base with ``patch`` applied."""
        return self.run_on(test, [patch])[0]

    def run_on(
        self, test: GeneratedTest, patches: Sequence[str | None], *, seconds: float | None = None
    ) -> list[Execution]:
        """Run a test on several trees in parallel; None is the base. ``seconds``: see ``Workbench.run_many``."""
        request = {"test": test.id, "patches": [_short(patch) for patch in patches]}

        def perform() -> dict[str, object]:
            self._check()
            with part("command", "tests", trees=len(patches)):
                runs = self.bench.run_many([(test, patch, 0) for patch in patches], seconds=seconds)
            return {"executions": [run.model_dump(mode="json") for run in runs]}

        answer, _ = self.journal.step("run", request, perform)
        executions = [Execution.model_validate(run) for run in answer["executions"]]
        self.seconds += sum(run.seconds for run in executions)
        return executions

    def regressions(self, patch: str, baseline: Sequence[str]) -> tuple[str, ...]:
        """Return the existing tests of ``baseline`` that do not pass with ``patch`` applied."""
        return tuple(self.broken(patch, baseline))

    def broken(self, patch: str, baseline: Sequence[str]) -> dict[str, str]:
        """Return the existing tests of ``baseline`` that do not pass with ``patch`` applied, and what each printed.

        The text is empty where it is not known.
        """

        def perform() -> dict[str, object]:
            self._check()
            with part("command", "suite"):
                suite = self.bench.suite(patch)
            failing = [test for test in baseline if suite.outcomes.get(test) != Outcome.PASS]
            return {"failing": failing, "output": {test: suite.failures.get(test, "") for test in failing}}

        answer, _ = self.journal.step("suite", {"patch": _short(patch), "tests": len(baseline)}, perform)
        known = answer.get("output", {})  # records of before hold the names alone
        return {test: known.get(test, "") for test in answer["failing"]}

    def conclude(self, body: Callable[[], Ending]) -> Ending:
        """Run the trajectory's code and return why it ended, recorded as its last line.

        A refused request is the end of its trajectory alone (``model_error`` for good); where the endpoint or the
        sandbox failed the next run goes on. Raises Interrupted and ModelUnusable: neither is an ending, the first
        because the trajectory goes on in the next run, the second because every other call would fail the same way.
        """
        why, final, error_kind = "", True, ""
        try:
            with part("trajectory", self.journal.path.stem):
                ending = body()
            why = f"the last answer: {self.unread}" if ending is Ending.FORMAT_ERRORS and self.unread else ""
        except BudgetExceeded as error:
            ending, why = error.ending, str(error)
        except ContextOverflow as error:
            ending, why = Ending.CONTEXT_LIMIT, str(error)
        except RequestRefused as error:
            ending, why = Ending.MODEL_ERROR, str(error)
        except ModelUnusable:
            raise
        except UnusableAnswer as error:
            sittings = 1 + sum(failure.get("error") == _UNUSABLE for failure in self.journal.failures)
            ending, why, final = Ending.MODEL_ERROR, str(error), sittings >= self.sittings
            error_kind = _UNUSABLE
        except ModelError as error:
            ending, why, final = Ending.MODEL_ERROR, str(error), False
        except SandboxError as error:
            ending, why, final = Ending.SANDBOX_ERROR, str(error), False
        except Stopped as error:
            ending, why = Ending.STOPPED, str(error)
        except JournalEnded as error:
            ending, why = Ending(error.ending["ending"]), error.ending.get("why", "")
        told = {"ending": ending, "why": why} | ({"error": error_kind} if error_kind else {})
        self.journal.end(told, final=final)
        self.why, self.final = why, final
        return ending

    def totals(self) -> dict[str, Any]:
        """Return what every trajectory tells of itself: the fields of `Trajectory` that its session knows."""
        return {
            "usage": self.usage,
            "cost": self.cost,
            "turns": self.turns,
            "seconds": self.seconds,
            "answers": dict(self.answers),
            "why": self.why,
            "final": self.final,
        }

    def _recorded(self, request: Request) -> dict[str, object]:
        """Return a request as it stands on record. What few requests have is left out of those that have it not."""
        if not begins_with(request.messages, self._asked):
            self._asked, self._dumped = [], []
        new = request.messages[len(self._asked) :]
        self._asked += new
        self._dumped += [one.model_dump(exclude_defaults=True) for one in new]
        grammar = request.grammar
        more: dict[str, object] = {"tools": request.tools, "tool_choice": request.tool_choice}
        more |= {"stop": list(request.stop), "raw": request.raw}
        return {
            "messages": list(self._dumped),
            "temperature": request.temperature,
            "max_tokens": request.max_tokens,
            "seed": request.seed,
            "logprobs": request.logprobs,
            "grammar": hashlib.sha256(grammar.encode()).hexdigest()[:16] if grammar else None,
            **{name: value for name, value in more.items() if value},
        }

    def _count(self, usage: Usage, cost: float | None, seconds: float) -> None:
        self.turns += 1
        self.usage += usage
        self.cost = None if self.cost is None or cost is None else self.cost + cost
        self.seconds += seconds

    def _charge(self, usage: Usage, cost: float | None, seconds: float) -> None:
        """Count a call of an earlier sitting against the budget."""
        self.ledger.charge(usage, cost, seconds=seconds)
        self.spent(usage, cost)

    def _count_unused(self) -> None:
        """Count, once, the answers that were paid for and cut off the record."""
        for answer in self.journal.unused[self._unused :]:
            spent = Usage.model_validate(answer["usage"]), answer["cost"], answer["latency"]
            self._charge(*spent)
            self._count(*spent)
        self._unused = len(self.journal.unused)

    def _waste(self, usage: Usage, cost: float | None) -> None:
        """Count what a call cost that came to nothing; the ledger has its worst case already."""
        self._count_unused()
        self.journal.waste(usage.model_dump(), cost)
        self._unused = len(self.journal.unused)
        self.spent(usage, cost)
        self._count(usage, cost, 0.0)

    def _took(self, seconds: float) -> None:
        self.seconds += seconds
        self._count_unused()

    def _check(self, begun: bool = False) -> None:
        """Raise where nothing more shall be started; what was ``begun`` in an earlier sitting is done again first."""
        if self.interrupt.is_set():
            raise Interrupted
        if self.enough.is_set() and not begun:
            raise Stopped("enough trajectories agree")


def _short(patch: str | None) -> str | None:
    return None if patch is None else hashlib.sha256(patch.encode("utf-8", "surrogateescape")).hexdigest()[:16]
