"""The prompts: one jinja template a file, rendered strictly."""

from __future__ import annotations

from functools import cache
from typing import Any

import jinja2


@cache
def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.PackageLoader("agent", "prompts"),
        undefined=jinja2.StrictUndefined,
        autoescape=False,  # prompts are plain text for a model, never HTML
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
    )


def render(name: str, **values: Any) -> str:
    """Render ``<name>.jinja``; a name that the template uses and ``values`` lacks is an error."""
    return _environment().get_template(f"{name}.jinja").render(**values).strip()
