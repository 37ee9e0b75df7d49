"""docs/configuration.md: each key of a run with its default and what it decides, made of the code that reads it.

``python -m acceptance.docs.configuration`` writes it anew; a test compares.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel

from swebench_runs.config.run_keys import RunKeys

PAGE = Path(__file__).parents[2] / "docs" / "configuration.md"
HEADINGS = {
    "subset": "Which tasks",
    "model": "Models, and where they are",
    "sandbox": "What tasks run in",
    "workers": "How much at once, and where",
    "given": "How a task is worked on",
    "profile": "What is known of models, and sent to them",
    "limits": "Limits and prices",
    "judge": "What decides",
    "seed": "Seed, and the time of tests",
}
"""The key that a section begins with -> its heading."""
INTRODUCTION = """# The keys of a run

`-c` (`run`, `fix`, `select --execute`, `grade`, `bot run`, `bot serve`) takes a file, a built-in name (`cheap`,
`strong`, `codemonkeys`, `r2e-gym`, `demo`) or `a.b.c=value`, as often as you like. They are merged from left to
right; options of the command line go before all of them.

    runoff run -c strong -c mine.yaml -c limits.task.cost=5 --trajectories 8 ...

    # mine.yaml
    trajectories: 6
    limits: {task: {cost: 10, seconds: 3600}}
    roles: {judge: openai/gpt-5-mini}

An unknown key is an error that names the nearest one. A run's `run.yaml` holds all of them as they were; which may
change when it goes on: [output-files.md](output-files.md). Where no default stands there is none, or the line says
what holds. The keys of the bot's own file are in [bot.md](bot.md), those of a repository's `runoff.yaml` in
[fix.md](fix.md). This page is made of the code (`python -m acceptance.docs.configuration`).
"""


def page() -> str:
    """Return the page."""
    parts = [INTRODUCTION]
    for key, default, said in _rows(RunKeys):
        if heading := HEADINGS.get(key.partition(".")[0] if key.endswith((".kind", "trajectory.turns")) else key):
            parts.append(f"\n## {heading}\n\n| key | default | |\n|---|---|---|\n")
        parts.append(f"| `{key}` | {_shown(default)} | {said} |\n")
    return "".join(parts)


def _rows(model: type[BaseModel], above: str = "") -> Iterator[tuple[str, Any, str]]:
    """Yield dotted key, default and meaning; of a section its keys."""
    told = _told(model)
    for name, field in model.model_fields.items():
        default = field.get_default(call_default_factory=True)
        kinds = get_args(field.annotation) if default is None else (type(default),)
        section = next((one for one in kinds if isinstance(one, type) and issubclass(one, BaseModel)), None)
        if section is not None:
            yield from _rows(section, f"{above}{name}.")
        else:
            yield f"{above}{name}", default, told.get(name, "")


def _told(model: type[BaseModel]) -> dict[str, str]:
    """Return what stands below each key in the source."""
    (found,) = ast.parse(inspect.getsource(model)).body
    assert isinstance(found, ast.ClassDef)
    return {
        key.target.id: " ".join(below.value.value.replace("``", "`").replace("|", "\\|").split())
        for key, below in zip(found.body, found.body[1:], strict=False)
        if isinstance(key, ast.AnnAssign)
        and isinstance(key.target, ast.Name)
        and isinstance(below, ast.Expr)
        and isinstance(below.value, ast.Constant)
        and isinstance(below.value.value, str)
    }


def _shown(default: Any) -> str:
    if default in (None, "", (), {}):
        return ""
    if isinstance(default, tuple):
        default = default[0] if len(default) == 1 else list(default)
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
