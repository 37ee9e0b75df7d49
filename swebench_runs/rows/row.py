"""One row of a SWE-bench data set, classic or of swebench 5: what a task is made of, and what grades it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from environments.task import EnvironmentSpec, Task
from environments.text import writable
from swebench_runs.errors import UsageError
from swebench_runs.official import EvalType, TestLists
from swebench_runs.rows.dialects import columns, in_swe_bench_words
from swebench_runs.rows.values import LONGEST, date_of, is_missing, native, tests_of, text_of

LONGEST_NAME = 200
"""Bytes of the longest instance id: files are named after it, and file systems end at 255 with what is added."""

_REPOSITORY = re.compile(r"[A-Za-z0-9_][\w.-]*(/[A-Za-z0-9_.][\w.-]*)*", re.ASCII)
_COMMIT = re.compile(r"[0-9a-f]{7,64}", re.IGNORECASE)
_IMAGE = re.compile(r"[A-Za-z0-9][\w.\-/:@]*", re.ASCII)


def _file_name(name: str) -> str:
    if not name.isprintable() or "/" in name or ".." in name or name.startswith(("-", ".")):
        raise ValueError("files are named after it: no /, no .., no - or . in front, no control characters")
    if len(name.encode()) > LONGEST_NAME:
        raise ValueError(f"files are named after it: no more than {LONGEST_NAME} bytes")
    return name


def _repository(name: str) -> str:
    if not _REPOSITORY.fullmatch(name) or ".." in name or len(name) > LONGEST_NAME:
        raise ValueError("write owner/name")
    return name


def _commit(name: str) -> str:
    if not _COMMIT.fullmatch(name):
        raise ValueError("must be the id of a commit (7 to 64 hexadecimal digits)")
    return name


def _image(name: str) -> str:
    if not _IMAGE.fullmatch(name):
        raise ValueError("is no reference of an image")
    return name


def _short(text: str) -> str:
    if len(text) > LONGEST:
        raise ValueError(f"is longer than {LONGEST:,} characters")
    return writable(text)


def _plain_name(value: object) -> object:
    """Return a repository's name without the address before it."""
    return re.sub(r"^https://github\.com/|\.git$", "", value.strip()) if isinstance(value, str) else value


Text = Annotated[str, AfterValidator(_short)]
Tests = Annotated[tuple[Text, ...], BeforeValidator(tests_of)]
Image = Annotated[str, AfterValidator(_image)]
Commit = Annotated[str, BeforeValidator(text_of), AfterValidator(_commit)]


