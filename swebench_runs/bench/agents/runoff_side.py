"""Runoff's trajectories with the scaffold ``tools``, in a process of its own; run by `sides.py`.

Reads an order a line from standard input, answers each with a line. Everything is what a run uses: the workbench, the
session with its record on disk and its ledger, forks of a bubblewrap sandbox.
"""

from __future__ import annotations

import logging
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from agent.context import Context
from agent.models.connect import connect
from agent.models.contract import Choice, Completion, Model, Request, Usage
from agent.models.endpoints.settings import EndpointSettings
from agent.models.litellm_import import litellm
from agent.models.prices import FREE, Price
from agent.models.profiles import profile_for
from agent.scaffolds import SCAFFOLDS, Plan
from agent.scaffolds.conversation import Sampling
from agent.scaffolds.replies import ReplyForms
from agent.trajectory.budgeted_model import Ledger
from agent.trajectory.journal import Journal
from agent.trajectory.session import Session
from environments.sandboxes.lease import NoLease
from environments.task import EnvironmentSpec, Task
from environments.workbench.workbench import Workbench
from swebench_runs.bench.agents.crowd import live_at_once
from swebench_runs.bench.agents.meter import Meter
from swebench_runs.bench.agents.metered_sandbox import MeteredSandbox
from swebench_runs.bench.agents.orders import serve
from swebench_runs.bench.agents.script import COST_LIMIT, FILES, ISSUE, MODEL, answer
from swebench_runs.config import Budget
from swebench_runs.one_task.ground.base_sandbox import lay, open_base, scratch

RUN_ID = "bench"
_PROFILE = profile_for(MODEL).model_copy(update={"tools": True})
_ANSWER_TOKENS = 4096


class Scripted:
    """The script without an endpoint; waits once, at step ``wait_at``."""

    name = "scripted"
    price: Price | None = FREE

    def __init__(self, steps: int, wait: Callable[[], None], wait_at: int) -> None:
        """``steps``: of the whole trajectory."""
        self._steps, self._wait, self._wait_at = steps, wait, wait_at

    def complete(self, request: Request) -> Completion:
        """Answer by the script."""
        messages = [{"role": message.role, "content": message.content} for message in request.messages]
        if sum(message["role"] == "assistant" for message in messages) == self._wait_at:
            self._wait()
        made = answer(messages, [tool["function"]["name"] for tool in request.tools], self._steps)
        said, usage = made["choices"][0]["message"], made["usage"]
        choice = Choice(content=said["content"], finish_reason="tool_calls", tool_calls=tuple(said["tool_calls"]))
        counted = Usage(prompt_tokens=usage["prompt_tokens"], completion_tokens=usage["completion_tokens"])
        return Completion(choices=(choice,), usage=counted, cost=0.0, latency=0.0)

    def count_tokens(self, messages: Any) -> int:
        """Count characters: nothing asks."""
        return sum(len(message.content) for message in messages)


class Runoff:
    """Makes trajectories of one task."""

    def __init__(self, bench: Workbench, folder: Path, meters: list[Meter]) -> None:
        """``folder``: for their records; ``meters``: what its sandboxes look at."""
        self._bench, self._folder, self._meters = bench, folder, meters
        self._made = 0
        self._interrupt = threading.Event()  # one for all, as a run has

    def steps(self, order: dict[str, Any]) -> dict[str, Any]:
        """Meter one trajectory over litellm."""
        meter, library = Meter(), litellm()
        whole = library.completion
        with connect(MODEL, profile=_PROFILE, endpoints=EndpointSettings(api_bases=(order["api_base"],))) as model:
            library.completion = meter.wrapped("litellm", whole)
            model.complete = meter.wrapped("layer", model.complete)  # type: ignore[method-assign]
            self._meters.append(meter)
            try:
                made = self._run(model, f"steps-{self._made}", order["steps"])
            finally:
                self._meters.clear()
                library.completion = whole
        self._made += 1
        return {"ended": made.ending, "patch": made.patch, "steps": meter.steps()}

    def live(self, order: dict[str, Any]) -> dict[str, Any]:
        """Have many trajectories live at once, without litellm."""
        steps, self._made = order["steps"], self._made + 1

        def one(number: int, wait: Callable[[], None]) -> bool:
            return bool(self._run(Scripted(steps, wait, steps - 2), f"live-{self._made}-{number}", steps).patch)

        return live_at_once(order["count"], one)

    def _run(self, model: Model, name: str, steps: int) -> Any:
        context = Context(text="", symbols=(), left_out=(), tokens=0)
        plan = Plan(
            situation=ISSUE,
            forms=ReplyForms(_PROFILE, context, self._bench.contents()),
            sampling=Sampling(turns=steps + 10, temperature=0.0, answer_tokens=_ANSWER_TOKENS, seed=0),
        )
        with Journal(self._folder / f"{name}.jsonl", {"trajectory": name}) as journal:
            ledger = Ledger(Budget(cost=COST_LIMIT))
            session = Session(journal, model, self._bench, ledger, interrupt=self._interrupt)
            return SCAFFOLDS["tools"].run(session, plan, index=0)


@contextmanager
def opened() -> Iterator[Runoff]:
    """Open the task."""
    meters: list[Meter] = []
    with scratch(RUN_ID) as folder, tempfile.TemporaryDirectory(prefix="runoff-bench-") as records:
        for name, text in FILES.items():
            (folder / "tree" / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / "tree" / name).write_text(text)
        commit = lay(folder / "tree", folder / "base")
        task = Task(
            instance_id="bench-1",
            repo="bench",
            base_commit=commit,
            problem_statement=ISSUE,
            environment=EnvironmentSpec(),
        )
        with (
            open_base(task.environment, folder / "base", run_id=RUN_ID) as base,
            Workbench(
                MeteredSandbox(base, meters), task, record=Path(records) / "executions.jsonl", lease=NoLease()
            ) as bench,
        ):
            yield Runoff(bench, Path(records), meters)


def main() -> None:
    """Answer until standard input ends."""
    logging.disable(logging.INFO)
    with opened() as runoff:
        serve({"steps": runoff.steps, "live": runoff.live})


if __name__ == "__main__":
    main()
