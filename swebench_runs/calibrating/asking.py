"""A judge heard over a pool's patches: by the issue and the diffs alone, every answer on record before it is used."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

from agent.models.contract import Completion, ContextOverflow, Model, Request, RequestRefused, UnusableAnswer
from agent.models.profiles import ModelProfile
from agent.prompts import render
from agent.trajectory.budgeted_model import BudgetedModel, Ledger
from environments.record_file import append_line, read_lines
from swebench_runs.calibrating.sources import issue_of, labels
from swebench_runs.calibrating.worth import ScoredTask
from swebench_runs.choosing.labelled_pool import LabelledTask
from verifiers.judges import JUDGES, Hearing

NOT_SHOWN = "(not shown)"


@dataclass
class RecordedAsk:
    """Asks a model; an answer that is on record, a refusal too, is not asked for again."""

    model: Model
    profile: ModelProfile
    ledger: Ledger
    record: Path
    seed: int
    asked: int = 0
    """Calls that were made, and are not on record from before."""
    _known: dict[str, Completion | None] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        for line in read_lines(self.record):
            answer = line["answer"]
            self._known[line["key"]] = Completion.model_validate(answer) if answer else None

    def __call__(self, request: Request) -> Completion | None:
        """Return the answer; None for a refusal."""
        asked = replace(request, max_tokens=self.profile.room(request.max_tokens), seed=self.seed)
        key = self._key(asked)
        with self._lock:
            if key in self._known:
                return self._known[key]
        try:
            answer: Completion | None = BudgetedModel(self.model, self.ledger).complete(asked)
        except (RequestRefused, ContextOverflow, UnusableAnswer):
            answer = None
        with self._lock:
            self.asked += 1
            self._known[key] = answer
            append_line(self.record, {"key": key, "answer": answer.model_dump(mode="json") if answer else None})
        return answer

    def _key(self, request: Request) -> str:
        messages = [message.model_dump(mode="json") for message in request.messages]
        values = [self.model.name, messages, request.n, request.temperature, request.max_tokens, request.grammar]
        how = [self.profile.reasoning_effort, self.profile.model_kwargs]
        text = json.dumps([*values, request.logprobs, self.seed, *how], sort_keys=True)
        return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:24]


def heard_over(
    tasks: Sequence[LabelledTask],
    judge: str,
    ask: RecordedAsk,
    *,
    at_once: int = 1,
    stop: threading.Event | None = None,
    say: Callable[[str], None] = lambda line: None,
) -> list[ScoredTask]:
    """Return every task with a judge's scores, so many tasks at once; ModelError where the endpoint fails.

    ``stop`` is set where this does not come to its end, by Ctrl-C too: nothing more is asked then.
    """
    ended = stop or threading.Event()

    def asked(request: Request) -> Completion | None:
        if ended.is_set():
            raise CancelledError
        return ask(request)

    def one(task: LabelledTask) -> ScoredTask:
        scores = dict(JUDGES[judge].scores(asked, hearing_of(task, ask.profile, ask.seed)))
        say(f"{judge}: {task.instance_id}")
        return ScoredTask(task.instance_id, task.repository, labels(task), scores)

    with ThreadPoolExecutor(max(1, at_once), thread_name_prefix="judge") as pool, ExitStack() as unless_done:
        unless_done.callback(ended.set)  # before the pool waits for its threads
        found = list(pool.map(one, tasks))
        unless_done.pop_all()
        return found


def hearing_of(task: LabelledTask, profile: ModelProfile, seed: int) -> Hearing:
    """Return a task of a pool as a judge is shown it: without its repository, which a pool does not hold."""
    ballot = issue_of(task)
    situation = render("situation", repo=task.repository.replace("__", "/"), context=NOT_SHOWN, issue=ballot.issue)
    return Hearing(situation, ballot, profile, seed=seed)
