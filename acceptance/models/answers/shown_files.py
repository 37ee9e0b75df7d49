"""The files that recorded answers are about: pytest's of a release from PyPI, Django's as the prompts quote them."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

PYTEST = "pytest==6.0.0rc1"
_DEFINITION = re.compile(r"^(\S+\.py)::\S+\n(`{3,})python\n(.*?)\n\2$", re.MULTILINE | re.DOTALL)
_FIXED = "            abspath = Path(os.getcwd()) != Path(str(self.config.invocation_dir))\n"
_BEFORE = "            os.getcwd()\n            abspath = False\n"
"""The one line by which that release differs from the recorded commit where the answers touch it."""
_DJANGO = {"django/db/backends/base/creation.py": "from django.db import router"}
"""An import that no prompt quotes and the answers change."""


def pytest_files() -> dict[str, bytes]:
    """Return pytest's files by their paths in its repository, as they were before the recorded issue was resolved."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary", ":all:", "-d", folder]
        subprocess.run([*command, PYTEST], check=True, capture_output=True, timeout=120)
        with zipfile.ZipFile(next(Path(folder).glob("*.whl"))) as wheel:
            files = {f"src/{name}": wheel.read(name) for name in wheel.namelist() if name.endswith(".py")}
    nodes = files["src/_pytest/nodes.py"].decode()
    if _FIXED not in nodes:
        raise SystemExit(f"{PYTEST} is not what it was: its nodes.py lacks a known line")
    return {**files, "src/_pytest/nodes.py": nodes.replace(_FIXED, _BEFORE).encode()}


def shown_files(messages: Sequence[dict[str, Any]]) -> dict[str, bytes]:
    """Return path -> the definitions that a request's first prompt shows of it, one after the other."""
    parts: dict[str, list[str]] = {path: [text] for path, text in _DJANGO.items()}
    for path, _, source in _DEFINITION.findall(messages[1]["content"]):
        parts.setdefault(path, []).append(source)
    return {path: ("\n\n".join(texts) + "\n").encode() for path, texts in parts.items()}
