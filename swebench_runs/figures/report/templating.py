"""Templates of pages and pictures: what is filled in is hostile, so all of it is escaped; unknown names are errors."""

from __future__ import annotations

import jinja2


def environment(package: str) -> jinja2.Environment:
    """Return an environment that loads from a package's folder ``templates``."""
    return jinja2.Environment(
        loader=jinja2.PackageLoader(package, "templates"),
        undefined=jinja2.StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
