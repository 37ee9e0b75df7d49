"""Files and folders to predictions: what can be read is, and nothing that cannot be goes unsaid."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from environments.text import writable
from swebench_runs.choosing.predictions.folders import candidate_files
from swebench_runs.choosing.predictions.forms import FORMS, Form, form_of, implied_id
from swebench_runs.choosing.predictions.grades import grade_fields
from swebench_runs.choosing.predictions.prediction import Prediction, Reading
from swebench_runs.errors import UsageError
from swebench_runs.rows.parquet import parquet_records
from swebench_runs.rows.records import Record, Unread, records
from swebench_runs.rows.values import is_missing, text_of
from swebench_runs.run_folder.predictions import CHOSEN

_DIFF = re.compile(r"^(?:diff --git |--- \S)", re.MULTILINE)
"""What tells a bare patch from any other text."""
_ID = re.compile(r"__|-\d")
"""What tells an instance id from the name of a field, whose patch may be a reference."""


def read_predictions(paths: Iterable[Path], *, own: bool = False) -> Reading:
    """Read files and folders of predictions, in any form, told by what is in them.

    One file that gives a task twice gives two attempts. ``own``: earlier choices of
    ``runoff select`` in a folder count. Raises UsageError for a path without a single prediction.
    """
    reading = Reading()
    seen: set[Path] = set()
    for path in paths:
        before, unread = len(reading.predictions) + len(reading.repeats), len(reading.unread)
        for file in candidate_files(path):
            place = _place(file)
            if place in seen:
                reading.repeats.append(Unread(str(file), "was read already"))
                continue
            seen.add(place)
            _read_file(file, reading, in_folder=path.is_dir() and not own)
        if len(reading.predictions) + len(reading.repeats) == before:
            raise UsageError(_nothing_in(path, reading.unread[unread:]))
    _drop_repeats(reading)
    return reading


def _place(file: Path) -> Path:
    try:
        return file.resolve()
    except RuntimeError:  # before Python 3.13: a link to itself, of which reading tells more
        return file.absolute()


def _nothing_in(path: Path, unread: list[Unread]) -> str:
    forms = ", ".join(form.name for form in FORMS)
    why = f" ({unread[0].source}: {unread[0].reason})" if unread else ""
    return f"{path} holds no candidate that can be read{why}; known forms: {forms}"


def _read_file(file: Path, reading: Reading, *, in_folder: bool) -> None:
    for record in parquet_records(file) if file.suffix == ".parquet" else records(file):
        if isinstance(record, Unread):
            reading.unread.append(record)
            continue
        for part, form in _parts(record):
            if form is None:
                reading.unread.append(Unread(f"{file}{part.where}", _no_form(part.value)))
                continue
            reading.grades.update(grade_fields(part.value))
            for found in _predictions(part, form, file):
                if isinstance(found, Unread):
                    reading.unread.append(found)
                elif in_folder and found.system.startswith(CHOSEN):
                    reading.unread.append(Unread(found.source, "is an earlier choice of runoff select, no attempt"))
                else:
                    reading.predictions.append(found)
                    reading.files.add(file)


def _parts(record: Record) -> Iterator[tuple[Record, Form | None]]:
    """Yield a record, or the records that it holds, by instance id or in a list, each with its form."""
    value = record.value
    form = form_of(value) if isinstance(value, dict) else None
    inner = list(_inner(record)) if form is None else []
    if any(known is not None for _, known in inner):
        yield from inner
    else:
        yield record, form


def _inner(record: Record) -> Iterator[tuple[Record, Form | None]]:
    """Yield what stands one or two levels below: records, or bare patches, under the name of their task."""
    named = record.value.items() if isinstance(record.value, dict) else [("", record.value)]
    for name, value in named:
        place = f"{record.where}[{name!r}]" if name else record.where
        several = value if isinstance(value, list) else [value]
        for number, one in enumerate(several):
            where = f"{place}[{number}]" if isinstance(value, list) else place
            if isinstance(one, str) and _ID.search(name) and _DIFF.search(one):
                one = {"model_patch": one}
            told = {**({"instance_id": name} if name else {}), **one} if isinstance(one, dict) else one
            yield Record(where, told), form_of(told) if isinstance(told, dict) else None


def _no_form(value: Any) -> str:
    if isinstance(value, Mapping) and "test_patch" in value:
        return "is the row of a data set: its reference patch is no candidate"
    return "holds no patch in a known form"


def _predictions(record: Record, form: Form, file: Path) -> Iterator[Prediction | Unread]:
    attempts = form.attempts(record.value, implied_id(file))
    source = f"{file}{record.where}"
    instance_id = None if is_missing(attempts.instance_id) else text_of(attempts.instance_id)
    if not isinstance(instance_id, str) or not instance_id.strip():
        yield Unread(source, "does not say which task it is for")
        return
    if not attempts.patches:
        yield Unread(source, "has an empty list of patches")
    for number, patch in enumerate(attempts.patches):
        place = f"{record.where}[{number}]" if len(attempts.patches) > 1 else record.where
        if not isinstance(patch, str) and not is_missing(patch):
            yield Unread(f"{file}{place}", "its patch is no text")
            continue
        yield Prediction(
            instance_id=instance_id.strip(),
            patch="" if is_missing(patch) else writable(patch),
            file=file,
            where=place,
            form=form.name,
            system=_text(attempts.system),
            issue=_text(attempts.issue),
            doubted=attempts.doubted,
            summary=form.summary or "normalized_patch" in record.value,
        )


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _drop_repeats(reading: Reading) -> None:
    """Drop from summaries what a file beside or below them holds in full.

    A run of mini-swe-agent or SWE-agent has each patch in its trajectory and again in preds.json; Agentless has its
    samples, and again the one it chose.
    """
    folders = {file: file.resolve().parent for file in {prediction.file for prediction in reading.predictions}}
    full = {
        (folder, prediction.instance_id, prediction.patch.strip())
        for prediction in reading.predictions
        if not prediction.summary
        for folder in (folders[prediction.file], *folders[prediction.file].parents)
    }
    kept, doubts = [], dict[tuple[str, str], str]()
    for prediction in reading.predictions:
        attempt = folders[prediction.file], prediction.instance_id, prediction.patch.strip()
        if prediction.summary and attempt in full:
            reading.repeats.append(Unread(prediction.source, "says again what a file beside or below it says"))
            if prediction.doubted:  # which the fuller file need not say
                doubts[attempt[1:]] = prediction.doubted
        else:
            kept.append(prediction)
    reading.predictions[:] = [
        replace(one, doubted=one.doubted or doubts.get((one.instance_id, one.patch.strip()), "")) for one in kept
    ]