class Row(BaseModel):
    """A row as ``read_row`` reads it. Holds grading data: only ``task`` makes something that agents may see.

    Discussions of the issue (``hints_text``) are not in here: nothing may show them.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    repo: Annotated[str, BeforeValidator(_plain_name), AfterValidator(_repository)]
    instance_id: Annotated[str, BeforeValidator(text_of), AfterValidator(_file_name)]
    base_commit: Commit | None = None
    """None where the row has an image instead, whose tree it means (SWE-smith)."""
    problem_statement: Text
    """May be blank: such a row can be graded, but there is nothing to tell an agent."""
    patch: Text = ""
    """The reference patch (in SWE-smith's rows the other way round: it makes the bug)."""
    test_patch: Text = ""
    created_at: Annotated[Text, BeforeValidator(date_of)] | None = None
    version: Annotated[Text, BeforeValidator(text_of)] | None = None
    """Of the repository, as the tables of specs name it; None: the row does not say."""
    fail_to_pass: Tests = Field(default=(), validation_alias="FAIL_TO_PASS")
    pass_to_pass: Tests = Field(default=(), validation_alias="PASS_TO_PASS")
    environment_setup_commit: Commit | None = None

    image: Image | None = None
    """swebench 5: the image that has the repository at base_commit."""
    eval_script: Text | None = None
    """swebench 5: bash text that runs the tests."""
    log_parser: Text | None = None
    """swebench 5: the name of the log's reader."""
    eval_type: EvalType | None = None
    """swebench 5: how a test that the log does not name counts; None: as failed."""

    image_name: Image | None = None
    """SWE-smith's word for ``image``."""
    docker_image: Image | None = None
    """SWE-rebench's and R2E-Gym's word for ``image``."""

    @property
    def published_image(self) -> str | None:
        """The image that the row names, by whichever key; None: it goes by the instance id."""
        return self.image or self.image_name or self.docker_image

    @property
    def ungradable(self) -> str:
        """Why no verdict on this row would mean anything; empty: it can be graded.

        A row without a FAIL_TO_PASS test (no such key, null, or an empty list) can be worked on, but no test tells
        a right patch from none. The official harness would call it resolved as soon as nothing breaks.
        """
        return "" if self.fail_to_pass else "it names no FAIL_TO_PASS test"


COLUMNS = tuple(str(field.validation_alias or name) for name, field in Row.model_fields.items())
"""The keys of a row, as SWE-bench spells them."""
_KNOWN = {key.lower(): key for key in COLUMNS}
READ = columns(_KNOWN)
"""The keys that are read of a row, in whichever data set's spelling, in small letters."""
_TEXTS = ("problem_statement", "patch", "test_patch", "eval_script")
"""Keys under which a text is one whatever it says."""


def read_row(values: Mapping[str, Any], where: str) -> Row:
    """Read a row from its keys and values; ``where`` names its file and place in messages.

    Keys are read in any case, and in the words of other data sets (``dialects``); others are left where they are. A
    null, a NaN, an empty text and a missing key are the same: the row does not say. PASS_TO_PASS without tests means
    that nothing else is watched. UsageError, in one line, for a missing or wrong value.
    """
    try:
        told = in_swe_bench_words({key: native(value) for key, value in values.items()}, _KNOWN)
    except ValueError as error:
        raise UsageError(f"{where} {' '.join(str(error).split())[:200]}") from None
    said = {key: value for key, value in told.items() if not is_missing(value, text_counts=key in _TEXTS)}
    said = {key: value for key, value in said.items() if value != "" or key == "problem_statement"}
    try:
        row = Row.model_validate(said)
    except ValidationError as error:
        raise UsageError(f"{where}: {_complaint(error, values)}") from None
    if row.base_commit is None and row.published_image is None:
        raise UsageError(f"{where}: base_commit is missing (and no image stands in for it)")
    return row


def task(row: Row, environment: EnvironmentSpec | None = None) -> Task:
    """Return what agents may know of a row: nothing of its patches, tests, image or script.

    ``environment``: what the repository needs to run, where that is known. UsageError for a row without base_commit,
    whose tree nobody could lay.
    """
    if row.base_commit is None:
        raise UsageError(f"{row.instance_id}: the row has no base_commit, and Runoff works on trees of a commit")
    return Task(
        instance_id=row.instance_id,
        repo=row.repo,
        base_commit=row.base_commit,
        problem_statement=row.problem_statement,
        environment=environment or EnvironmentSpec(),
    )


def grading_lists(row: Row) -> TestLists:
    """Return what grades a row. UsageError where that is nothing (``Row.ungradable``)."""
    if row.ungradable:
        raise UsageError(f"{row.instance_id} cannot be graded: {row.ungradable}")
    return TestLists(
        fail_to_pass=row.fail_to_pass,
        pass_to_pass=row.pass_to_pass,
        eval_type=row.eval_type or EvalType.PASS_AND_FAIL,
    )


def _complaint(error: ValidationError, said: Mapping[str, Any]) -> str:
    first = error.errors(include_url=False)[0]
    key = first["loc"][0] if first["loc"] else "the row"
    if first["type"] == "missing":
        if "model_patch" in said:
            return f"{key} is missing: it is a prediction, and no row of a data set"
        return f"{key} is missing"
    reason = first["ctx"]["error"] if first["type"] == "value_error" else first["msg"]
    return f"{key}: {reason} (got {_shown(first['input'])})"


def _shown(value: object) -> str:
    text = ascii(value) if isinstance(value, str) else type(value).__name__
    return text if len(text) <= 80 else f"{text[:77]}..."
