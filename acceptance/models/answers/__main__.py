"""Item: 21 recorded requests and a strong model's answers to them; each is read as what it says."""

from __future__ import annotations

import gzip
import json
import os
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from acceptance.models.answers.shown_files import pytest_files, shown_files
from acceptance.record import ROOT, Record, recording
from agent.edits import Edit, EditError
from agent.models.profiles import ModelProfile
from agent.scaffolds.replies import ReplyForms
from agent.scaffolds.test_forms import parse_test

DATA = Path(os.environ.get("RUNOFF_DATA") or ROOT / "../shared/data")
EXPECTED = {"edit": 8, "refused": 2, "test": 7, "word": 4}
"""What the 21 answers are, as a person reads them."""


def main() -> None:
    """Read every answer in the state in which it was given."""
    with gzip.open(DATA / "strong_answers.jsonl.gz", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    with recording(Record("answers", n=len(rows), unit="answers")) as record:
        ours = pytest_files()
        read = [_read(row, ours) for row in rows]
        found = dict(sorted(Counter(kind for kind, _ in read).items()))
        record.figures["read_as"] = found
        record.check("each answer is read as what it says", found == EXPECTED, found)
        refused = [error for kind, error in read if kind == "refused"]
        for number, error in enumerate(refused, 1):
            told = error.message_for_model if error else ""
            shown = [line for line in told.splitlines() if line[5:7] == "| "]
            parts = told.count("The SEARCH part")
            record.check(
                f"refusal {number}: all misquotes at once, numbered", parts >= 1 and len(shown) >= 2, told[:120]
            )
            kept = len(error.kept) if error else 0
            record.figures[f"refusal_{number}"] = {"told": parts, "kept": kept, "lines": len(shown)}
            record.check(f"refusal {number}: what fitted is kept", kept + parts == 5, f"{kept} kept, {parts} told")


def _read(row: dict[str, Any], ours: Mapping[str, bytes]) -> tuple[str, EditError | None]:
    messages, answer = row["messages"], row["answer"]
    if row["params"]["max_tokens"] == 4:
        return ("word" if answer.strip() in ("YES", "NO") else "unread"), None
    prompt = messages[1]["content"]
    files = ours if "# Code of the repository pytest-dev/" in prompt else shown_files(messages)
    request = prompt.rpartition("# Request")[2]
    if "Do not repair anything" in request or "# Candidate changes" in prompt:
        try:
            parse_test("script", answer, origin="recorded")
        except EditError as error:
            return "unread", error
        return "test", None
    forms = ReplyForms(ModelProfile(), None, files)  # type: ignore[arg-type]
    first = not any("Your change, as a diff" in message["content"] for message in messages)
    try:
        reply = forms.read(answer, origin="recorded", first=first)
    except EditError as error:
        return "refused", error
    return ("edit" if isinstance(reply, Edit) else "test"), None


if __name__ == "__main__":
    main()
