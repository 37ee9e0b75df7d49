"""``make acceptance-formats``: every format on every task, with speculation off and on; goes on where it was cut off.

``--tasks development`` samples tasks that are never reported and writes nothing down: for whoever changes a format.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from acceptance.agents.formats.sampling import Ground, ground, sample
from acceptance.agents.formats.table import table, written_tests
from acceptance.agents.formats.tasks import SEED, Drawn, development, reported, without_example
from acceptance.agents.formats.written_tests import write_tests
from acceptance.record import ROOT, Record, recording
from agent.models.litellm_client.litellm_model import LiteLLMModel
from agent.models.local.options import ServerOptions
from agent.models.local.server import LocalServer
from agent.models.profiles import profile_for
from agent.scaffolds.sampling import FORMATS
from environments.record_file import append_line, read_lines

MODEL = "local"
SPECULATION = "ngram-mod"
FOLDER = ROOT / "runs" / "formats"
SECONDS = 25.0
"""Of sampling, a task and format."""


def main() -> None:
    """Measure what is not on record, then write docs/measurements/formats.json."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--tasks", choices=("reported", "development"), default="reported")
    options.add_argument("--seconds", type=float, default=SECONDS, help="of sampling, a task and format")
    options.add_argument("--formats", default=",".join(FORMATS))
    options.add_argument("--speculation", default=f"off,{SPECULATION}", help="off, or llama.cpp's kind")
    options.add_argument("--only", default="", help="tasks whose ids begin so")
    options.add_argument("--written-tests", action="store_true", help="tests that the model writes, instead of changes")
    options.add_argument("--table", action="store_true", help="measure nothing, write what is on record")
    given = options.parse_args()
    tasks = [
        one for one in (reported() if given.tasks == "reported" else development()) if given.only in one[1].instance_id
    ]
    if given.written_tests:
        _measure_tests(FOLDER / "written_tests.jsonl")
        return
    file = FOLDER / given.tasks / "rows.jsonl"
    kinds = [
        (name, "" if kind == "off" else kind)
        for kind in given.speculation.split(",")
        for name in given.formats.split(",")
    ]
    if not given.table:
        _measure(tasks, kinds, file, given.seconds)
    if given.tasks == "reported":
        _write(tasks, file, given.seconds)


def _measure(tasks: list[Drawn], kinds: list[tuple[str, str]], file: Path, seconds: float) -> None:
    done = {(row["task"], row["format"], row["speculation"]) for row in read_lines(file)}
    with ExitStack() as stack:
        models = {kind: stack.enter_context(_served(kind)) for kind in dict.fromkeys(kind for _, kind in kinds)}
        for split, task in tasks:
            left = [kind for kind in kinds if (task.instance_id, *kind) not in done]
            if not left:
                continue
            with ground(split, task, profile_for(MODEL), file.parent / task.instance_id) as at:
                for name, speculation in left:
                    row = {"task": task.instance_id, "format": name, "speculation": speculation}
                    if at is not None:
                        row |= _graded(
                            split, at, sample(at, models[speculation], name, file.parent / task.instance_id, seconds)
                        )
                    append_line(file, row)
                    print({key: value for key, value in row.items() if key != "survivors"}, flush=True)


def _measure_tests(file: Path) -> None:
    """Let the model write a test of each task without an example; the rows enter the next table."""
    done = {row["task"] for row in read_lines(file)}
    with _served("") as model:
        for split, task in without_example():
            if task.instance_id not in done:
                row = write_tests(split, task, model, profile_for(MODEL), file.parent / "tests" / task.instance_id)
                append_line(file, {"task": task.instance_id, **row})
                print(task.instance_id, row, flush=True)


def _graded(split: Any, at: Ground, row: dict[str, Any]) -> dict[str, Any]:
    """Add to a row which of its survivors resolve the task, and how many samples made those."""
    file, symbol = split.fault(at.task.instance_id)
    where = [place.symbol.path == file and place.symbol.name.partition("#")[0] == symbol for place in at.places]
    row |= {
        "places": len(at.places),
        "fault_at": where.index(True) if True in where else None,
        "right": 0,
        "best_right": False,
    }
    if row["survivors"]:
        with split.grader(at.task, "formats", timeout=120, logs=FOLDER) as grade:
            for one in row["survivors"]:
                one["right"] = grade(one.pop("patch")).outcome == "resolved"
        row["right"] = sum(one["count"] for one in row["survivors"] if one["right"])
        row["best_right"] = row["survivors"][0]["right"]
    return row


@contextmanager
def _served(speculation: str) -> Iterator[LiteLLMModel]:
    profile = profile_for(MODEL)
    wanted = ServerOptions.of(slots=profile.parallel_slots, context=profile.context_tokens)
    wanted = ServerOptions.loaded(json.dumps({**asdict(wanted), "speculation": speculation}))
    with LocalServer(MODEL, options=wanted, share=False) as server:
        yield LiteLLMModel(
            MODEL,
            profile=profile,
            litellm_name=f"openai/{MODEL}",
            api_base=server.api_base,
            api_key=server.api_key,
            before_retry=server.revive,
        )


def _write(tasks: list[Drawn], file: Path, seconds: float) -> None:
    names = {task.instance_id for _, task in tasks}
    rows: list[Mapping[str, Any]] = [row for row in read_lines(file) if row["task"] in names]
    sampled = [row for row in rows if "samples" in row]
    with recording(Record("formats", n=len({row["task"] for row in sampled}), unit="tasks", seed=SEED)) as record:
        record.figures |= {"seconds_each": seconds, "table": table(sampled), "rows": rows}
        record.figures["written_tests"] = written_tests(read_lines(FOLDER / "written_tests.jsonl"))
        record.check("at least 16 tasks", record.n >= 16, record.n)
        record.check("every format on each of them", len(rows) >= len(FORMATS) * len(tasks), f"{len(rows)} rows")
        record.notes.append(
            "Seconds hold reading, writing and every run of a sample, alone on the model; loads are told."
        )


if __name__ == "__main__":
    main()
