"""mini-swe-agent at one task, in its own Python; run by `theirs.py`, which carries out its commands.

Its prompts, its loop and its model for endpoints without functions (actions as blocks of text) are its own; its
commands run in a sandbox of Runoff's, over the same tree that Runoff works in. Talks in lines of JSON: reads what the
task is, writes commands and reads what came of them, and writes how it ended.
"""

from __future__ import annotations

import importlib
import json
import logging
import os
import sys
from pathlib import Path
from typing import Any

_NAME = "openai/local"


def main() -> None:
    """Work at one task."""
    logging.disable(logging.INFO)
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    order = json.loads(sys.stdin.readline())

    def told(line: dict[str, Any]) -> None:
        print(json.dumps(line), file=answers, flush=True)

    agents: Any = importlib.import_module("minisweagent.agents.default")
    models: Any = importlib.import_module("minisweagent.models.litellm_textbased_model")
    places: Any = importlib.import_module("minisweagent.environments.extra.bubblewrap")
    yaml: Any = importlib.import_module("yaml")
    folder = Path(importlib.import_module("minisweagent").__file__ or "").parent / "config" / "benchmarks"
    config: Any = yaml.safe_load((folder / "swebench_backticks.yaml").read_text())
    base: Any = places.BubblewrapEnvironment

    class Place(base):  # type: ignore[misc]
        def execute(self, action: dict[str, Any], cwd: str = "", *, timeout: int | None = None) -> dict[str, Any]:
            told({"command": action.get("command", "")})
            output: dict[str, Any] = json.loads(sys.stdin.readline())
            self._check_finished(output)
            return output

    refused = models.litellm.exceptions.BadRequestError  # the same request is refused again
    models.LitellmTextbasedModel.abort_exceptions = [*models.LitellmTextbasedModel.abort_exceptions, refused]
    model = models.LitellmTextbasedModel(
        model_name=_NAME,
        model_kwargs={
            **config["model"]["model_kwargs"],
            **{"api_base": order["api_base"], "api_key": "none"},
            **{"temperature": order["temperature"], "seed": order["seed"]},
        },
        cost_tracking="ignore_errors",
        **{name: config["model"][name] for name in ("observation_template", "format_error_template")},
    )
    agent = agents.DefaultAgent(model, Place(cwd="/testbed"), **{**config["agent"], "cost_limit": 0.0})
    try:
        ended = agent.run(order["issue"])
    except Exception as error:  # noqa: BLE001 - whatever ends it is told, and the process ends with it
        ended = {"exit_status": type(error).__name__, "submission": "", "why": str(error)[:300]}
    told({"ended": ended["exit_status"], "submission": ended["submission"], "why": ended.get("why", "")})


if __name__ == "__main__":
    main()
