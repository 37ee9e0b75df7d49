"""mini-swe-agent's trajectories, in a process and a virtual environment of its own.

Run by `sides.py` with mini-swe-agent's Python: reads an order a line from standard input, answers each with a line.
It works as its own SWE-bench batch does: its prompts, its LitellmModel, its bubblewrap environment.
"""

from __future__ import annotations

import importlib
import logging
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

from environments.host_programs import find_program, host_environment
from swebench_runs.bench.agents.crowd import live_at_once
from swebench_runs.bench.agents.meter import Meter
from swebench_runs.bench.agents.orders import serve
from swebench_runs.bench.agents.script import COST_LIMIT, FILES, ISSUE, MODEL, answer


class Mini:
    """Makes its agents, each in a tree of its own."""

    def __init__(self, bwrap: str) -> None:
        """``bwrap``: the binary that its environment starts."""
        self._bwrap = bwrap
        self._folder = tempfile.TemporaryDirectory(prefix="runoff-bench-mini-")
        self._numbers = count()
        self._tree = Path(self._folder.name) / "tree"
        _lay(self._tree)
        self._agents: Any = importlib.import_module("minisweagent.agents.default")
        self._models: Any = importlib.import_module("minisweagent.models.litellm_model")
        self._places: Any = importlib.import_module("minisweagent.environments.extra.bubblewrap")
        yaml: Any = importlib.import_module("yaml")
        config = Path(importlib.import_module("minisweagent").__file__ or "").parent / "config" / "benchmarks"
        self._config: Any = yaml.safe_load((config / "swebench.yaml").read_text())

    def agent(self, model: Any, steps: int, *, saved: bool) -> Any:
        """Return a new agent; ``saved``: it writes its trajectory at each step, so that a crash loses none."""
        number = next(self._numbers)
        tree = Path(self._folder.name) / f"tree-{number}"
        shutil.copytree(self._tree, tree)
        place = self._places.BubblewrapEnvironment(executable=self._bwrap, cwd=str(tree), timeout=60)
        templates = {name: self._config["agent"][name] for name in ("system_template", "instance_template")}
        path = Path(self._folder.name) / f"{number}.traj.json" if saved else None
        return self._agents.DefaultAgent(
            model, place, **templates, step_limit=steps + 10, cost_limit=COST_LIMIT, output_path=path
        )

    def model(self, api_base: str) -> Any:
        """Return its model over litellm."""
        return self._models.LitellmModel(
            model_name=MODEL,
            model_kwargs={"api_base": api_base, "api_key": "none"},
            observation_template=self._config["model"]["observation_template"],
        )

    def scripted(self, steps: int, wait: Callable[[], None], wait_at: int) -> Any:
        """Return its model with the script in place of litellm's call."""
        response: Any = self._models.litellm.ModelResponse
        base: Any = self._models.LitellmModel

        class Scripted(base):  # type: ignore[misc]
            def _query(self, messages: list[dict[str, Any]], **named: Any) -> Any:
                if sum(message["role"] == "assistant" for message in messages) == wait_at:
                    wait()
                return response(**answer(messages, ("bash",), steps))

        return Scripted(model_name=MODEL, observation_template=self._config["model"]["observation_template"])

    def steps(self, order: dict[str, Any]) -> dict[str, Any]:
        """Meter one trajectory over litellm."""
        meter, litellm = Meter(), self._models.litellm
        agent = self.agent(self.model(order["api_base"]), order["steps"], saved=order["saved"])
        whole = litellm.completion
        litellm.completion = meter.wrapped("litellm", whole)
        agent.model.query = meter.wrapped("layer", agent.model.query)
        agent.env.execute = meter.wrapped("command", agent.env.execute)
        try:
            ended = agent.run(ISSUE)
        finally:
            litellm.completion = whole
        return {"ended": ended["exit_status"], "patch": ended["submission"], "steps": meter.steps()}

    def live(self, order: dict[str, Any]) -> dict[str, Any]:
        """Have many trajectories live at once, without litellm's call."""
        steps = order["steps"]

        def one(number: int, wait: Callable[[], None]) -> bool:
            agent = self.agent(self.scripted(steps, wait, steps - 1), steps, saved=False)
            return bool(agent.run(ISSUE)["submission"])

        return live_at_once(order["count"], one)

    def close(self) -> None:
        """Remove the trees."""
        self._folder.cleanup()


def _lay(tree: Path) -> None:
    for name, text in FILES.items():
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_text(text)
    for words in (["init", "-q"], ["add", "."], ["-c", "user.name=b", "-c", "user.email=b", "commit", "-qm", "b"]):
        subprocess.run([find_program("git") or "/usr/bin/git", *words], cwd=tree, check=True, env=host_environment())


def main() -> None:
    """Answer until standard input ends."""
    logging.disable(logging.INFO)
    mini = Mini(sys.argv[1])
    try:
        serve({"steps": mini.steps, "live": mini.live})
    finally:
        mini.close()


if __name__ == "__main__":
    main()
