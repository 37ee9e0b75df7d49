"""``.github/runoff.yml``: what a repository's maintainers let the bot do. Read from the default branch alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, Field, PositiveInt, ValidationError

from environments.text import decoded, one_line
from github_bot.errors import NotConfigured
from selection.decision import Confidence
from swebench_runs.config.key_kinds import Frozen, Names
from swebench_runs.config.nearest_name import nearest
from swebench_runs.config.plain_yaml import plain_yaml
from swebench_runs.config.refused_value import refused
from swebench_runs.config.values import fitted

PATH = ".github/runoff.yml"
MAX_BYTES = 64_000
Dollars = Annotated[float, Field(gt=0, le=100_000)]
Permission = Literal["triage", "write", "maintain", "admin"]
MAX_GLOB, MAX_STARS, MAX_GLOBS = 200, 12, 200


def _short(globs: tuple[str, ...]) -> tuple[str, ...]:
    """Refuse globs that are long or full of stars: each is held against every path of a patch."""
    for glob in globs:
        if len(glob) > MAX_GLOB or glob.count("*") > MAX_STARS:
            raise ValueError(f"{glob[:40]!r} must have at most {MAX_GLOB} letters and {MAX_STARS} stars: shorten it")
    return globs


class Triggers(Frozen):
    """What starts the bot."""

    label: bool = True
    assignment: bool = False
    """Assigning the issue to ``assignee``."""
    command: bool = True
    """``/runoff`` at the start of a comment."""
    review: bool = True
    """A review or a comment on the bot's own pull request."""
    checks: bool = True
    """Failed checks of the bot's own pull request, once."""


class Money(Frozen):
    """US dollars that may be spent; what was spent is counted across runs."""

    run: Dollars = 5.0
    issue_day: Dollars = 10.0
    repository_month: Dollars = 200.0


class BotConfig(Frozen):
    """The whole file. Unknown keys are errors."""

    triggers: Triggers = Triggers()
    label: Annotated[str, Field(min_length=1, max_length=50)] = "runoff"
    assignee: Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{0,39}$")] = ""
    """Whose assignment starts the bot; empty: nobody's."""
    permission: Permission = "write"
    """What an actor must have on the repository, at least."""
    forks: bool = False
    """Work in a repository that is itself a fork."""
    budget: Money = Money()
    minutes: Annotated[PositiveInt, Field(le=360)] = 60
    """Wall time of one run."""
    confidence: Confidence = "medium"
    """At least this for a draft pull request; below it the patch is a comment. ``none``: always a pull request."""
    max_files: Annotated[PositiveInt, Field(le=300)] = 10
    """Files that a patch may change, its test included."""
    never: Annotated[Names, Field(max_length=MAX_GLOBS), AfterValidator(_short)] = ()
    """Globs of paths that no patch may touch, beside those that none ever may."""
    pull_request_template: Annotated[str, Field(max_length=200)] = ""
    """A template of the default branch for the description of pull requests; empty: ours."""
    rounds: Annotated[int, Field(ge=0, le=20)] = 3
    """Rounds of review that the bot answers on one pull request."""
    model: Annotated[str, Field(max_length=200)] = ""
    """A litellm model string; empty: the workflow's."""
    run: dict[str, Any] = Field(default_factory=dict)
    """Keys of a run's own configuration (``trajectories``, ``tests``, ``scaffold``, ...)."""


def read_config(raw: bytes | None) -> BotConfig:
    """Return the configuration that a file's bytes say; None is a repository without one, which has the defaults.

    Raises NotConfigured, in one line, that names the key and the nearest known one.
    """
    if raw is None:
        return BotConfig()
    if len(raw) > MAX_BYTES:
        raise NotConfigured(f"{PATH} holds over {MAX_BYTES:,} bytes: shorten it")
    try:
        values = plain_yaml(decoded(raw)) or {}
    except ValueError as error:
        raise NotConfigured(f"{PATH}: {error}") from None
    if not isinstance(values, dict):
        raise NotConfigured(f"{PATH}: the top of the file must be keys and values")
    try:
        return BotConfig.model_validate(fitted({str(key): value for key, value in values.items()}, BotConfig))
    except ValidationError as error:
        raise NotConfigured(f"{PATH}: {one_line(_said(error), 300)}") from None


def _said(error: ValidationError) -> str:
    first = error.errors(include_url=False)[0]
    key = ".".join(map(str, first["loc"]))
    if first["type"] == "extra_forbidden":
        return f"unknown key {key!r}{nearest(key, _keys(BotConfig))}"
    return refused(first)


def _keys(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    """Yield every key there is, sections and what is in them."""
    for name, field in model.model_fields.items():
        yield prefix + name
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from _keys(field.annotation, f"{prefix}{name}.")
