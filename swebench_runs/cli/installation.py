"""Whether the packages that are imported are Runoff's own: their names are general, and others' have them too."""

from __future__ import annotations

import importlib.util
from importlib import metadata
from pathlib import Path

PACKAGES = ("environments", "agent", "verifiers", "selection", "swebench_runs")
DISTRIBUTION = "runoff"
REMEDY = "install Runoff into an environment of its own (`pipx install runoff`, `uv tool install runoff` or a new venv)"


def misplaced() -> str | None:
    """Return one line when a package of Runoff's name would be imported from elsewhere; cheap, imports none of them."""
    ours = Path(__file__).resolve().parents[2]
    for name in PACKAGES:
        try:
            found = importlib.util.find_spec(name)
        except (ImportError, ValueError):
            found = None
        if found is None:
            return f"the package `{name}` of Runoff's is missing beside {ours / 'swebench_runs'}: {REMEDY}"
        where = Path(found.origin).resolve().parent if found.origin else None
        if where != ours / name:
            place = where or ", ".join(found.submodule_search_locations or ()) or "elsewhere"
            return f"`{name}` is somebody else's here ({place}), not Runoff's: {REMEDY}"
    return None


def shared_names() -> list[str]:
    """Return a line for each installed distribution that has a top-level package of one of Runoff's names."""
    owners = metadata.packages_distributions()
    return [
        f"the distribution `{other}` has a package `{name}` too, and one overwrites the other: {REMEDY}"
        for name in PACKAGES
        for other in sorted(set(owners.get(name, ())) - {DISTRIBUTION})
    ]
