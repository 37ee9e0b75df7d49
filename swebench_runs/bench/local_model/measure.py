"""Times the embedded model at each setting, the first one again in every round, and tells the ratios."""

from __future__ import annotations

import json
import os
import statistics
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from typing import Any

import httpx

from agent.models.contract import ModelError
from agent.models.local.llamacpp import client
from agent.models.local.options import ServerOptions
from agent.models.local.server import LocalServer
from agent.models.profiles import profile_for
from swebench_runs.bench.local_model import works
from swebench_runs.bench.local_model.settings import BASE, Setting, setting
from swebench_runs.run_folder.computer import computer, versions

Row = dict[str, Any]
FIGURES = ("rewrite_tokens_per_s", "read_tokens_per_s", "infills_per_minute", "choices_tokens_per_s")
"""What is told beside each other: written tokens a second of (a) and (c), prompt tokens a second of (a), answers a
minute of (b)."""


def measure(
    model: str,
    names: Sequence[str],
    *,
    rounds: int,
    rows: list[Row],
    keep: Callable[[dict[str, Any]], None],
    options: ServerOptions | None = None,
) -> dict[str, Any]:
    """Time each setting once a round, after the first one in the same round, and return the figures.

    ``rows``: those of an earlier time, which are not made again; ``keep`` is given the figures after every row.
    """
    profile = profile_for(model)
    base = options or ServerOptions.of(slots=profile.parallel_slots, context=profile.context_tokens)
    for number in range(rounds):
        for name in (BASE, *(name for name in names if name != BASE)):
            if not any(row["setting"] == name and row["round"] == number for row in rows):
                rows.append({"round": number, **_timed(setting(name, model, base), number)})
                keep(figures(model, rows))
    return figures(model, rows)


def figures(model: str, rows: Sequence[Row]) -> dict[str, Any]:
    """Return what the rows say: by setting the median of each figure and its ratio to the first setting's."""
    told: dict[str, Any] = {}
    for name in dict.fromkeys(row["setting"] for row in rows):
        mine = [row for row in rows if row["setting"] == name]
        told[name] = {
            "n": len(mine),
            **{figure: round(statistics.median(row[figure] for row in mine), 1) for figure in FIGURES},
            "ratios": {figure: _ratios(rows, name, figure) for figure in FIGURES},
            "same_text": all(row["rewritten"] == _base_of(rows, row)["rewritten"] for row in mine),
        }
    return {
        "schema": 1,
        "item": "local_server",
        "model": model,
        "n": len({row["round"] for row in rows}),
        "unit": "rounds",
        "seed": 1,
        "settings": told,
        "rows": list(rows),
        "machine": computer(),
        "versions": versions(),
    }


def _base_of(rows: Sequence[Row], row: Row) -> Row:
    return next(one for one in rows if one["setting"] == BASE and one["round"] == row["round"])


def _ratios(rows: Sequence[Row], name: str, figure: str) -> dict[str, Any]:
    """Return the median of the ratios within a round, and the least and the greatest of them."""
    ratios = [row[figure] / _base_of(rows, row)[figure] for row in rows if row["setting"] == name]
    return {"median": round(statistics.median(ratios), 2), "range": [round(min(ratios), 2), round(max(ratios), 2)]}


def _timed(one: Setting, turn: int) -> Row:
    """Start a server of this setting and time the three kinds of work."""
    load, began = os.getloadavg()[0], time.monotonic()
    with LocalServer(one.model, options=one.options, share=False) as server:
        http = client(server.api_base, server.api_key, timeout=600.0)
        started = time.monotonic() - began
        post = _Posting(http)
        post("/v1/completions", {"prompt": "def", "max_tokens": 4})  # the first call also allocates
        rewritten = post("/v1/chat/completions", works.rewrite(turn))
        fim = profile_for(one.model).fim
        infills = _infills(post, turn, fim, one.options.slots) if fim else {}
        began = time.monotonic()
        several = [
            post("/v1/chat/completions", {**works.choices(turn), "n": size})
            for size in _sizes(works.CHOICES, one.options.slots)
        ]
        seconds = time.monotonic() - began
        timings = rewritten["timings"]
        return {
            "setting": one.name,
            "options": {"model": one.model, **asdict(one.options)},
            "load_average": round(load, 1),
            "start_seconds": round(started, 1),
            "rewrite_tokens_per_s": timings["predicted_per_second"],
            "rewrite_tokens": timings["predicted_n"],
            "drafted": timings.get("draft_n", 0),
            "accepted": timings.get("draft_n_accepted", 0),
            "read_tokens_per_s": timings["prompt_per_second"],
            "rewritten": rewritten["choices"][0]["message"]["content"],
            "choices_tokens_per_s": sum(map(_written, several)) / seconds,
            **infills,
        }


def _sizes(n: int, slots: int) -> list[int]:
    """Return how ``n`` answers are asked for: as many at once as there are slots."""
    return [min(slots, n - start) for start in range(0, n, slots)]


def _infills(post: _Posting, turn: int, fim: tuple[str, str, str], slots: int) -> Row:
    """Ask for one line each, as many at once as there are slots."""
    asked = works.infills(turn, fim)
    began = time.monotonic()
    with ThreadPoolExecutor(min(slots, len(asked))) as pool:
        answers = list(pool.map(lambda body: post("/v1/completions", body), asked))
    seconds = time.monotonic() - began
    prompts = [answer["usage"]["prompt_tokens"] for answer in answers]
    read = [answer["timings"]["prompt_n"] for answer in answers]
    return {
        "infills_per_minute": 60 * len(answers) / seconds,
        "infill_prompt_tokens": statistics.mean(prompts),
        "infill_read_again": statistics.mean(read),
        "infilled": [answer["choices"][0]["text"] for answer in answers],
    }


def _written(answer: Row) -> int:
    """Return about how many tokens an answer's choices have: the server counts one of several."""
    counted = int(answer["usage"]["completion_tokens"])
    return counted * len(answer["choices"])


class _Posting:
    """Posts to the server; ModelError in one line where it does not answer."""

    def __init__(self, http: httpx.Client) -> None:
        self._http = http

    def __call__(self, path: str, body: Any) -> Row:
        try:
            answer = self._http.post(path, json=body).raise_for_status()
            parsed: Row = answer.json()
        except (httpx.HTTPError, json.JSONDecodeError) as error:
            raise ModelError(f"the embedded server does not answer {path}: {error}") from error
        return parsed
