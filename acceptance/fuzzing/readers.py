"""The readers that are tried: what each is given, and by which errors it may refuse."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from acceptance.fuzzing import inputs
from agent.patch import PatchError, appliable, normalise, read_change, remarks, sections
from environments.errors import Foreseen
from environments.images.strict_dockerfile import base_images, strict_dockerfile
from environments.workbench.suites.junit import ReportError, parse_failures, parse_junit
from environments.workbench.suites.pytest_stream import read_stream
from swebench_runs.checkouts.project_environment.inference import read_environment
from swebench_runs.choosing.predictions import read_predictions
from swebench_runs.errors import RunoffError
from swebench_runs.grades.grading import without_tests
from swebench_runs.rows import read_row
from swebench_runs.rows.datasets import entries
from swebench_runs.rows.records import Unread

METADATA_FILES = (
    *("pyproject.toml", "setup.cfg", "setup.py", "requirements.txt", "runoff.yaml", "environment.yml", "tox.ini"),
    *("Pipfile", "noxfile.py"),
)
REFUSALS = (Foreseen, RunoffError, ReportError)


@dataclass(frozen=True)
class Reader:
    """One reader."""

    pieces: Sequence[bytes]
    read: Callable[[bytes, Path], object]
    """Reads an input; the folder is empty and its own."""


def _junit(content: bytes, folder: Path) -> None:
    files = ["tests/test_a.py", "a/b.py"]
    read_stream(content, files)
    parse_junit(content, files, own="tests/test_a.py")
    parse_failures(content, files)


def _predictions(content: bytes, folder: Path) -> None:
    path = folder / "predictions.json"
    path.write_bytes(content)
    read_predictions([path])


def _rows(content: bytes, folder: Path) -> None:
    path = folder / "rows.jsonl"
    path.write_bytes(content)
    for where, values in entries(path):
        if not isinstance(values, Unread):
            try:
                read_row(values, where)
            except REFUSALS:
                continue


def _metadata(content: bytes, folder: Path) -> None:
    (folder / METADATA_FILES[len(content) % len(METADATA_FILES)]).write_bytes(content)
    read_environment(folder)


def _diffs(content: bytes, folder: Path) -> None:
    text = content.decode("utf-8", "surrogateescape")
    for read in (
        sections,
        read_change,
        appliable,
        remarks,
        lambda diff: without_tests(diff, "a.py".__eq__),
        lambda diff: normalise(diff, _base),
    ):
        try:
            read(text)
        except PatchError:
            continue


def _dockerfiles(content: bytes, folder: Path) -> None:
    base_images(strict_dockerfile(content, "Dockerfile"))


def _base(path: str) -> bytes:
    if path != "a.py":
        raise FileNotFoundError(path)
    return b"x = 1\ny = 3\n"


READERS = {
    "junit": Reader(inputs.JUNIT, _junit),
    "predictions": Reader(inputs.JSON, _predictions),
    "rows": Reader(inputs.JSON, _rows),
    "metadata": Reader(inputs.METADATA, _metadata),
    "diffs": Reader(inputs.DIFF, _diffs),
    "dockerfiles": Reader(inputs.DOCKERFILE, _dockerfiles),
}
