"""The templates, rendered strictly: an undefined name is an error."""

from __future__ import annotations

from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from environments.text import one_line
from github_bot.artifact import MAX_TEXT
from github_bot.errors import NotConfigured

_OURS = Environment(
    loader=PackageLoader("github_bot", "templates"),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    autoescape=False,
)
_THEIRS = ImmutableSandboxedEnvironment(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
"""For a template of the repository's: it is data of its maintainers, and gets texts and numbers alone."""


def rendered(name: str, **values: Any) -> str:
    """Return one of our templates with its values, which are inert already."""
    return _OURS.get_template(f"{name}.jinja").render(**values).strip()[:MAX_TEXT]


def rendered_by(template: bytes, path: str, **values: Any) -> str:
    """Return a repository's own template with the values of ours; NotConfigured, in one line, where it cannot be."""
    try:
        text = _THEIRS.from_string(template.decode()).render(**values).strip()
    except (TemplateError, UnicodeDecodeError, TypeError, ValueError, ArithmeticError, LookupError) as error:
        raise NotConfigured(f"pull_request_template {path}: {one_line(str(error), 200)}") from None
    if not text or len(text) > MAX_TEXT:
        raise NotConfigured(f"pull_request_template {path}: makes {len(text):,} characters, not 1 to {MAX_TEXT:,}")
    return text
