"""Answers of records that were set aside: what was paid for once is not asked again by the same model."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from agent.models.contract import Completion, Request
from agent.trajectory.journal import read_journal
from swebench_runs.run_folder.task_folder import TaskFolder


@dataclass(frozen=True)
class AnswersKept:
    """One model's answers by what it was asked, word for word: a file's content, the issue and the prompt around."""

    answers: Mapping[str, Any]

    @classmethod
    def of(cls, folder: TaskFolder, model: str) -> Self:
        """Read those that locating has set aside."""
        return cls(dict(_answers([path for path in folder.superseded() if "-locate-" in path.name], model)))

    def answer(self, request: Request) -> Completion | None:
        """Return the answer to the same messages; None where there is none."""
        told = [message.model_dump(exclude_defaults=True) for message in request.messages]
        found = self.answers.get(_key(told, request.temperature))
        return Completion.model_validate(found) if found else None


def _answers(paths: Iterable[Path], model: str) -> Iterable[tuple[str, Any]]:
    for path in paths:
        messages: list[Any] = []
        for line in read_journal(path):
            if "header" in line and line["header"].get("model") != model:
                break
            if line.get("kind") == "model":
                request = line["request"]
                messages = [*messages[: request["messages_kept"]], *request["messages"]]
                yield _key(messages, request["temperature"]), line["answer"]


def _key(messages: list[Any], temperature: float | None) -> str:
    return hashlib.sha256(json.dumps([messages, temperature], sort_keys=True).encode()).hexdigest()
