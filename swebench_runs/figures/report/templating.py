"""Templates of pages: what is filled in is hostile, so it is made visible and escaped; unknown names are errors."""

from __future__ import annotations

import re
from typing import Any

import jinja2
from markupsafe import Markup

UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]"
)
"""What steers a reader's eye or has no place in a file: controls, turns of direction, halves of pairs."""


def environment(package: str) -> jinja2.Environment:
    """Return an environment that loads from a package's folder ``templates``."""
    return jinja2.Environment(
        loader=jinja2.PackageLoader(package, "templates"),
        undefined=jinja2.StrictUndefined,
        autoescape=True,
        finalize=_visible,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def visible(text: str) -> str:
    """Return text as it can be read: a control character as its picture, other unseen ones as a replacement mark."""
    return UNSEEN.sub(lambda found: _picture(ord(found[0])), text.replace("\r\n", "\n"))


def _visible(value: Any) -> Any:
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _picture(code: int) -> str:
    if code < 0x20:
        return chr(0x2400 + code)
    return "\u2421" if code == 0x7F else "\ufffd"
